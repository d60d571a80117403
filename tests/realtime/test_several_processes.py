"""Two server processes of two workers each, with PostgreSQL and Redis between them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from tests.servers import Person, Site, postgres_server, redis_server, running_site

from .sockets.browser import Browser
from .sockets.conftest import ENVIRONMENT
from .sockets.raw import RawWebSocket, frames_until_closed
from .sockets.reader import Reader, ids

pytestmark = pytest.mark.xdist_group("several processes")


@pytest.fixture(scope="module")
def sites() -> Iterator[list[Site]]:
    """Two machines, as it were, each with two workers, on one database and one Redis."""
    with ExitStack() as stack:
        environment = {
            **ENVIRONMENT,
            "ORDER_WAIT": "60",  # however busy this machine is
            "DATABASE_URL": stack.enter_context(postgres_server()),
            "REDIS_URL": stack.enter_context(redis_server()),
        }
        yield [
            stack.enter_context(running_site(environment=environment, arguments=["--workers", "2"]))
            for _ in range(2)
        ]


@pytest.fixture(scope="module")
def owner(sites: list[Site]) -> Person:
    return sites[0].person("owner")


@pytest.fixture
async def readers(sites: list[Site], owner: Person) -> AsyncIterator[list[Reader]]:
    """Three readers on each machine, so that both workers of one are likely to have some."""
    readers = [await Reader(site, owner, "websocket").open() for site in sites for _ in range(3)]
    yield readers
    for reader in readers:
        await reader.close()


async def test_everybody_everywhere_hears_each_comment_once(
    sites: list[Site], owner: Person, readers: list[Reader]
) -> None:
    post_id = sites[0].post(author=owner)
    for reader in readers:
        await reader.join(post_id)

    comments = [await readers[n % len(readers)].write(post_id, f"Comment {n}") for n in range(12)]

    for reader in readers:
        for _ in comments:
            await reader.next("comment_added")
        assert ids(reader.all("comment_added")) == ids(comments)


async def test_what_several_write_at_once_is_heard_in_one_order(
    sites: list[Site], owner: Person, readers: list[Reader]
) -> None:
    post_id = sites[0].post(author=owner)
    for reader in readers:
        await reader.join(post_id)

    async def write(reader: Reader) -> None:
        for number in range(20):
            await reader.write(post_id, f"Comment {number}")

    await asyncio.gather(*map(write, readers))

    for reader in readers:
        await reader.next("comment_added", lambda comment: comment["version"] == 20 * len(readers))
        versions = [comment["version"] for comment in reader.all("comment_added")]
        logs = "\n".join(site.log.text() for site in sites)
        assert versions == list(range(1, 20 * len(readers) + 1)), f"{versions}\n{logs}"


async def test_logging_out_on_one_machine_closes_the_sockets_of_the_other(
    sites: list[Site], owner: Person, readers: list[Reader]
) -> None:
    leaving = sites[0].session(owner)
    elsewhere = [await Reader(sites[1], leaving, "websocket").open() for _ in range(3)]

    async with Browser(sites[0], leaving) as browser:
        await browser.submit("/accounts/logout/")

    for reader in elsewhere:
        await reader.next("session_ended", within=2)
        await reader.wait_until_closed()
        await reader.close()
    assert all(reader.client.connected for reader in readers)


async def test_a_cookie_that_postgresql_cannot_read_is_refused_like_any_other(sites: list[Site]) -> None:
    raw = RawWebSocket(sites[0], {"Cookie": 'sessionid="\\000"'})
    position = sites[0].log.position
    await raw.open()

    await raw.send("40")

    [error, *_] = await frames_until_closed(raw)
    assert '"sign_in"' in str(error)
    assert "Traceback" not in sites[0].log.text(position)


@pytest.mark.parametrize("text", ["한국어 👍🏽", "a\x00b", "a\ud800b"])
async def test_a_text_is_stored_unchanged_or_refused(
    sites: list[Site], owner: Person, readers: list[Reader], text: str
) -> None:
    post_id = sites[0].post(author=owner)

    answer = await readers[0].ask("new_comment", {"postId": post_id, "content": text})

    if answer["ok"]:
        assert [row["content"] for row in sites[0].stored(post_id)] == [text]
    else:
        assert answer["code"] == "invalid"


async def test_who_types_is_told_on_every_machine(sites: list[Site], owner: Person) -> None:
    post_id = sites[0].post(author=owner)
    people = [site.person(f"typist{number}", name=f"Reader {number}") for number, site in enumerate(sites)]
    watching = [await Reader(site, owner, "websocket").open() for site in sites for _ in range(2)]
    typing = [
        await Reader(site, person, "websocket").open() for site, person in zip(sites, people, strict=True)
    ]
    try:
        for reader in (*watching, *typing):
            await reader.join(post_id)
        for reader in typing:
            await reader.tell("typing", {"postId": post_id, "on": True})
        for reader in watching:
            [said] = await reader.next("user_typing", lambda said: said["count"] == 2)
            assert sorted(said["names"]) == ["Reader 0", "Reader 1"]
        for reader, other in zip(typing, ("Reader 1", "Reader 0"), strict=True):
            [said] = await reader.next("user_typing")
            assert said == {"postId": str(post_id), "count": 1, "names": [other]}
        await typing[0].close()
        for reader in watching:
            await reader.next("user_typing", lambda said: said["names"] == ["Reader 1"])
        # Nobody hears of the other any more; it ends by itself.
        for reader in watching:
            await reader.next("user_typing", lambda said: said["count"] == 0, within=12)
    finally:
        for reader in (*watching, *typing):
            await reader.close()


async def test_whoever_deletes_their_account_is_gone_everywhere(
    sites: list[Site], owner: Person, readers: list[Reader]
) -> None:
    post_id = sites[0].post(author=owner)
    leaving = sites[0].person("leaving")
    theirs = [await Reader(site, leaving, "websocket").open() for site in sites for _ in range(2)]
    for number in range(3):
        await theirs[0].write(post_id, f"Comment {number}")
    for reader in readers:
        await reader.join(post_id)

    sites[1].ask_clerk("delete_account", user_id=leaving.id, fate="remove")

    for reader in theirs:
        assert await reader.next("session_ended") == ({"reason": "deleted"},)
        await reader.wait_until_closed()
        await reader.close()
    for reader in readers:
        [heard] = await reader.next("post_version", lambda told: told["version"] == 6)
        assert heard["postId"] == str(post_id)
