"""Entering and leaving a post's room, in every form that clients of this kind use."""

import json
from typing import Any

import pytest

from tests.servers import Site

from .conftest import Cast, Connect
from .reader import ids

BAD_IDS = [
    pytest.param(value, id=name)
    for name, value in {
        "nothing": None,
        "an empty string": "",
        "zero": 0,
        "negative": "-1",
        "a fraction": 1.5,
        "a truth": True,
        "a word": "first",
        "a list": [1],
        "beyond 64 bits": "9" * 30,
        "SQL": "1 OR 1=1",
        "Arabic digits": "١",
        "broken JSON": '{"postId": ',
        "an object without it": {"post": 1},
    }.items()
]


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda post_id: post_id, id="number"),
        pytest.param(str, id="string"),
        pytest.param(lambda post_id: f'"{post_id}"', id="quoted string"),
        pytest.param(lambda post_id: {"postId": post_id}, id="object"),
        pytest.param(lambda post_id: {"postId": str(post_id), "more": 1}, id="object with more"),
        pytest.param(lambda post_id: json.dumps({"postId": post_id}), id="JSON string"),
    ],
)
async def test_a_post_can_be_named_in_any_of_these_forms(
    connect: Connect, cast: Cast, post_id: int, write: Any
) -> None:
    reader = await connect(cast.owner)

    answer = await reader.ask("join_post", write(post_id))

    assert answer == {"ok": True, "postId": str(post_id), "version": 0, "kind": "snapshot"}
    comments, meta = await reader.next("load_comments")
    assert comments == []
    assert meta["postId"] == str(post_id)
    assert meta["kind"] == "snapshot"
    assert meta["version"] == 0
    assert meta["hasMore"] is False
    assert meta["state"]["canWrite"] is True


@pytest.mark.parametrize("bad_id", BAD_IDS)
async def test_what_is_no_id_is_answered_by_ack_and_event(connect: Connect, cast: Cast, bad_id: Any) -> None:
    reader = await connect(cast.owner)

    answer = await reader.ask("join_post", bad_id)

    assert answer["ok"] is False
    assert answer["code"] == "invalid"
    [error] = await reader.next("comment_error")
    assert error == {
        "code": "invalid",
        "message": answer["message"],
        "error": answer["message"],
        "event": "join_post",
    }
    await reader.settle()
    assert reader.names() == {"comment_error"}
    assert len(reader.heard) == 1


async def test_a_request_without_an_argument_is_answered(connect: Connect, cast: Cast) -> None:
    reader = await connect(cast.owner)

    answer = await reader.ask("join_post")

    assert answer["code"] == "invalid"


async def test_without_an_ack_the_event_alone_answers(connect: Connect, cast: Cast) -> None:
    reader = await connect(cast.owner)

    await reader.tell("join_post", "first")

    [error] = await reader.next("comment_error")
    assert error["code"] == "invalid"


@pytest.mark.parametrize("fields", [None, {"published_at": None}], ids=["none", "a draft"])
async def test_a_post_that_nobody_may_see_does_not_exist(
    site: Site, connect: Connect, cast: Cast, fields: dict[str, Any] | None
) -> None:
    hidden = 10**9 if fields is None else site.post(author=cast.author, **fields)
    reader = await connect(cast.owner)

    answer = await reader.ask("join_post", hidden)

    assert answer["code"] == "not_found"
    [error] = await reader.next("comment_error")
    assert error["code"] == "not_found"
    assert f"/ post_{hidden}" not in site.report()["rooms"]


async def test_a_snapshot_is_the_newest_page_oldest_first(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    site.fill(post_id, author=cast.owner, contents=[f"Comment {n}" for n in range(25)])
    reader = await connect(cast.stranger)

    comments, meta = await reader.join(post_id)

    assert [comment["content"] for comment in comments] == [f"Comment {n}" for n in range(15, 25)]
    assert meta["hasMore"] is True
    assert meta["version"] == 25


async def test_a_comment_on_the_wire_has_this_shape(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    site.fill(post_id, author=cast.owner, contents=["Some *text*"])
    reader = await connect(cast.stranger)

    [[comment], _] = await reader.join(post_id)

    assert comment.pop("createdAt").endswith("+09:00")
    assert isinstance(comment.pop("_id"), str)
    assert comment == {
        "postId": str(post_id),
        "userId": str(cast.owner.id),
        "author": {
            "name": "Omar Owner",
            "avatar": cast.owner.id % 12,
            "initials": "OO",
            "badge": None,
            "username": "owner",
        },
        "content": "Some *text*",
        "html": "<p>Some <em>text</em></p>\n",
        "parentId": None,
        "parentName": None,
        "editedAt": None,
        "status": "published",
        "version": 1,
        "reactions": {},
    }


async def test_since_a_version_only_the_changes_come(connect: Connect, cast: Cast, post_id: int) -> None:
    owner = await connect(cast.owner)
    kept = await owner.write(post_id, "kept")
    edited = await owner.write(post_id, "before")
    removed = await owner.write(post_id, "a secret")
    await owner.ask("edit_comment", {"commentId": edited["_id"], "content": "after"})
    await owner.ask("delete_comment", removed["_id"])
    new = await owner.write(post_id, "new")
    reader = await connect(cast.stranger)

    changes, meta = await reader.join(post_id, since=3)

    assert meta["kind"] == "changes"
    assert meta["version"] == 6
    assert meta["hasMore"] is False
    assert ids(changes) == [edited["_id"], removed["_id"], new["_id"]]
    assert kept["_id"] not in ids(changes)
    assert changes[0]["content"] == "after"
    assert changes[1] == {
        "_id": removed["_id"],
        "postId": str(post_id),
        "version": 5,
        "by": "author",
        "status": "removed",
    }


async def test_whoever_is_up_to_date_gets_no_changes(connect: Connect, cast: Cast, post_id: int) -> None:
    reader = await connect(cast.owner)
    await reader.write(post_id, "the only one")

    changes, meta = await reader.join(post_id, since=1)

    assert changes == []
    assert meta["kind"] == "changes"


@pytest.mark.parametrize("since", [-1, 99, 10**30])
async def test_a_version_that_never_was_gets_a_snapshot(
    connect: Connect, cast: Cast, post_id: int, since: int
) -> None:
    reader = await connect(cast.owner)
    comment = await reader.write(post_id, "the only one")

    comments, meta = await reader.join(post_id, since=since)

    assert meta["kind"] == "snapshot"
    assert ids(comments) == [comment["_id"]]


@pytest.mark.parametrize("since", ["soon", [], 0.5, "1e999"])
async def test_a_since_that_is_no_version_is_refused(
    connect: Connect, cast: Cast, post_id: int, since: Any
) -> None:
    reader = await connect(cast.owner)

    answer = await reader.ask("join_post", {"postId": post_id, "since": since})

    assert answer["code"] == "invalid"


async def test_whoever_has_left_hears_nothing_more(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    leaver = await connect(cast.stranger, join=post_id)
    stayer = await connect(cast.author, join=post_id)
    writer = await connect(cast.owner)

    answer = await leaver.ask("leave_post", str(post_id))
    await writer.write(post_id, "You cannot hear this")
    await leaver.settle()

    assert answer == {"ok": True, "postId": str(post_id)}
    await stayer.next("comment_added")
    assert leaver.all("comment_added") == []


async def test_leaving_a_room_one_is_not_in_is_answered(connect: Connect, cast: Cast, post_id: int) -> None:
    reader = await connect(cast.owner)

    answer = await reader.ask("leave_post", {"postId": post_id})

    assert answer["ok"] is True


async def test_joining_twice_gives_each_comment_once(connect: Connect, cast: Cast, post_id: int) -> None:
    reader = await connect(cast.stranger, join=post_id)
    await reader.join(post_id)
    writer = await connect(cast.owner)

    await writer.write(post_id, "Hello")
    await reader.settle()

    assert len(reader.all("comment_added")) == 1


async def test_one_connection_can_be_in_several_rooms_up_to_a_limit(
    site: Site, connect: Connect, cast: Cast
) -> None:
    posts = [site.post(author=cast.author) for _ in range(5)]
    reader = await connect(cast.stranger)
    for post_id in posts[:4]:
        await reader.join(post_id)

    refused = await reader.ask("join_post", posts[4])
    again = await reader.ask("join_post", posts[0])
    await reader.ask("leave_post", posts[0])
    after_leaving = await reader.ask("join_post", posts[4])

    assert refused["code"] == "forbidden"
    assert again["ok"] is True
    assert after_leaving["ok"] is True


async def test_rooms_do_not_hear_each_other(site: Site, connect: Connect, cast: Cast) -> None:
    here, there = site.post(author=cast.author), site.post(author=cast.author)
    reader_here = await connect(cast.stranger, join=here)
    reader_there = await connect(cast.author, join=there)
    reader_of_both = await connect(cast.stranger, join=here)
    await reader_of_both.join(there)
    writer = await connect(cast.owner)

    first = await writer.write(here, "here")
    second = await writer.write(there, "there")
    for reader in (reader_here, reader_there, reader_of_both):
        await reader.settle()

    assert ids(reader_here.all("comment_added")) == [first["_id"]]
    assert ids(reader_there.all("comment_added")) == [second["_id"]]
    assert ids(reader_of_both.all("comment_added")) == [first["_id"], second["_id"]]


async def test_every_page_back_gives_every_comment_once(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    contents = [f"Comment {n}" for n in range(34)]
    site.fill(post_id, author=cast.owner, contents=contents)
    reader = await connect(cast.stranger)
    comments, meta = await reader.join(post_id)

    more = meta["hasMore"]
    pages = 0
    while more:
        before = comments[0]["_id"]
        answer = await reader.ask("load_more", {"postId": post_id, "before": before})
        assert answer["ok"] is True
        comments = answer["comments"] + comments
        assert answer["before"] == comments[0]["_id"]
        more = answer["hasMore"]
        pages += 1

    assert pages == 3
    assert [comment["content"] for comment in comments] == contents
    assert len(set(ids(comments))) == 34


async def test_before_the_first_comment_there_is_an_empty_page(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    reader = await connect(cast.owner)

    answer = await reader.ask("load_more", {"postId": post_id, "before": 1})

    assert answer == {
        "ok": True,
        "comments": [],
        "hasMore": False,
        "hasLater": True,
        "before": None,
        "reacted": {},
    }


@pytest.mark.parametrize("request_", [{}, {"before": 1}, {"postId": 1}, "1", None])
async def test_an_incomplete_request_for_a_page_is_refused(
    connect: Connect, cast: Cast, request_: Any
) -> None:
    reader = await connect(cast.owner)

    answer = await reader.ask("load_more", request_)

    assert answer["code"] == "invalid"


async def test_a_request_nobody_knows_is_answered(connect: Connect, cast: Cast) -> None:
    reader = await connect(cast.owner)

    answer = await reader.ask("become_admin", {"userId": 1})

    assert answer["code"] == "invalid"
    [error] = await reader.next("comment_error")
    assert error["event"] == "become_admin"
