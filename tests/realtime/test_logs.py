"""What strangers can cause as often as they like is rationed in the log."""

import logging

import pytest

from realtime import logs
from realtime.logs import Ration


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
