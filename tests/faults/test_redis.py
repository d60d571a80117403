"""Redis fails in each of its ways: comments go on, nearby readers see them at once, all in the end."""

import asyncio
import time
from typing import Self

import psycopg
import pytest

from tests.tasks import end

from .crowd import Crowd, gathered
from .page import Page
from .town import Town

pytestmark = pytest.mark.xdist_group("faults: redis")

SLOW = 1.0  # seconds that no request may take because of Redis


async def seen(page: Page, content: str, within: float = SLOW) -> None:
    """Until a page shows a comment."""
    async with asyncio.timeout(within):
        while content not in {comment["content"] for comment in page.room.comments}:
            await asyncio.sleep(0.01)


class Control:
    """A stranger who writes to the same database on the same machine and knows no Redis: what holds them up,
    too, is not its fault. Use it as an async context manager."""

    def __init__(self, town: Town) -> None:
        self._url = town.database_url
        self._held_up = 0.0
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *problem: object) -> None:
        assert self._writer is not None
        await end([self._writer])

    async def _write(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as database:
            await database.execute("CREATE TABLE IF NOT EXISTS strangers (number int)")
            while True:
                began_at = time.monotonic()
                await database.execute("INSERT INTO strangers VALUES (1)")
                await asyncio.sleep(0.02)
                self._held_up = max(self._held_up, time.monotonic() - began_at)

    def slower(self, crowd: Crowd, since: float) -> float:
        """By how many seconds the slowest answer of those asked for since then took longer than whatever the
        stranger had to wait for."""
        assert self._held_up > 0
        slowest = max(took for page in crowd.pages for asked_at, took in page.answers if asked_at >= since)
        return slowest - self._held_up


async def test_redis_is_killed_and_comes_back(town: Town) -> None:
    addresses = [lambda: town.first.url, lambda: town.second.url]
    async with gathered(town, addresses, 24) as crowd, Control(town) as control:
        crowd.start_writing(12)
        await asyncio.sleep(0.5)
        connections = sum(page.connections for page in crowd.pages)

        town.redis.kill()
        killed_at = time.monotonic()
        await asyncio.sleep(0.5)
        crowd.pages[20].write("Without Redis")
        await seen(crowd.pages[22], "Without Redis")
        await asyncio.sleep(1.5)
        town.redis.start()
        await asyncio.sleep(1)

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        assert control.slower(crowd, killed_at) < SLOW
        assert verdict.connections == connections, "somebody had to reconnect"


async def test_redis_is_restarted_at_once_and_again(town: Town) -> None:
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
        crowd.start_writing(12)
        for _ in range(4):
            await asyncio.sleep(0.4)
            town.redis.kill()
            town.redis.start()

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()


async def test_redis_hangs_and_goes_on(town: Town) -> None:
    addresses = [lambda: town.first.url, lambda: town.second.url]
    async with gathered(town, addresses, 24) as crowd, Control(town) as control:
        crowd.start_writing(12)
        await asyncio.sleep(0.5)

        town.redis.pause()
        paused_at = time.monotonic()
        await asyncio.sleep(0.5)
        crowd.pages[20].write("While Redis hangs")
        await seen(crowd.pages[22], "While Redis hangs")
        far = asyncio.create_task(seen(crowd.pages[21], "While Redis hangs", within=5))
        await asyncio.sleep(3)
        await far
        town.redis.resume()

        verdict = await crowd.verdict()
        assert verdict.problems == [], verdict.told()
        assert control.slower(crowd, paused_at) < SLOW
