"""Messages between processes get lost, arrive twice and overtake each other; readers converge all the same.

Rooms have no heartbeat here that would repair it by and by: the versions alone and the bus's own pulse
have to show what is missing.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from realtime.bus import GROUP
from realtime.delivery import encode_event

from .conftest import Connect
from .crowd import gathered
from .machines import redis_machine
from .tap import Tap, tapped
from .town import Town, founded_town
from .visitor import Visitor

pytestmark = pytest.mark.xdist_group("faults: bus")


@pytest.fixture(scope="module")
def one_for_all() -> Iterator[tuple[Town, Tap]]:
    with (
        redis_machine() as redis,
        tapped(redis.port) as tap,
        founded_town({"HEARTBEAT_INTERVAL": "3600", "SWEEP_INTERVAL": "3600", "REDIS_URL": tap.url}) as town,
    ):
        yield town, tap


@pytest.fixture
def tapped_town(one_for_all: tuple[Town, Tap]) -> Iterator[tuple[Town, Tap]]:
    yield one_for_all
    one_for_all[1].tamper()


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
        assert verdict.problems == [], verdict.told()
        assert tap.tampered > 100
        assert verdict.catch_ups > 2 * len(crowd.pages), "nobody had anything to catch up with"


async def test_a_bus_that_is_heard_again_has_every_room_compare(tapped_town: tuple[Town, Tap]) -> None:
    town, tap = tapped_town
    async with gathered(town, [lambda: town.first.url, lambda: town.second.url], 8) as crowd:
        tap.tamper(loses=1)
        # Until everybody is deaf, and has done with comparing what an earlier loss has left to compare.
        await asyncio.sleep(4.5)
        crowd.pages[0].write("Nobody elsewhere hears this")
        crowd.pages[1].write("Nor this, and nothing else is written after it")
        await asyncio.sleep(1)
        assert len({page.room.version for page in crowd.pages}) > 1

        tap.tamper()

        verdict = await crowd.verdict(within=10)
        assert verdict.problems == [], verdict.told()


async def test_a_session_whose_end_got_lost_on_the_bus_ends_all_the_same(
    tapped_town: tuple[Town, Tap], connect: Connect
) -> None:
    town, tap = tapped_town
    person = town.first.person("leaving")
    async with Visitor(town.first, person) as visitor:
        reader = await connect(town.second, person)
        lost_before = tap.tampered
        tap.tamper(loses=1)
        await visitor.fill("/accounts/logout/")
        await asyncio.sleep(0.3)  # it is lost for good, and the outage shorter than anybody notices
        assert tap.tampered > lost_before

        tap.tamper()

        assert await reader.next("session_ended", within=4) == ({"reason": "logged_out"},)


async def test_a_session_ended_while_redis_is_away_ends_when_it_is_back(connect: Connect) -> None:
    patient = {"HEARTBEAT_INTERVAL": "3600", "SWEEP_INTERVAL": "3600"}
    with founded_town(patient, workers=(1, 1)) as town:
        person = town.first.person("leaving")
        async with Visitor(town.first, person) as visitor:
            reader = await connect(town.second, person)
            town.redis.kill()
            await visitor.fill("/accounts/logout/")
            await asyncio.to_thread(town.redis.start)

            assert await reader.next("session_ended", within=8) == ({"reason": "logged_out"},)
        await reader.close()


async def test_what_another_version_says_does_not_deafen(
    tapped_town: tuple[Town, Tap], connect: Connect
) -> None:
    """During a rolling restart messages come that this version does not know, or knows otherwise."""
    town, _ = tapped_town
    layer = RedisPubSubChannelLayer(hosts=[town.first.environment["REDIS_URL"]], prefix="postroom")
    post_id, [writer, listener] = town.post(), town.people(2)
    reader = await connect(town.second, listener)
    await reader.join(post_id)
    position = town.second.log.position
    strange: list[dict[str, Any]] = [
        {"method": "event", "room": f"post_{post_id}"},
        {"method": "event", "room": f"post_{post_id}", "namespace": "/unheard", "packet": "2[]"},
        {"method": "presence", "room": f"post_{post_id}", "people": None},
        {"method": "end"},
        {"method": "will be invented"},
        {},
    ]
    for message in strange:
        await layer.group_send(GROUP, {"type": "bus", "host": "other", "number": 1, "messages": [message]})
    await layer.group_send(GROUP, {"type": "bus", "said": "otherwise"})
    known = {"method": "event", "room": f"post_{post_id}", "namespace": "/", "more": [1], "priority": 2}
    packet = encode_event("post_version", {"postId": str(post_id), "version": 0, "more": True})
    await layer.group_send(GROUP, {"type": "bus", "messages": [{**known, "packet": packet}], "since": 3})

    [heard] = await reader.next("post_version", lambda told: "more" in told)
    assert heard["more"] is True
    author = await connect(town.first, writer)
    await author.write(post_id, "Heard on the other server")
    [comment] = await reader.next("comment_added")
    assert comment["content"] == "Heard on the other server"
    assert "Traceback" not in town.second.log.text(position)
