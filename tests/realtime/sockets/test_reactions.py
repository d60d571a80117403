"""Reactions over the wire: who hears what, together and in order."""

import asyncio

from tests.servers import Site

from .conftest import Cast, Connect
from .reader import Reader


def told(reader: Reader) -> list[str]:
    """The names of what somebody has heard; who is here is told when there is time for it."""
    return [name for name, _ in reader.heard if name != "presence"]


async def test_everyone_in_the_room_hears_the_counts_and_only_oneself_whose_they_are(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    writer = await connect(cast.owner, join=post_id)
    reader = await connect(cast.stranger, join=post_id)
    comment = await writer.write(post_id, "Hello")

    answer = await reader.ask("react", {"commentId": comment["_id"], "emoji": "👍", "on": True})
    for each in (writer, reader):
        await each.settle()

    counts = {"postId": str(post_id), "commentId": comment["_id"], "reactions": {"👍": 1}, "version": 2}
    assert answer == {
        "ok": True,
        "commentId": comment["_id"],
        "reactions": {"👍": 1},
        "version": 2,
        "own": ["👍"],
    }
    assert writer.all("comment_reacted") == reader.all("comment_reacted") == [counts]
    assert writer.all("own_reactions") == []
    assert reader.all("own_reactions") == [
        {"postId": str(post_id), "commentId": comment["_id"], "emojis": ["👍"]}
    ]


async def test_a_crowd_that_reacts_at_once_is_counted_right_and_told_in_order(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    writer = await connect(cast.owner, join=post_id)
    comment = await writer.write(post_id, "Hello")
    people = [site.person(f"crowd-{post_id}-{number}") for number in range(12)]
    readers = [await connect(person, join=post_id) for person in people]

    async def react(reader: Reader, emoji: str) -> None:
        answer = await reader.ask("react", {"commentId": comment["_id"], "emoji": emoji, "on": True})
        assert answer["ok"] is True

    await asyncio.gather(*(react(reader, emoji) for reader in readers for emoji in ("👍", "🎉")))
    await writer.settle()

    heard = writer.all("comment_reacted")
    assert [event["version"] for event in heard] == list(range(2, 2 + len(heard)))
    assert heard[-1]["reactions"] == {"👍": 12, "🎉": 12}
    late = await connect(cast.stranger)
    await late.tell("join_post", {"postId": post_id, "since": 1})
    [comments, meta] = await late.next("load_comments")
    assert [row["reactions"] for row in comments] == [{"👍": 12, "🎉": 12}]
    assert meta["version"] == heard[-1]["version"]
    assert meta["reacted"] == {}


async def test_who_is_muted_hears_nothing(connect: Connect, cast: Cast, post_id: int) -> None:
    muted = await connect(cast.owner, join=post_id)
    reader = await connect(cast.stranger, join=post_id)
    await muted.write(post_id, "Hello")
    await muted.settle()
    before = told(muted)

    answer = await reader.ask("mute_person", {"userId": cast.owner.id, "on": True})
    await muted.settle()

    assert answer == {"ok": True, "userId": str(cast.owner.id), "on": True}
    assert told(muted) == before
    assert reader.all("person_muted") == [{"userId": str(cast.owner.id), "name": "Omar Owner", "on": True}]
    await reader.ask("mute_person", {"userId": cast.owner.id, "on": False})
