"""The moderators' namespace on real connections: who is let in, what they hear, how it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.servers import Person, Site

from .browser import Browser
from .conftest import Cast, Connect
from .moderator import Moderator
from .reader import Reader, Transport

SWEEP = 30  # seconds: the setting's default
Come = Callable[[Person], Awaitable[Moderator]]


@pytest.fixture
async def come(site: Site, transport: Transport) -> AsyncIterator[Come]:
    here: list[Moderator] = []

    async def open_page(person: Person) -> Moderator:
        here.append(Moderator(site, person, transport))
        return await here[-1].open()

    yield open_page
    for each in here:
        await each.close()


@pytest.fixture
def colleague(site: Site) -> Person:
    person = site.person("colleague", name="Cora Colleague", is_staff=True)
    site.ask_clerk("put_in_group", user_id=person.id, name="moderators")
    return person


async def say(reader: Reader, post_id: int, text: str = "A comment") -> int:
    """Through the server itself: without Redis it hears of nobody else's writing."""
    return int((await reader.write(post_id, text))["_id"])


async def report(reader: Reader, comment_id: int, **more: str) -> None:
    answer = await reader.ask("report_comment", {"commentId": comment_id, **more})
    assert answer["ok"], answer


def write(site: Site, post_id: int, person: Person, text: str = "A comment") -> int:
    return int(site.ask_clerk("write", post_id=post_id, user_id=person.id, content=text))


def about(comment_id: int) -> Callable[..., bool]:
    return lambda said, *_: (said.get("item") or said)["id"] == str(comment_id)


# --- Outsiders -----------------------------------------------------------------------------------


async def test_a_reader_is_turned_away_and_keeps_the_readers_namespace(
    site: Site, cast: Cast, come: Come, post_id: int
) -> None:
    reader = await come(cast.stranger)

    [said] = await reader.next("turned away")

    assert said["data"]["code"] == "forbidden"
    comments, _meta = await reader.join(post_id)
    assert comments == []
    assert "let in" not in reader.names()


async def test_who_is_in_no_namespace_in_the_end_is_dropped(site: Site, cast: Cast) -> None:
    reader = Reader(site, cast.stranger, "websocket")
    cookie = {"Cookie": f"sessionid={cast.stranger.session}"}
    await reader.client.connect(
        site.url, headers=cookie, transports=["websocket"], namespaces=["/moderation"], wait=False
    )

    await reader.wait_until_closed()
    await reader.close()


async def test_readers_hear_nothing_of_the_desk(
    cast: Cast, connect: Connect, come: Come, colleague: Person, post_id: int
) -> None:
    reader = await connect(cast.stranger, join=post_id)
    moderator = await come(colleague)
    await moderator.watch("reported")
    comment_id = await say(moderator, post_id)
    await report(reader, comment_id, reason="spam", note="a secret")
    item = (await reader_heard(moderator, comment_id))["item"]
    await moderator.desk("look_at", {"commentId": item["id"]})
    await moderator.desk("decide", {"commentId": item["id"], "verdict": "approve", "seen": item["seen"]})
    await moderator.next("item_gone", about(comment_id))
    await reader.settle()

    assert "a secret" not in str(reader.heard)
    assert not reader.names() & {"item_changed", "item_gone", "queue_counts", "looking", "queue_stale"}


async def reader_heard(moderator: Moderator, comment_id: int) -> dict[str, Any]:
    [said] = await moderator.next("item_changed", about(comment_id))
    return dict(said)


# --- What moderators hear ------------------------------------------------------------------------


async def test_an_item_comes_and_goes_with_the_counters(
    cast: Cast, come: Come, colleague: Person, post_id: int
) -> None:
    one, other = await come(colleague), await come(cast.moderator)
    before = (await one.watch("reported"))["counts"]["reported"]
    await other.watch("reported")
    comment_id = await say(one, post_id, "Look at me")
    assert not one.all("item_changed"), "a new comment is in another queue"

    await report(other, comment_id, reason="harassment")

    item = (await reader_heard(one, comment_id))["item"]
    assert (item["content"], item["queues"]) == ("Look at me", ["reported", "unreviewed"])
    await other.next("queue_counts", lambda counts: counts["reported"] == before + 1)
    await other.desk("decide", {"commentId": item["id"], "verdict": "spam", "seen": item["seen"]})
    [gone] = await one.next("item_gone", about(comment_id))
    assert (gone["by"], gone["verdict"]) == ("Mo Moderator", "spam")
    await other.next("queue_counts", lambda counts: counts["reported"] == before)


async def test_only_the_queue_that_is_watched_is_heard_of(
    site: Site, cast: Cast, connect: Connect, come: Come, colleague: Person, post_id: int
) -> None:
    moderator = await come(colleague)
    await moderator.watch("unreviewed")
    assert (await moderator.desk("watch_queue", {"queue": "pending"}))["ok"]
    held_here = site.post(author=cast.author, pre_moderation=True)
    reader = await connect(cast.owner)

    await say(reader, post_id)
    held = await say(reader, held_here, "Wait")

    await reader_heard(moderator, held)
    assert [said["item"]["id"] for said in moderator.all("item_changed")] == [str(held)]


async def test_who_looks_at_an_item_is_told_and_forgotten_with_the_socket(
    site: Site, cast: Cast, come: Come, colleague: Person, post_id: int
) -> None:
    comment_id = write(site, post_id, cast.owner)
    one, other = await come(colleague), await come(cast.moderator)
    await one.watch("unreviewed")
    await other.watch("unreviewed")

    await one.desk("look_at", {"commentId": comment_id})
    [said] = await other.next("looking", about(comment_id))
    assert said["people"] == [{"id": str(colleague.id), "name": "Cora Colleague"}]
    late = await other.desk("watch_queue", {"queue": "unreviewed"})
    assert late["lookers"] == {str(comment_id): said["people"]}

    await one.close()
    [said] = await other.next("looking", about(comment_id))
    assert said["people"] == []


async def test_a_change_meanwhile_is_refused_with_what_changed(
    site: Site, cast: Cast, come: Come, colleague: Person, post_id: int
) -> None:
    comment_id = write(site, post_id, cast.owner, "Before")
    moderator = await come(colleague)
    items = (await moderator.watch("unreviewed"))["items"]
    [item] = [item for item in items if item["id"] == str(comment_id)]
    site.ask_clerk("judge", comment_id=comment_id, user_id=cast.moderator.id, verdict="spam")

    answer = await moderator.desk(
        "decide", {"commentId": comment_id, "verdict": "approve", "seen": item["seen"]}
    )

    assert (answer["ok"], answer["code"]) == (False, "conflict")
    assert answer["changed"]["by"] == "Mo Moderator"
    [refused] = await moderator.next("desk_error")
    assert refused["code"] == "conflict"
    assert site.stored(post_id)[0]["status"] == "spam"


# --- The end -------------------------------------------------------------------------------------


async def test_logging_out_ends_both_namespaces(
    site: Site, come: Come, colleague: Person, post_id: int
) -> None:
    leaving = site.session(colleague)
    moderator = await come(leaving)
    await moderator.watch("reported")

    async with Browser(site, leaving) as browser:
        await browser.submit("/accounts/logout/")

    await moderator.next("session_ended")
    await moderator.wait_until_closed()


async def test_a_permission_taken_away_ends_the_namespace_and_not_the_connection(
    site: Site, come: Come, post_id: int
) -> None:
    former = site.person("former", name="Fay Former", is_staff=True)
    site.ask_clerk("put_in_group", user_id=former.id, name="moderators")
    moderator = await come(former)
    await moderator.watch("reported")

    site.ask_clerk("put_in_group", user_id=former.id, name="moderators", inside=False)

    [said] = await moderator.next("connection_error", within=SWEEP + 5)
    assert said["code"] == "forbidden"
    await moderator.next("put out")
    _comments, meta = await moderator.join(post_id)
    assert meta["postId"] == str(post_id)
