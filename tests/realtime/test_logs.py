"""What strangers can cause as often as they like is rationed in the log; a library's tracebacks are cut."""

import asyncio
import logging
import sys

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisIsAway

from realtime import logs
from realtime.logs import NoIds, OneLine, Ration
from realtime.server import _every


def line() -> logging.LogRecord:
    return logging.LogRecord("name", logging.WARNING, "", 0, "closed %s", ("x",), None)


def test_so_many_lines_a_minute_are_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1_000.0
    monkeypatch.setattr(logs.time, "monotonic", lambda: clock)  # type: ignore[attr-defined]
    ration = Ration(per_minute=3)
    assert [ration.filter(line()) for _ in range(5)] == [True, True, True, False, False]
    clock += 61
    first = line()
    assert ration.filter(first)
    assert first.getMessage() == "closed x (and 2 more like it before)"


def failure(problem: Exception) -> logging.LogRecord:
    try:
        raise problem
    except type(problem):
        return logging.LogRecord("name", logging.ERROR, "", 0, "it %s", ("failed",), sys.exc_info())


async def test_a_job_that_goes_on_failing_is_told_of_once_until_it_has_worked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outcomes = iter([False, False, False, True, False, False])
    over = asyncio.Event()

    async def job() -> None:
        works = next(outcomes, None)
        if works is None:
            over.set()
        elif not works:
            raise OperationalError("the database is away")

    repeating = asyncio.create_task(_every(0, job))
    await over.wait()
    repeating.cancel()

    assert [record.getMessage() for record in caplog.records] == [
        "a repeated job failed: the database is away"
    ] * 2


def test_a_redis_that_is_away_takes_one_line() -> None:
    record = failure(RedisIsAway("100 %s away"))
    assert OneLine().filter(record)
    shown = logging.Formatter().format(record)
    assert shown == "it failed: ConnectionError: 100 %s away"


def test_any_other_failure_keeps_its_traceback() -> None:
    record = failure(KeyError("ours"))
    assert OneLine().filter(record)
    assert "Traceback" in logging.Formatter().format(record)


def test_a_line_about_a_request_does_not_hold_the_id_of_its_connection() -> None:
    record = logging.LogRecord(
        "name", logging.INFO, "", 0, "HTTP %s", ("GET /socket.io/?EIO=4&sid=abc%1&t=1 200",), None
    )
    assert NoIds().filter(record)
    assert record.getMessage() == "HTTP GET /socket.io/?EIO=4&sid=…&t=1 200"
