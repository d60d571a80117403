"""What people are, under faults: whoever stays is never said to have gone, and in the end all is as it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import count

import pytest

from realtime.statuses import GRACE, LOOK, SILENT, TICK
from tests.realtime.sockets.follower import Follower
from tests.servers import Person, Site

from .town import Town, kill_a_worker

pytestmark = pytest.mark.xdist_group("faults: statuses")

_numbers = count(1)
Come = Callable[[Person, Site], Awaitable[Follower]]
# Until a process that died without a word is missed, with time to spare for a busy machine.
MISSED = SILENT + LOOK + TICK + 15
HEALED = 20.0


@pytest.fixture
async def come(town: Town) -> AsyncIterator[Come]:
    here: list[Follower] = []

    async def open_page(person: Person, site: Site) -> Follower:
        follower = Follower(site, person)
        here.append(follower)
        return await follower.open()

    yield open_page
    for follower in here:
        await follower.close()


def friends(town: Town, number: int) -> list[Person]:
    return [town.first.person(f"friend{next(_numbers)}") for _ in range(number)]


async def fan_of(town: Town, come: Come, people: list[Person]) -> Follower:
    """Somebody at the first machine who follows all of these."""
    fan = await come(town.first.person(f"fan{next(_numbers)}"), town.first)
    for person in people:
        assert (await fan.own("follow_person", {"username": person.username}))["ok"]
    return fan


async def knows(fan: Follower, wanted: Mapping[Person, str], within: float) -> None:
    """Until a page that asks is told this of everybody they follow."""
    truth = {str(person.id): status for person, status in wanted.items()}
    said: dict[str, str] = {}
    try:
        async with asyncio.timeout(within):
            while (said := await fan.statuses()) != truth:
                await asyncio.sleep(0.3)
    except TimeoutError:
        raise AssertionError((said, truth)) from None


async def heard_last(fan: Follower, wanted: Mapping[Person, str]) -> None:
    """Whoever did not ask, but only listened, ends with the same."""
    for person, status in wanted.items():
        assert fan.changes(person)[-1] == status, (person, fan.changes(person))


async def test_who_does_not_follow_is_told_nothing_by_a_fault_either(town: Town, come: Come) -> None:
    [friend] = friends(town, 1)
    outsider = await come(town.first.person(f"outsider{next(_numbers)}"), town.first)
    await come(friend, town.second)
    town.redis.kill()
    await asyncio.sleep(1)
    town.redis.start()
    fan = await fan_of(town, come, [friend])
    await knows(fan, {friend: "online"}, HEALED)

    assert outsider.changes(friend) == []
    assert await outsider.statuses() == {}


async def test_a_worker_that_is_killed_takes_with_it_only_who_does_not_come_back(
    town: Town, come: Come
) -> None:
    stays, goes = people = friends(town, 2)
    fan = await fan_of(town, come, people)
    # Several pages each, so that both workers have some.
    pages = {person: [await come(person, town.second) for _ in range(4)] for person in people}
    await knows(fan, dict.fromkeys(people, "online"), HEALED)

    kill_a_worker(town.second)
    for page in pages[goes]:
        await page.close()
    await come(stays, town.second)

    await knows(fan, {stays: "online", goes: "offline"}, MISSED)
    await asyncio.sleep(3 * TICK)
    assert "offline" not in fan.changes(stays)[1:], fan.changes(stays)
    await heard_last(fan, {goes: "offline"})


async def test_redis_is_stopped_and_comes_back(town: Town, come: Come) -> None:
    stays, goes, comes, chooses = people = friends(town, 4)
    fan = await fan_of(town, come, people)
    staying, going, choosing = [await come(each, town.second) for each in (stays, goes, chooses)]
    before = {stays: "online", goes: "online", comes: "offline", chooses: "online"}
    await knows(fan, before, HEALED)

    town.redis.kill()
    await going.close()
    await come(comes, town.second)
    assert (await choosing.own("update_status", "away"))["ok"]
    # Longer than the grace of who went, and than a process may be silent before it counts as dead.
    await asyncio.sleep(max(GRACE, SILENT) + LOOK)
    assert (await fan.statuses())[str(stays.id)] == "online", "whoever is deaf concludes nothing"
    town.redis.start()

    after = {stays: "online", goes: "offline", comes: "online", chooses: "away"}
    await knows(fan, after, HEALED)
    await heard_last(fan, after)
    assert "offline" not in fan.changes(stays)[1:], fan.changes(stays)
    assert (await staying.own("update_status", "away"))["ok"]
    await knows(fan, after | {stays: "away"}, HEALED)


async def test_redis_hangs_for_a_while(town: Town, come: Come) -> None:
    stays, goes, comes = people = friends(town, 3)
    fan = await fan_of(town, come, people)
    await come(stays, town.second)
    going = await come(goes, town.second)
    await knows(fan, {stays: "online", goes: "online", comes: "offline"}, HEALED)

    town.redis.pause()
    try:
        await going.close()
        await come(comes, town.second)
        await asyncio.sleep(GRACE + 3 * TICK)
    finally:
        town.redis.resume()

    after = {stays: "online", goes: "offline", comes: "online"}
    await knows(fan, after, HEALED)
    await heard_last(fan, after)
    assert "offline" not in fan.changes(stays)[1:], fan.changes(stays)
