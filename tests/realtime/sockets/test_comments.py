"""Writing, answering, editing and taking back comments, and who hears of it."""

import json
from typing import Any

import pytest

from tests.servers import Site

from .conftest import Cast, Connect
from .reader import Reader, ids

TEXTS = {
    "Korean": "안녕하세요, 반갑습니다. 댓글이에요!",
    "emoji": "👍🏽 👨‍👩‍👧‍👦 🇰🇷 ❤️",
    "markup": "<script>alert('x')</script> <b>&amp;</b> \"'`",
    "line breaks": "one\ntwo\r\n\r\nthree\n",
    "white space": "  leading and trailing  ",
    "escapes": "\\n \\u0041 \\ \t",
    "right to left": "שלום مرحبا",
    "JSON": '{"postId": 1}',
}
NO_TEXTS: dict[str, Any] = {
    "missing": ...,
    "null": None,
    "a number": 5,
    "a truth": True,
    "a list": ["Hello"],
    "an object": {"text": "Hello"},
    "empty": "",
    "blank": "  \n\t ",
    "invisible": "\u200b\u3164\u2800",
    "NUL": "a\x00b",
    "a lone surrogate": "a\ud800b",
    "bytes": b"Hello",
    "bytes within": {"content": b"Hello"},
}


async def everyone_settles(*readers: Reader) -> None:
    for reader in readers:
        await reader.settle()


# --- Writing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [pytest.param(value, id=name) for name, value in TEXTS.items()])
@pytest.mark.parametrize("as_string", [False, True], ids=["object", "JSON string"])
async def test_a_text_reaches_everyone_unchanged(
    site: Site, connect: Connect, cast: Cast, post_id: int, text: str, as_string: bool
) -> None:
    writer = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)
    request = {"postId": str(post_id), "content": text}

    answer = await writer.ask("new_comment", json.dumps(request) if as_string else request)

    assert answer["ok"] is True
    assert answer["comment"]["content"] == text
    [heard] = await observer.next("comment_added")
    assert heard["content"] == text
    assert [row["content"] for row in site.stored(post_id)] == [text]


@pytest.mark.parametrize("form", ["{0}", '"{0}"', "number"])
async def test_the_post_can_be_named_in_every_form(
    connect: Connect, cast: Cast, post_id: int, form: str
) -> None:
    writer = await connect(cast.owner)
    name = post_id if form == "number" else form.format(post_id)

    answer = await writer.ask("new_comment", {"postId": name, "content": "Hello"})

    assert answer["comment"]["postId"] == str(post_id)


async def test_sender_and_observer_each_hear_the_same_comment_once(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    sender = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)

    comment = await sender.write(post_id, "Hello")
    await everyone_settles(sender, observer)

    assert ids(sender.all("comment_added")) == [comment["_id"]]
    assert observer.all("comment_added") == sender.all("comment_added")
    assert observer.all("comment_confirmed") == []


async def test_the_sender_is_answered_once_by_ack_and_once_by_event(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    sender = await connect(cast.owner, join=post_id)

    answer = await sender.ask("new_comment", {"postId": post_id, "content": "Hello"})
    await sender.settle()

    assert sorted(answer) == ["comment", "ok"]
    assert sender.all("comment_confirmed") == [
        {"message": "Your comment is published.", "comment": answer["comment"]}
    ]
    assert sender.all("comment_error") == []


async def test_a_comment_is_confirmed_only_once_it_is_stored(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    sender = await connect(cast.owner)

    await sender.tell("new_comment", {"postId": post_id, "content": "Hello"})
    [confirmed] = await sender.next("comment_confirmed")

    assert [str(row["id"]) for row in site.stored(post_id)] == [confirmed["comment"]["_id"]]


async def test_a_comment_from_outside_the_room_is_answered(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    outsider = await connect(cast.owner)
    observer = await connect(cast.stranger, join=post_id)

    comment = await outsider.write(post_id, "From outside")
    await everyone_settles(outsider, observer)

    assert ids(observer.all("comment_added")) == [comment["_id"]]
    assert len(outsider.all("comment_confirmed")) == 1
    assert outsider.all("comment_added") == []


async def test_who_somebody_is_comes_from_the_session_alone(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    writer = await connect(cast.owner)
    claims = {
        "userId": str(cast.moderator.id),
        "user_id": cast.moderator.id,
        "author": cast.moderator.id,
        "author_id": cast.moderator.id,
        "_id": "1",
        "status": "pending",
        "version": 99,
        "createdAt": "2001-01-01T00:00:00Z",
        "html": "<script>alert()</script>",
    }

    comment = await writer.write(post_id, "Me", **claims)

    assert comment["userId"] == str(cast.owner.id)
    assert comment["author"]["name"] == "Omar Owner"
    assert comment["html"] == "<p>Me</p>\n"
    assert comment["status"] == "published"
    assert comment["version"] == 1
    assert not comment["createdAt"].startswith("2001")
    assert [row["author_id"] for row in site.stored(post_id)] == [cast.owner.id]


async def test_comments_of_one_socket_keep_their_order(connect: Connect, cast: Cast, post_id: int) -> None:
    writer = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)
    texts = [f"Comment {n}" for n in range(30)]

    for text in texts:
        await writer.tell("new_comment", {"postId": post_id, "content": text})
    await observer.next("comment_added", lambda comment: comment["content"] == texts[-1])
    await everyone_settles(writer, observer)

    heard = observer.all("comment_added")
    assert [comment["content"] for comment in heard] == texts
    assert [comment["version"] for comment in heard] == list(range(1, 31))
    assert ids(heard) == sorted(ids(heard), key=int)
    assert writer.all("comment_added") == heard
    # Answers are given side by side; the last one may come after that to a later question.
    last = heard[-1]["_id"]
    if last not in ids([confirmed["comment"] for confirmed in writer.all("comment_confirmed")]):
        await writer.next("comment_confirmed", lambda confirmed: confirmed["comment"]["_id"] == last)
    assert len(writer.all("comment_confirmed")) == 30


# --- What cannot be written --------------------------------------------------------------------


@pytest.mark.parametrize("content", [pytest.param(value, id=name) for name, value in NO_TEXTS.items()])
async def test_what_is_no_text_is_refused_once_and_reaches_nobody(
    site: Site, connect: Connect, cast: Cast, post_id: int, content: Any
) -> None:
    writer = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)
    request = {"postId": post_id} if content is ... else {"postId": post_id, "content": content}

    answer = await writer.ask("new_comment", request)
    await everyone_settles(writer, observer)

    assert answer["ok"] is False
    assert answer["code"] == "invalid"
    assert answer["message"]
    [error] = writer.all("comment_error")
    assert error == {
        "code": "invalid",
        "message": answer["message"],
        "error": answer["message"],
        "event": "new_comment",
    }
    assert writer.all("comment_confirmed") == []
    assert observer.names() <= {"load_comments", "presence"}
    assert site.stored(post_id) == []


async def test_a_text_may_be_as_long_as_the_limit_and_not_longer(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    writer = await connect(cast.owner)

    fits = await writer.ask("new_comment", {"postId": post_id, "content": f"{post_id}".ljust(200, "한")})
    too_long = await writer.ask("new_comment", {"postId": post_id, "content": "한" * 201})
    far_too_long = await writer.ask("new_comment", {"postId": post_id, "content": "x" * 500_000})

    assert fits["ok"] is True
    assert too_long["code"] == far_too_long["code"] == "too_long"
    assert "201" in too_long["message"]
    assert len(site.stored(post_id)) == 1


@pytest.mark.parametrize("request_", [None, "Hello", 5, [], "{", '{"postId": 1', {}, "null", "[]"])
async def test_a_request_in_no_known_form_is_refused(connect: Connect, cast: Cast, request_: Any) -> None:
    writer = await connect(cast.owner)

    answer = await writer.ask("new_comment", request_)

    assert answer["code"] == "invalid"


async def test_under_a_post_that_is_not_there_nothing_is_written(
    site: Site, connect: Connect, cast: Cast
) -> None:
    draft = site.post(author=cast.author, published_at=None)
    writer = await connect(cast.owner)

    for post_id in (draft, 10**9):
        answer = await writer.ask("new_comment", {"postId": post_id, "content": "Hello"})
        assert answer["code"] == "not_found"

    assert site.stored(draft) == []


@pytest.mark.parametrize(("state", "code"), [("closed", "closed"), ("read_only", "read_only")])
async def test_where_comments_are_closed_nothing_is_written(
    site: Site, connect: Connect, cast: Cast, state: str, code: str
) -> None:
    post_id = site.post(author=cast.author, room_state=state)
    writer = await connect(cast.owner)
    _, meta = await writer.join(post_id)

    answer = await writer.ask("new_comment", {"postId": post_id, "content": "Hello"})

    assert meta["state"]["canWrite"] is False
    assert answer["code"] == code
    assert site.stored(post_id) == []


async def test_in_slow_mode_the_second_comment_has_to_wait(site: Site, connect: Connect, cast: Cast) -> None:
    post_id = site.post(author=cast.author, slow_mode=60)
    writer = await connect(cast.owner)
    await writer.write(post_id, "First")

    answer = await writer.ask("new_comment", {"postId": post_id, "content": "Second"})

    assert answer["code"] == "slow_mode"
    assert 50 < answer["retryAfter"] <= 60


async def test_where_comments_are_held_only_the_writer_is_told(
    site: Site, connect: Connect, cast: Cast
) -> None:
    post_id = site.post(author=cast.author, pre_moderation=True)
    writer = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)

    comment = await writer.write(post_id, "Please publish this")
    await everyone_settles(writer, observer)

    assert comment["status"] == "pending"
    assert observer.names() <= {"load_comments", "presence"}
    again, _ = await observer.join(post_id)
    assert again == []


# --- Answering ---------------------------------------------------------------------------------


async def test_a_reply_names_its_parent(connect: Connect, cast: Cast, post_id: int) -> None:
    writer = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)
    parent = await writer.write(post_id, "Question")

    reply = await observer.write(post_id, "Answer", parentId=parent["_id"])
    await writer.settle()

    assert reply["parentId"] == parent["_id"]
    assert reply["parentName"] == "Omar Owner"
    assert writer.all("comment_added")[-1]["parentId"] == parent["_id"]


@pytest.mark.parametrize("parent", ["elsewhere", "removed", 10**9])
async def test_a_reply_to_what_is_not_there_is_refused(
    site: Site, connect: Connect, cast: Cast, post_id: int, parent: str | int
) -> None:
    writer = await connect(cast.owner)
    if parent == "elsewhere":
        other = site.post(author=cast.author)
        parent = (await writer.write(other, "Elsewhere"))["_id"]
    elif parent == "removed":
        parent = (await writer.write(post_id, "Gone"))["_id"]
        await writer.ask("delete_comment", parent)

    answer = await writer.ask("new_comment", {"postId": post_id, "content": "Answer", "parentId": parent})

    assert answer["code"] == "not_found"


@pytest.mark.parametrize("parent", ["first", 0, [], True])
async def test_a_parent_that_is_no_id_is_refused(
    connect: Connect, cast: Cast, post_id: int, parent: Any
) -> None:
    writer = await connect(cast.owner)

    answer = await writer.ask("new_comment", {"postId": post_id, "content": "Answer", "parentId": parent})

    assert answer["code"] == "invalid"


# --- Trying again ------------------------------------------------------------------------------


async def test_trying_again_gives_the_same_comment(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    writer = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)

    first = await writer.write(post_id, "Hello", clientId=f"client-{post_id}")
    again = await writer.write(post_id, "Hello", clientId=f"client-{post_id}")
    elsewhere = await connect(cast.owner)
    later = await elsewhere.write(post_id, "Hello", clientId=f"client-{post_id}")
    await everyone_settles(writer, observer)

    assert first == again == later
    assert first["clientId"] == f"client-{post_id}"
    assert ids(observer.all("comment_added")) == [first["_id"]]
    assert ids(writer.all("comment_added")) == [first["_id"]]
    assert len(writer.all("comment_confirmed")) == 2
    assert len(site.stored(post_id)) == 1


async def test_attempts_at_the_same_moment_give_one_comment(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    writer = await connect(cast.owner, join=post_id)
    request = {"postId": post_id, "content": "Hello", "clientId": f"once-{post_id}"}

    for _ in range(5):
        await writer.tell("new_comment", request)
    for _ in range(5):
        await writer.next("comment_confirmed")
    await writer.settle()

    confirmed = [answer["comment"]["_id"] for answer in writer.all("comment_confirmed")]
    assert len(confirmed) == 5
    assert len(set(confirmed)) == 1
    assert len(writer.all("comment_added")) == 1
    assert len(site.stored(post_id)) == 1


async def test_a_client_id_belongs_to_its_author_alone(connect: Connect, cast: Cast, post_id: int) -> None:
    writer = await connect(cast.owner)
    observer = await connect(cast.stranger, join=post_id)

    first = await writer.write(post_id, "Mine", clientId=f"shared-{post_id}")
    second = await observer.write(post_id, "Also mine", clientId=f"shared-{post_id}")
    await observer.settle()
    comments, _ = await observer.join(post_id)

    assert first["_id"] != second["_id"]
    assert all("clientId" not in comment for comment in observer.all("comment_added"))
    assert [comment.get("clientId") for comment in comments] == [None, f"shared-{post_id}"]


@pytest.mark.parametrize("client_id", ["", "x" * 65, 7, "tab\t", "é", "\x00", []])
async def test_a_client_id_of_a_strange_kind_is_refused(
    connect: Connect, cast: Cast, post_id: int, client_id: Any
) -> None:
    writer = await connect(cast.owner)

    answer = await writer.ask("new_comment", {"postId": post_id, "content": "Hello", "clientId": client_id})

    assert answer["code"] == "invalid"


# --- Editing and taking back -------------------------------------------------------------------


async def test_an_edit_reaches_everyone_once(connect: Connect, cast: Cast, post_id: int) -> None:
    owner = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)
    comment = await owner.write(post_id, "Befor")

    answer = await owner.ask("edit_comment", {"commentId": comment["_id"], "content": "Before"})
    await everyone_settles(owner, observer)

    assert answer["ok"] is True
    [updated] = observer.all("comment_updated")
    assert updated["_id"] == comment["_id"]
    assert updated["content"] == "Before"
    assert updated["editedAt"] is not None
    assert updated["version"] == 2
    assert owner.all("comment_updated") == [updated]


async def test_the_same_text_again_is_no_edit(connect: Connect, cast: Cast, post_id: int) -> None:
    owner = await connect(cast.owner, join=post_id)
    comment = await owner.write(post_id, "Same")

    answer = await owner.ask("edit_comment", {"commentId": comment["_id"], "content": "Same"})
    await owner.settle()

    assert answer["comment"]["version"] == 1
    assert owner.all("comment_updated") == []


async def test_an_outsider_can_see_a_comment_but_not_edit_it(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    owner = await connect(cast.owner, join=post_id)
    comment = await owner.write(post_id, "Mine")
    outsider = await connect(cast.stranger)
    visible, _ = await outsider.join(post_id)
    assert ids(visible) == [comment["_id"]]

    answer = await outsider.ask(
        "edit_comment", {"commentId": comment["_id"], "content": "Yours", "userId": cast.owner.id}
    )
    await everyone_settles(owner, outsider)

    assert answer["code"] == "forbidden"
    assert len(outsider.all("comment_error")) == 1
    assert owner.all("comment_updated") == []
    assert [row["content"] for row in site.stored(post_id)] == ["Mine"]


@pytest.mark.parametrize("content", ["", None, "x" * 201, "a\x00"])
async def test_an_edit_must_be_a_text_too(
    site: Site, connect: Connect, cast: Cast, post_id: int, content: Any
) -> None:
    owner = await connect(cast.owner)
    comment = await owner.write(post_id, "Mine")

    answer = await owner.ask("edit_comment", {"commentId": comment["_id"], "content": content})

    assert answer["ok"] is False
    assert [row["content"] for row in site.stored(post_id)] == ["Mine"]


@pytest.mark.parametrize("form", ["object", "string", "quoted", "JSON"])
async def test_taking_back_reaches_everyone_without_the_text(
    site: Site, connect: Connect, cast: Cast, post_id: int, form: str
) -> None:
    owner = await connect(cast.owner, join=post_id)
    observer = await connect(cast.stranger, join=post_id)
    comment = await owner.write(post_id, "A secret")
    id_ = comment["_id"]
    forms = {"object": {"commentId": id_}, "string": id_, "quoted": f'"{id_}"'}

    answer = await owner.ask("delete_comment", forms.get(form, json.dumps(forms["object"])))
    await everyone_settles(owner, observer)

    assert answer == {"ok": True, "commentId": id_}
    removed = {"_id": id_, "postId": str(post_id), "version": 2, "by": "author"}
    assert observer.all("comment_removed") == [removed]
    assert owner.all("comment_removed") == [removed]
    assert [row["status"] for row in site.stored(post_id)] == ["removed"]


async def test_an_outsider_can_see_a_comment_but_not_take_it_away(
    site: Site, connect: Connect, cast: Cast, post_id: int
) -> None:
    owner = await connect(cast.owner, join=post_id)
    comment = await owner.write(post_id, "Mine")
    outsider = await connect(cast.stranger)
    visible, _ = await outsider.join(post_id)
    assert ids(visible) == [comment["_id"]]

    answer = await outsider.ask("delete_comment", comment["_id"])
    await everyone_settles(owner, outsider)

    assert answer["code"] == "forbidden"
    assert owner.all("comment_removed") == []
    assert [row["status"] for row in site.stored(post_id)] == ["published"]


async def test_taking_back_twice_is_told_once(connect: Connect, cast: Cast, post_id: int) -> None:
    owner = await connect(cast.owner, join=post_id)
    comment = await owner.write(post_id, "Mine")

    first = await owner.ask("delete_comment", comment["_id"])
    second = await owner.ask("delete_comment", comment["_id"])
    await owner.settle()

    assert first["ok"] is second["ok"] is True
    assert len(owner.all("comment_removed")) == 1


async def test_what_was_taken_back_cannot_be_edited_or_tried_again(
    connect: Connect, cast: Cast, post_id: int
) -> None:
    owner = await connect(cast.owner)
    request = {"postId": post_id, "content": "Mine", "clientId": f"taken-back-{post_id}"}
    comment = (await owner.ask("new_comment", request))["comment"]
    await owner.ask("delete_comment", comment["_id"])

    edited = await owner.ask("edit_comment", {"commentId": comment["_id"], "content": "Again"})
    again = await owner.ask("new_comment", request)

    assert edited["code"] == "not_found"
    assert again["code"] == "not_found"


@pytest.mark.parametrize("event", ["edit_comment", "delete_comment"])
async def test_a_comment_that_never_was_is_not_found(connect: Connect, cast: Cast, event: str) -> None:
    owner = await connect(cast.owner)

    answer = await owner.ask(event, {"commentId": 10**9, "content": "Hello"})

    assert answer["code"] == "not_found"
