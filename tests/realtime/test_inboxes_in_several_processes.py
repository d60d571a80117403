"""Inboxes over two machines, one of them with two workers: what is told and counted agrees everywhere."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest

from tests.servers import Person, Site, postgres_server, redis_server, running_site
from tests.tasks import patience

from .sockets.conftest import ENVIRONMENT
from .sockets.inbox import InboxTab
from .sockets.reader import WITHIN, Reader

pytestmark = pytest.mark.xdist_group("several processes")
_numbers = count(1)


@pytest.fixture(scope="module")
def sites() -> Iterator[list[Site]]:
    with ExitStack() as stack:
        environment = {
            **ENVIRONMENT,
            "DATABASE_URL": stack.enter_context(postgres_server()),
            "REDIS_URL": stack.enter_context(redis_server()),
        }
        yield [
            stack.enter_context(running_site(environment=environment, arguments=["--workers", str(workers)]))
            for workers in (2, 1)
        ]


@pytest.fixture
def owner(sites: list[Site]) -> Person:
    return sites[0].person(f"owner{next(_numbers)}", name="Omar Owner")


@pytest.fixture
def stranger(sites: list[Site]) -> Person:
    return sites[0].person(f"stranger{next(_numbers)}", name="Sue Stranger")


@pytest.fixture
async def tabs(sites: list[Site], owner: Person) -> AsyncIterator[list[InboxTab]]:
    """The owner's: three at the machine with two workers, one at the other."""
    where = [sites[0], sites[0], sites[0], sites[1]]
    tabs = [await InboxTab(site, owner).open() for site in where]
    for tab in tabs:
        await tab.next("let in")
    yield tabs
    for tab in tabs:
        await tab.close()


async def agree(tabs: list[InboxTab], unread: int) -> None:
    """Until each of the tabs was told last that so many are unread."""
    try:
        async with patience(WITHIN):
            while any(tab.unread != unread for tab in tabs):
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError([tab.unread for tab in tabs]) from None


def send(site: Site, **given: Any) -> None:
    site.ask_clerk("notify", **given)


async def test_an_outsider_hears_of_nothing_and_can_mark_nothing(
    sites: list[Site], owner: Person, stranger: Person, tabs: list[InboxTab]
) -> None:
    other = await InboxTab(sites[1], stranger).open()
    await other.next("let in")
    send(sites[0], kind="system", to_user=owner.id, about={"text": "For the owner"})
    [entry] = await tabs[0].next("notification")

    assert (await other.inbox("mark_read", entry["id"]))["code"] == "not_found"
    assert (await other.inbox("get_notifications"))["items"] == []
    assert other.all("notification") == []
    await other.close()


async def test_without_a_session_nobody_is_let_in(sites: list[Site]) -> None:
    tab = await InboxTab(sites[0], None).open()

    [refused] = await tab.next("turned away")
    assert refused["data"]["code"] == "sign_in"
    await tab.close()


async def test_what_is_told_comes_once_to_every_tab_with_one_count(
    sites: list[Site], owner: Person, tabs: list[InboxTab]
) -> None:
    for number in range(5):
        send(
            sites[number % 2],
            kind="system",
            to_user=owner.id,
            group=f"g{number}",
            about={"text": str(number)},
        )

    await agree(tabs, 5)
    send(sites[0], kind="system", to_user=owner.id, group="end", about={"text": "The end"})
    for tab in tabs:  # a count may know of what is told right after it
        await tab.next("notification", lambda entry: entry["message"] == "The end")
    await agree(tabs, 6)
    for tab in tabs:
        assert sorted(entry["message"] for entry in tab.all("notification")) == [*"01234", "The end"]


async def test_what_is_read_in_one_tab_is_read_in_all(
    sites: list[Site], owner: Person, tabs: list[InboxTab]
) -> None:
    for number in range(4):
        send(sites[0], kind="system", to_user=owner.id, group=f"g{number}", about={"text": str(number)})
    await agree(tabs, 4)
    ids = [entry["id"] for entry in tabs[0].all("notification")]

    answers = await asyncio.gather(
        *(tab.inbox("mark_read", pk) for tab, pk in zip(tabs[:3], ids[:3], strict=True))
    )

    assert all(answer["ok"] for answer in answers)
    await agree(tabs, 1)
    for tab in tabs:
        assert {marked["id"] for marked in tab.all("notification_marked_read")} == set(ids[:3])
    assert (await tabs[3].inbox("mark_all_read", {}))["unread"] == 0
    await agree(tabs, 0)


async def test_a_comment_on_one_machine_rings_on_the_other(
    sites: list[Site], owner: Person, stranger: Person, tabs: list[InboxTab]
) -> None:
    post_id = sites[0].post(author=owner)
    writer = await Reader(sites[1], stranger, "websocket").open()
    comment = await writer.write(post_id, "A comment")

    for tab in tabs:
        [entry] = await tab.next("notification")
        assert entry["kind"] == "comment"
        assert (entry["postId"], entry["commentId"]) == (str(post_id), comment["_id"])
        assert entry["message"].startswith("Sue Stranger commented on your post")
    await agree(tabs, 1)
    await writer.close()


async def test_to_all_is_heard_by_all_once_and_fetched_by_who_comes_later(
    sites: list[Site], owner: Person, stranger: Person, tabs: list[InboxTab]
) -> None:
    send(sites[1], kind="system", to_all=True, about={"text": "We are back."})
    for tab in tabs:
        [entry] = await tab.next("notification")
        assert entry["message"] == "We are back."

    later = await InboxTab(sites[0], stranger).open()
    await later.next("let in")
    found = await later.inbox("get_notifications")
    assert [item["id"] for item in found["items"]] == [entry["id"]]
    for tab in tabs:
        assert len(tab.all("notification")) == 1
    assert (await tabs[0].inbox("mark_read", entry["id"]))["ok"]
    await agree(tabs, 0)
    assert (await later.inbox("get_notifications"))["unread"] == 1
    await later.close()


async def test_a_group_hears_what_is_for_it_as_long_as_one_is_in_it(
    sites: list[Site], owner: Person, tabs: list[InboxTab]
) -> None:
    send(sites[0], kind="system", to_group="moderators", about={"text": "Not yet"})
    sites[0].ask_clerk("put_in_group", user_id=owner.id, name="moderators")
    await asyncio.sleep(0.5)
    send(sites[1], kind="system", to_group="moderators", about={"text": "Welcome"})
    for tab in tabs:
        await tab.next("notification", lambda entry: entry["message"] == "Welcome")
    sites[1].ask_clerk("put_in_group", user_id=owner.id, name="moderators", inside=False)
    await asyncio.sleep(0.5)
    send(sites[0], kind="system", to_group="moderators", about={"text": "Gone"})
    send(sites[0], kind="system", to_user=owner.id, about={"text": "The end"})

    for tab in tabs:
        await tab.next("notification", lambda entry: entry["message"] == "The end")
        assert [entry["message"] for entry in tab.all("notification")] == ["Welcome", "The end"]


async def test_what_was_missed_comes_with_the_first_page(
    sites: list[Site], owner: Person, tabs: list[InboxTab]
) -> None:
    await tabs[0].close()
    for number in range(3):
        send(sites[0], kind="system", to_user=owner.id, group=f"g{number}", about={"text": str(number)})
    await agree(tabs[1:], 3)

    back = await InboxTab(sites[1], owner).open()
    await back.next("let in")
    found = await back.inbox("get_notifications")

    assert found["unread"] == 3
    assert [item["message"] for item in found["items"]] == ["2", "1", "0"]
    tabs[0] = back
