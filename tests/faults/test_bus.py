"""Messages between processes get lost, arrive twice and overtake each other; readers converge all the same.

Rooms have no heartbeat here that would repair it by and by: the versions alone and the bus's own pulse
have to show what is missing.
"""

import asyncio
from collections.abc import Iterator

import pytest

from .crowd import gathered
from .machines import redis_machine
from .tap import Tap, tapped
from .town import Town, founded_town

pytestmark = pytest.mark.xdist_group("faults: bus")


@pytest.fixture(scope="module")
def tapped_town() -> Iterator[tuple[Town, Tap]]:
    with (
        redis_machine() as redis,
        tapped(redis.port) as tap,
        founded_town({"HEARTBEAT_INTERVAL": "3600", "REDIS_URL": tap.url}) as town,
    ):
        yield town, tap


async def test_readers_converge_whatever_the_bus_does(tapped_town: tuple[Town, Tap]) -> None:
    town, tap = tapped_town
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 24) as crowd:
        tap.tamper(loses=0.3, doubles=0.2, delays=0.3)
        crowd.start_writing(12)
        await asyncio.sleep(4)
        await crowd.stop_writing()
        tap.tamper()
        await asyncio.sleep(0.7)  # what was delayed has arrived
        crowd.pages[0].write("The last word of the first server")
        crowd.pages[1].write("The last word of the second")

        verdict = await crowd.verdict()
        assert verdict.problems == []
        assert tap.tampered > 100
        assert verdict.catch_ups > 2 * len(crowd.pages), "nobody had anything to catch up with"


async def test_a_bus_that_is_heard_again_has_every_room_compare(tapped_town: tuple[Town, Tap]) -> None:
    town, tap = tapped_town
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 8) as crowd:
        tap.tamper(loses=1)
        crowd.pages[0].write("Nobody elsewhere hears this")
        crowd.pages[1].write("Nor this, and nothing else is written after it")
        await asyncio.sleep(4.5)
        assert len({page.room.version for page in crowd.pages}) > 1

        tap.tamper()

        verdict = await crowd.verdict(within=5)
        assert verdict.problems == []
