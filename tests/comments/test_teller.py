"""When people are told of what was done under posts: soon, whatever stalled before or goes on beside it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from comments import teller, telling
from realtime import resting


class Database:
    """In place of `telling`: what it was asked to tell of, and how long that takes by the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[int] = []
        self.slices = 0
        self.ahead = 0.0
        self.stalls = 0.0
        monkeypatch.setattr(telling, "tell", self.tell)
        monkeypatch.setattr(telling, "tell_followers", self.tell_followers)
        monkeypatch.setattr(teller, "in_database", self.run)
        monkeypatch.setattr(teller, "time", self)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead

    async def run(self, function: Any, *given: Any) -> Any:
        return function(*given)

    def tell(self, post_ids: Iterable[int]) -> list[int]:
        self.told += post_ids
        self.ahead += self.stalls
        return []

    def tell_followers(self, post_ids: Iterable[int]) -> list[int]:
        """There is no end to those who follow."""
        self.slices += 1
        self.ahead += 0.1
        return list(post_ids)


async def wait_until_told(database: Database, number: int, within: float) -> None:
    async with asyncio.timeout(within):
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


def test_a_rest_grows_with_the_work_and_has_an_end() -> None:
    assert resting.rest_after(0.01, times=4.0) == pytest.approx(0.04)
    assert resting.rest_after(0.01, times=4.0, at_least=0.5) == 0.5
    assert resting.rest_after(1.6, times=10.0) == resting.LONGEST
