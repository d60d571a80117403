"""Moderation on three workers: a ban, a pause and decisions about many reach every socket."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.servers import Person, Site, redis_server, running_site

from .reader import Reader, ids, refusal

pytestmark = pytest.mark.xdist_group("moderation on workers")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with (
        redis_server() as redis,
        running_site(
            "serve",
            # No heartbeat comes between what is asserted here: the readers stay in more than one room.
            environment={
                "REDIS_URL": redis,
                "BUDGETS": "off",
                "HEARTBEAT_INTERVAL": "3600",
                "ORDER_WAIT": "60",
            },
            arguments=["--workers", "3"],
        ) as site,
    ):
        yield site


@pytest.fixture(scope="module")
def editor(site: Site) -> Person:
    return site.person("editor", is_staff=True, is_superuser=True)


@pytest.fixture
async def crowd(site: Site, editor: Person, request: pytest.FixtureRequest) -> AsyncIterator[list[Reader]]:
    """Eight sockets of one person, four of another: the kernel deals them out to the workers."""
    name = request.node.name
    one, other = site.person(f"one-{name}"), site.person(f"other-{name}")
    post_id = site.post(author=editor)
    readers = [Reader(site, person, "websocket") for person in [one] * 8 + [other] * 4]
    for reader in readers:
        await reader.open()
        await reader.join(post_id)
    yield readers
    for reader in readers:
        await reader.close()


async def test_a_ban_ends_every_socket_of_its_person_within_a_second_and_bars_them(
    site: Site, editor: Person, crowd: list[Reader]
) -> None:
    banned, others = crowd[:8], crowd[8:]
    person = banned[0].person
    assert person is not None

    sanction_id = site.ask_clerk(
        "sanction", user_id=person.id, by=editor.id, kind="ban", explanation="Enough of it."
    )

    async with asyncio.timeout(1):
        for reader in banned:
            [ended] = await reader.next("session_ended", within=1)
            assert ended == {"reason": "banned"}
            await reader.wait_until_closed(within=1)
    refused = await refusal(site, person, "websocket")
    assert refused["data"]["code"] == "banned"
    assert refused["data"]["sanction"]["explanation"] == "Enough of it."
    for reader in others:
        assert reader.all("session_ended") == []

    site.ask_clerk("lift", sanction_id=sanction_id, by=editor.id)
    again = Reader(site, person, "polling")
    await again.open()
    await again.close()


async def test_its_person_hears_of_a_suspension_on_every_socket(
    site: Site, editor: Person, crowd: list[Reader]
) -> None:
    person = crowd[0].person
    assert person is not None

    site.ask_clerk("sanction", user_id=person.id, by=editor.id, kind="hold_first")

    for reader in crowd[:8]:
        [told] = await reader.next("sanction_changed", within=2)
        assert (told["kind"], told["state"]) == ("hold_first", "imposed")
    await crowd[8].settle()
    assert crowd[8].all("sanction_changed") == []


async def test_a_pause_reaches_every_room_and_ends_there(
    site: Site, editor: Person, crowd: list[Reader]
) -> None:
    for on, room in ((True, "paused"), (False, "open")):
        site.ask_clerk("pause", on=on, by=editor.id)
        for reader in crowd:
            [told] = await reader.next("post_state", within=3)
            assert (told["state"]["room"], told["state"]["canWrite"]) == (room, not on)


async def test_a_room_hears_of_many_decisions_once_and_finds_the_difference(
    site: Site, editor: Person, crowd: list[Reader]
) -> None:
    post_id = site.post(author=editor)
    for reader in crowd:
        await reader.join(post_id)
    written = [await crowd[index % 8].write(post_id, f"Comment {index}") for index in range(10)]

    site.ask_clerk(
        "decide", comment_ids=[int(each["_id"]) for each in written[:9]], verdict="reject", by=editor.id
    )

    for reader in crowd:
        [told] = await reader.next("post_version", lambda told: told["postId"] == str(post_id), within=2)
        assert told == {"postId": str(post_id), "version": 19, "room": "open"}
        assert reader.all("comment_removed") == []
        changes, meta = await reader.join(post_id, since=10)
        assert ids(changes) == [each["_id"] for each in written[:9]]
        assert all("content" not in change for change in changes)
        assert meta["version"] == 19
    for reader in crowd[:8]:
        [decided] = reader.all("comments_decided")
        assert len(decided["decisions"]) == 9
    assert crowd[8].all("comments_decided") == []
    # The next change follows the nine, so no process waits for any of them.
    await crowd[8].write(post_id, "And after it")
    for reader in crowd:
        await reader.next("comment_added", lambda comment: comment["version"] == 20)
