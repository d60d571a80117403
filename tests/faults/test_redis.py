"""Redis fails in each of its ways: comments go on, nearby readers see them at once, all in the end."""

import asyncio
import time

import pytest

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


def slowest(crowd: Crowd, since: float) -> float:
    """Seconds that the slowest answer took of those asked for since then."""
    return max(took for page in crowd.pages for asked_at, took in page.answers if asked_at >= since)


async def test_redis_is_killed_and_comes_back(town: Town) -> None:
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
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
        assert slowest(crowd, killed_at) < SLOW
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
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
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
        assert slowest(crowd, paused_at) < SLOW
