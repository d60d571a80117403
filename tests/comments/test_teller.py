"""When people are told of what was done under posts: soon, whatever stalled before or goes on beside it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError

from comments import teller, telling
from realtime import resting
from tests.tasks import patience


class Database:
    """In place of `telling`: what it was asked to tell of, and how long that takes by the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[int] = []
        self.slices = 0
        self.ahead = 0.0
        self.stalls = 0.0
        self.is_away = False
        self.attempts = 0
        self.broken: set[int] = set()
        monkeypatch.setattr(telling, "tell", self.tell)
        monkeypatch.setattr(telling, "tell_followers", self.tell_followers)
        monkeypatch.setattr(teller, "in_database", self.run)
        monkeypatch.setattr(teller, "time", self)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead

    async def run(self, function: Any, *given: Any) -> Any:
        self.attempts += 1
        if self.is_away:
            raise OperationalError("the connection is lost")
        return function(*given)

    def tell(self, post_ids: Iterable[int]) -> list[int]:
        for post_id in post_ids:
            if post_id in self.broken:
                raise DatabaseError("this one cannot be told of")
            self.told.append(post_id)
        self.ahead += self.stalls
        return []

    def tell_followers(self, post_ids: Iterable[int]) -> list[int]:
        """There is no end to those who follow."""
        self.slices += 1
        self.ahead += 0.1
        return list(post_ids)


async def wait_until_told(database: Database, number: int, within: float) -> None:
    async with patience(within):
        while len(database.told) < number:
            await asyncio.sleep(0.01)


async def test_a_stall_does_not_silence_what_comes_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(monkeypatch)
    database.stalls = 30.0  # a lock, or the process was frozen
    tells = teller.Teller()
    tells.hint(1)
    await wait_until_told(database, 1, within=1.0)

    tells.hint(2)
    await wait_until_told(database, 2, within=resting.LONGEST + 1.0)

    assert database.told == [1, 2]


async def test_what_concerns_one_person_does_not_wait_for_a_mass(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(monkeypatch)
    tells = teller.Teller()
    tells.hint(1)
    await wait_until_told(database, 1, within=1.0)

    tells.hint(2)
    await wait_until_told(database, 2, within=teller.PAUSE + 1.0)

    assert 1 <= database.slices <= 6  # each rests after itself, too


async def test_what_could_not_be_told_while_the_database_was_away_is_told_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody looks for it here: that comes only every half minute."""
    database = Database(monkeypatch)
    database.is_away = True
    tells = teller.Teller()
    for post_id in (1, 2, 3):
        tells.hint(post_id)
    async with patience(30.0):
        while database.attempts < 6:  # of both kinds of turns
            await asyncio.sleep(0.01)

    database.is_away = False
    await wait_until_told(database, 3, within=30.0)

    assert sorted(database.told) == [1, 2, 3]
    assert caplog.text.count("notifications could not be written") == 2


async def test_a_post_that_cannot_be_told_of_keeps_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resting, "LAST_AGAIN", 0.02)
    monkeypatch.setattr(teller, "PAUSE", 0.02)
    database = Database(monkeypatch)
    database.broken = {1, 3}
    tells = teller.Teller()
    for post_id in (1, 2, 3, 4):
        tells.hint(post_id)
    await wait_until_told(database, 2, within=30.0)
    assert set(database.told) == {2, 4}

    database.broken = set()
    async with patience(30.0):
        while set(database.told) != {1, 2, 3, 4}:
            await asyncio.sleep(0.01)


async def test_a_post_that_another_process_has_is_not_asked_for_without_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = []

    def is_held(post_ids: Iterable[int]) -> list[int]:
        turns.append(database.monotonic())
        return list(post_ids)

    database = Database(monkeypatch)
    monkeypatch.setattr(telling, "tell_followers", is_held)
    teller.Teller().hint(1)
    async with patience(30.0):
        while len(turns) < 5:
            await asyncio.sleep(0.01)

    assert turns[4] - turns[0] >= 4 * teller.FOLLOWERS_PAUSE - 0.02


def test_the_pauses_of_those_who_try_again_grow_and_have_an_end() -> None:
    assert [resting.again_after(failures) for failures in (1, 2, 3, 4, 5, 10_000)] == [0.25, 0.5, 1, 2, 2, 2]


def test_a_rest_grows_with_the_work_and_has_an_end() -> None:
    assert resting.rest_after(0.01, times=4.0) == pytest.approx(0.04)
    assert resting.rest_after(0.01, times=4.0, at_least=0.5) == 0.5
    assert resting.rest_after(1.6, times=10.0) == resting.LONGEST
