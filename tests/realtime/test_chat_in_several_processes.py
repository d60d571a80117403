"""The chat over two machines, one of them with two workers: everybody hears everything once, in order."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from itertools import count

import pytest

from tests.servers import Person, Site, postgres_server, redis_server, running_site
from tests.tasks import patience

from .sockets.chatter import Chatter
from .sockets.conftest import ENVIRONMENT
from .sockets.reader import WITHIN

pytestmark = pytest.mark.xdist_group("several processes")
_numbers = count(1)


@pytest.fixture(scope="module")
def sites() -> Iterator[list[Site]]:
    with ExitStack() as stack:
        environment = {
            **ENVIRONMENT,
            "ORDER_WAIT": "60",  # however busy this machine is
            "DATABASE_URL": stack.enter_context(postgres_server()),
            "REDIS_URL": stack.enter_context(redis_server()),
        }
        yield [
            stack.enter_context(running_site(environment=environment, arguments=["--workers", str(workers)]))
            for workers in (2, 1)
        ]


@pytest.fixture
def people(sites: list[Site]) -> list[Person]:
    return [sites[0].person(f"person{next(_numbers)}", name=f"Person {number}") for number in range(4)]


@pytest.fixture
def room(sites: list[Site]) -> str:
    slug: str = sites[0].ask_clerk("room")["slug"]
    return slug


@pytest.fixture
async def chatters(sites: list[Site], people: list[Person]) -> AsyncIterator[list[Chatter]]:
    """One of each, three at the machine with two workers."""
    where = [sites[0], sites[0], sites[0], sites[1]]
    chatters = [await Chatter(site, person).open() for site, person in zip(where, people, strict=True)]
    for chatter in chatters:
        await chatter.next("let in")
    yield chatters
    for chatter in chatters:
        await chatter.close()


async def agree(chatters: list[Chatter], event: str, number: int) -> list[list[str]]:
    """What each has heard, once all have heard so much."""
    try:
        async with patience(WITHIN):
            while any(len(chatter.all(event)) < number for chatter in chatters):
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError([len(chatter.all(event)) for chatter in chatters]) from None
    return [[heard["_id"] for heard in chatter.all(event)] for chatter in chatters]


async def test_whoever_is_not_in_a_room_hears_nothing_of_it(
    chatters: list[Chatter], people: list[Person], room: str
) -> None:
    inside, outside = chatters[0], chatters[3]
    await inside.enter(room)
    await inside.say("In here", room=room)
    sent = await inside.write_to(people[1], "Between us")

    [heard] = await chatters[1].next("private_message")
    assert heard["_id"] == sent["_id"]
    await outside.enter("lobby")
    await inside.say("In the lobby", room="lobby")
    [loud] = await outside.next("chat_message")
    assert loud["content"] == "In the lobby"
    assert "In here" not in str(outside.heard)
    assert "Between us" not in str(outside.heard)


async def test_all_hear_all_messages_once_and_in_one_order(chatters: list[Chatter], room: str) -> None:
    for chatter in chatters:
        await chatter.enter(room)

    await asyncio.gather(
        *(chatter.say(f"{number} of {each}", room=room) for each, chatter in enumerate(chatters)
          for number in range(10))
    )  # fmt: skip

    heard = await agree(chatters, "chat_message", 40)
    assert all(each == heard[0] for each in heard)
    assert heard[0] == sorted(heard[0], key=int)


async def test_who_comes_and_goes_is_told_on_all_machines(
    chatters: list[Chatter], people: list[Person], room: str
) -> None:
    first, *others = chatters
    await first.enter(room)
    await asyncio.sleep(1.2)
    for other in others:
        await other.enter(room)

    for _ in others:
        await first.next("user_joined", within=WITHIN)
    assert {told["name"] for told in first.all("user_joined")} == {"Person 1", "Person 2", "Person 3"}
    await chatters[3].close()
    [left] = await first.next("user_left", within=2 * WITHIN)
    assert (left["name"], left["count"]) == ("Person 3", 3)
    await asyncio.sleep(1)
    assert len(first.all("user_joined")) == 3
    assert len(first.all("user_left")) == 1


async def test_who_only_looks_on_hears_of_all_machines(
    sites: list[Site], chatters: list[Chatter], people: list[Person], room: str
) -> None:
    """Nobody else is in the room on their own machine; the lobby's guests hear how many there are there."""
    first, alone = chatters[0], chatters[3]
    await alone.enter(room, only="presence")
    await first.enter(room)
    [joined] = await alone.next("user_joined")
    await first.chat("leave_room", room)
    [left] = await alone.next("user_left")
    assert (joined["name"], joined["count"]) == (left["name"], left["count"] + 1) == ("Person 0", 1)

    guest = await Chatter(sites[1], people[3]).open()
    try:
        await guest.next("let in")
        await first.enter()
        await guest.next("room_count", lambda told: told["names"] == ["Person 0"])
        await first.chat("leave_room", "lobby")
        await guest.next("room_count", lambda told: told["names"] == [])
    finally:
        await guest.close()


async def test_a_reload_is_no_flicker(
    sites: list[Site], chatters: list[Chatter], people: list[Person], room: str
) -> None:
    first, second = chatters[0], chatters[1]
    await first.enter(room)
    await second.enter(room)
    await first.next("user_joined")

    await second.close()
    back = await Chatter(sites[1], people[1]).open()
    await back.next("let in")
    await back.enter(room)
    await asyncio.sleep(4)

    assert len(first.all("user_joined")) == 1
    assert first.all("user_left") == []
    await back.close()


async def test_a_private_message_reaches_every_tab_on_every_machine(
    sites: list[Site], chatters: list[Chatter], people: list[Person]
) -> None:
    tabs = [await Chatter(site, people[1]).open() for site in (sites[0], sites[0], sites[1])]
    for tab in tabs:
        await tab.next("let in")

    await chatters[3].write_to(people[1], "To all of you")

    for tab in [*tabs, chatters[1], chatters[3]]:
        [heard] = await tab.next("private_message")
        assert heard["content"] == "To all of you"
        assert len(tab.all("private_message")) == 1
    for tab in tabs:
        await tab.close()


async def test_who_types_is_told_across_machines(chatters: list[Chatter], room: str) -> None:
    await chatters[0].enter(room)
    await chatters[3].enter(room)

    await chatters[3].chat("typing", {"on": True})

    [typing] = await chatters[0].next("user_typing")
    assert typing["names"] == ["Person 3"]


async def test_a_moderators_decision_and_the_rooms_state_reach_all(
    sites: list[Site], chatters: list[Chatter], people: list[Person], room: str
) -> None:
    moderator = sites[0].person("moderator", name="Mo", is_staff=True, is_superuser=True)
    joined = [await chatter.enter(room) for chatter in chatters]
    message = await chatters[0].say("Buy watches", room=room)

    sites[0].ask_clerk("judge", comment_id=int(message["_id"]), user_id=moderator.id, verdict="spam")
    sites[0].verb("set_room", int(joined[0]["postId"]), by=moderator, room_state="closed")

    for chatter in chatters:
        [removed] = await chatter.next("message_removed")
        assert (removed["_id"], removed["by"]) == (message["_id"], "moderator")
        [state] = await chatter.next("room_state")
        assert state["state"]["room"] == "closed"
