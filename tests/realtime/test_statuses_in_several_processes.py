"""What people are is one thing, whichever of the processes their pages are in, and whichever of them die."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest

from realtime.statuses import GRACE, LOOK, SILENT, TICK
from tests.servers import Person, Site, postgres_server, redis_server, running_site
from tests.tasks import patience

from .sockets.conftest import ENVIRONMENT
from .sockets.follower import Follower

pytestmark = pytest.mark.xdist_group("several processes")

_numbers = count(1)
Come = Callable[..., Awaitable[Follower]]
# Until a process that died without a word is missed, with some time to spare for a busy machine.
MISSED = SILENT + LOOK + TICK + 10


@pytest.fixture(scope="module")
def sites() -> Iterator[list[Site]]:
    """Two machines with one process each, on one database and one Redis."""
    with ExitStack() as stack:
        environment = {
            **ENVIRONMENT,
            "DATABASE_URL": stack.enter_context(postgres_server()),
            "REDIS_URL": stack.enter_context(redis_server()),
        }
        yield [stack.enter_context(running_site(environment=environment)) for _ in range(2)]


@pytest.fixture
def friend(sites: list[Site]) -> Person:
    return sites[0].person(f"friend{next(_numbers)}")


@pytest.fixture
async def come(sites: list[Site]) -> AsyncIterator[Come]:
    here: list[Follower] = []

    async def open_page(person: Person, machine: int) -> Follower:
        follower = Follower(sites[machine], person)
        here.append(follower)
        return await follower.open()

    yield open_page
    for follower in here:
        await follower.close()


@pytest.fixture
async def fan(sites: list[Site], come: Come, friend: Person) -> Follower:
    """Somebody at the first machine who follows the friend."""
    person = sites[0].person(f"fan{next(_numbers)}")
    follower = await come(person, 0)
    assert (await follower.own("follow_person", {"username": friend.username}))["ok"]
    await follower.next("friend_status_changed")
    return follower


async def test_whoever_does_not_follow_hears_nothing_from_another_machine(
    sites: list[Site], come: Come, fan: Follower, friend: Person
) -> None:
    outsider = await come(sites[0].person(f"outsider{next(_numbers)}"), 0)
    await come(friend, 1)

    await fan.sees(friend, "online")
    assert outsider.changes(friend) == []


async def test_three_tabs_on_two_machines_are_online_once_and_offline_once(
    come: Come, fan: Follower, friend: Person
) -> None:
    tabs = [await come(friend, machine) for machine in (0, 1, 1)]
    await fan.sees(friend, "online")
    for tab in tabs:
        await asyncio.sleep(2 * TICK)
        await tab.close()

    await fan.sees(friend, "offline", within=GRACE + 5)
    assert fan.changes(friend) == ["offline", "online", "offline"]


async def test_a_move_to_the_other_machine_is_no_news(come: Come, fan: Follower, friend: Person) -> None:
    tab = await come(friend, 0)
    await fan.sees(friend, "online")
    await tab.close()
    await come(friend, 1)
    await asyncio.sleep(GRACE + 3 * TICK)

    assert fan.changes(friend) == ["offline", "online"]


async def test_what_is_chosen_holds_on_both(come: Come, fan: Follower, friend: Person) -> None:
    here, there = await come(friend, 0), await come(friend, 1)
    await fan.sees(friend, "online")

    await there.own("update_status", "invisible")
    assert (await fan.sees(friend, "offline", within=GRACE + 5))["lastSeen"] is not None
    assert await here.next("own_status") == ({"status": "invisible", "isShown": True},)

    await here.own("update_status", "online")
    await fan.sees(friend, "online")
    assert await fan.statuses() == {str(friend.id): "online"}


async def test_whoever_moves_on_one_machine_is_not_away(come: Come, fan: Follower, friend: Person) -> None:
    here, there = await come(friend, 0), await come(friend, 1)
    await fan.sees(friend, "online")
    await there.own("update_status", {"idle": True})
    await asyncio.sleep(3 * TICK)
    assert fan.changes(friend) == ["offline", "online"]

    await here.own("update_status", {"idle": True})
    await fan.sees(friend, "away")


async def test_a_follow_decided_on_the_other_machine_counts_here(
    sites: list[Site], come: Come, fan: Follower
) -> None:
    another = sites[0].person(f"friend{next(_numbers)}")
    assert fan.person is not None
    elsewhere = await come(fan.person, 1)
    assert (await elsewhere.own("follow_person", {"username": another.username}))["ok"]
    await fan.next("person_followed")

    await come(another, 1)

    await fan.sees(another, "online")


async def test_a_machine_that_starts_learns_who_is_here_and_one_that_dies_is_missed(
    sites: list[Site], come: Come, fan: Follower, friend: Person
) -> None:
    """Killed without a chance to say anything: SIGKILL to it and all that belongs to it."""
    stays = sites[0].person(f"stays{next(_numbers)}")
    assert (await fan.own("follow_person", {"username": stays.username}))["ok"]
    theirs = [await come(friend, 1), await come(stays, 1)]
    await fan.sees(friend, "online")
    assert (await fan.statuses())[str(stays.id)] == "online"

    sites[1].kill()
    for each in theirs:
        await each.close()
    back = await come(stays, 0)

    told = await fan.sees(friend, "offline", within=MISSED)
    assert told["lastSeen"] is not None
    assert fan.changes(stays) == ["offline", "online"], "they were back before anybody missed them"
    again = await come(friend, 0)
    await fan.sees(friend, "online")

    sites[1].start()
    assert fan.person is not None
    elsewhere = await come(fan.person, 1)
    async with patience(10):
        while await elsewhere.statuses() != {str(friend.id): "online", str(stays.id): "online"}:
            await asyncio.sleep(0.2)
    await back.close()
    await again.close()
