"""Following people and hearing what they are, over real sockets of one process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import pytest

from realtime.statuses import GRACE
from tests.servers import Person, Site

from .browser import Browser
from .follower import Follower
from .reader import Transport

_numbers = count(1)
Come = Callable[..., Awaitable[Follower]]


@pytest.fixture
def friend(site: Site) -> Person:
    """Somebody of this test's own, whom `fan` follows."""
    return site.person(f"friend-s{next(_numbers)}", name="Fay Friend")


@pytest.fixture
def somebody(site: Site) -> Person:
    return site.person(f"fan-s{next(_numbers)}", name="Fred Fan")


@pytest.fixture
async def come(site: Site) -> AsyncIterator[Come]:
    here: list[Follower] = []

    async def open_page(person: Person | None, transport: Transport = "websocket") -> Follower:
        follower = Follower(site, person, transport)
        here.append(follower)
        return await follower.open()

    yield open_page
    for follower in here:
        await follower.close()


async def following(come: Come, fan: Person, *people: Person, transport: Transport = "websocket") -> Follower:
    follower = await come(fan, transport)
    for person in people:
        answer = await follower.own("follow_person", {"username": person.username})
        assert answer["ok"], answer
        await follower.next("friend_status_changed")
    return follower


# --- Outsiders -----------------------------------------------------------------------------------


async def test_without_a_session_there_is_nothing_to_hear(site: Site, come: Come) -> None:
    nobody = await come(None)

    [refused] = await nobody.next("turned away")
    assert refused["data"]["code"] == "sign_in"


async def test_whoever_does_not_follow_somebody_hears_nothing_of_them(
    come: Come, friend: Person, somebody: Person, site: Site
) -> None:
    fan = await following(come, somebody, friend)
    outsider = await come(site.person(f"outsider-s{next(_numbers)}"))

    await come(friend)

    await fan.sees(friend, "online")
    assert await outsider.statuses() == {}
    assert outsider.changes(friend) == []


async def test_what_somebody_is_cannot_be_asked_for_by_their_number(
    come: Come, friend: Person, somebody: Person
) -> None:
    await come(friend)
    outsider = await come(somebody)

    answer = await outsider.own("get_statuses", {"userId": friend.id, "userIds": [friend.id]})
    assert answer["ok"]
    [told] = await outsider.next("friend_statuses")
    assert told == {"statuses": []}


# --- What followers hear --------------------------------------------------------------------------


async def test_a_friend_is_online_away_invisible_and_back(
    come: Come, friend: Person, somebody: Person, transport: Transport
) -> None:
    fan = await following(come, somebody, friend, transport=transport)
    theirs, another = await come(friend), await come(friend)
    await fan.sees(friend, "online")

    answer = await theirs.own("update_status", "away")  # as a textbook has it
    assert answer == {"ok": True, "status": "away", "isShown": True}
    assert await another.next("own_status") == ({"status": "away", "isShown": True},)
    assert (await fan.sees(friend, "away"))["lastSeen"] is None

    await another.own("update_status", {"status": "invisible"})
    told = await fan.sees(friend, "offline", within=GRACE + 5)
    assert told["lastSeen"] is not None
    assert set(told) == {"userId", "status", "lastSeen"}
    assert await fan.statuses() == {str(friend.id): "offline"}

    await theirs.own("update_status", {"status": "online"})
    await fan.sees(friend, "online")
    assert fan.changes(friend) == ["offline", "online", "away", "offline", "online"]


async def test_whoever_does_not_move_is_away_and_nothing_of_it_is_kept(
    come: Come, friend: Person, somebody: Person
) -> None:
    fan = await following(come, somebody, friend)
    theirs = await come(friend)
    await fan.sees(friend, "online")

    assert await theirs.own("update_status", {"idle": True}) == {"ok": True, "idle": True}
    await fan.sees(friend, "away")
    another = await come(friend)
    await fan.sees(friend, "online")
    answer = await another.own("get_statuses", {})
    assert answer["status"] == "online"


async def test_three_tabs_are_offline_once_after_a_grace_and_a_reload_is_nothing(
    come: Come, friend: Person, somebody: Person
) -> None:
    fan = await following(come, somebody, friend)
    tabs = [await come(friend) for _ in range(3)]
    await fan.sees(friend, "online")
    await tabs[0].close()
    tabs[0] = await come(friend)
    for tab in tabs:
        await tab.close()

    told = await fan.sees(friend, "offline", within=GRACE + 5)
    assert told["lastSeen"] is not None
    assert fan.changes(friend) == ["offline", "online", "offline"]


async def test_whoever_stops_following_hears_no_more(come: Come, friend: Person, somebody: Person) -> None:
    fan, other_tab = await following(come, somebody, friend), await come(somebody)
    await fan.own("follow_person", {"userId": friend.id, "on": False})
    await other_tab.next("person_followed", lambda told: told["on"] is False)

    theirs = await come(friend)
    watcher = await following(come, theirs.site.person(f"watcher-s{next(_numbers)}"), friend)
    await theirs.own("update_status", {"status": "away"})
    await watcher.sees(friend, "away")

    assert fan.changes(friend) == ["offline"]


# --- Who is not to be seen ------------------------------------------------------------------------


async def test_whoever_is_not_to_be_named_is_never_here(site: Site, come: Come, somebody: Person) -> None:
    shy = site.person(f"shy-s{next(_numbers)}", is_shown=False)
    open_ = site.person(f"open-s{next(_numbers)}")
    fan = await following(come, somebody, shy, open_)

    await come(shy)
    await come(open_)

    await fan.sees(open_, "online")
    assert (await fan.statuses())[str(shy.id)] == "offline"
    assert fan.changes(shy) == ["offline"]


async def test_whoever_is_invisible_is_neither_counted_in_a_room_nor_named(
    site: Site, come: Come, friend: Person, somebody: Person, post_id: int
) -> None:
    watching, theirs = await come(somebody), await come(friend)
    for each in (watching, theirs):
        await each.join(post_id)
    await watching.next("presence", lambda told: "Fay Friend" in told["names"])

    await theirs.own("update_status", {"status": "invisible"})

    [told] = await watching.next("presence", lambda told: "Fay Friend" not in told["names"])
    assert told["count"] == 1
    await theirs.tell("typing", {"postId": post_id, "on": True})
    await watching.tell("typing", {"postId": post_id, "on": True})
    await asyncio.sleep(0.5)
    assert all("Fay Friend" not in each["names"] for each in watching.all("user_typing"))


async def test_whoever_is_invisible_is_so_from_the_first_moment(
    come: Come, friend: Person, somebody: Person
) -> None:
    theirs = await come(friend)
    await theirs.own("update_status", {"status": "invisible"})
    await theirs.close()
    fan = await following(come, somebody, friend)

    theirs = await come(friend)
    await asyncio.sleep(2.5)
    assert fan.changes(friend) == ["offline"]
    assert (await theirs.own("get_statuses", {}))["status"] == "invisible"


async def test_whoever_is_muted_hears_the_same(
    site: Site, come: Come, friend: Person, somebody: Person
) -> None:
    fan, theirs = await following(come, somebody, friend), await come(friend)
    await fan.sees(friend, "online")
    site.verb("mute", somebody.id, on=True, by=friend)

    await theirs.own("update_status", {"status": "away"})

    await fan.sees(friend, "away")
    assert await fan.statuses() == {str(friend.id): "away"}


async def test_a_page_of_somebody_without_javascript_says_the_same(
    site: Site, come: Come, friend: Person, somebody: Person
) -> None:
    fan = await following(come, somebody, friend)
    await come(friend)
    await fan.sees(friend, "online")

    async with Browser(site, somebody) as browser:
        assert f'data-status="online" data-status-of="{friend.id}"' in await browser.read("/following/")
        token = await browser.token("/following/")
        await browser.post("/accounts/status/", token, status="invisible")
    assert (await fan.own("get_statuses", {}))["status"] == "invisible"
