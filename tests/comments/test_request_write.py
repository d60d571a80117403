"""`new_comment`, `edit_comment` and `delete_comment`."""

from typing import Any

import pytest

from accounts.models import User
from comments import moderation
from comments.models import Comment, Post, RoomState, Status
from tests.callers import ask
from tests.cast import Published, a_post, again, write

pytestmark = pytest.mark.django_db(transaction=True)


# --- Outsiders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["edit_comment", "delete_comment"])
def test_a_stranger_changes_nobodys_comment(event: str, comment: Comment, stranger: User) -> None:
    assert comment.author_id != stranger.pk

    answer = ask(stranger, event, {"commentId": comment.pk, "content": "Mine now"})

    assert answer.code == "forbidden"
    assert (again(comment).content, again(comment).status) == (comment.content, "published")


@pytest.mark.parametrize("event", ["edit_comment", "delete_comment"])
def test_a_hidden_comment_does_not_exist(
    event: str, comment: Comment, stranger: User, moderator: User
) -> None:
    assert ask(stranger, event, {"commentId": comment.pk, "content": "x"}).code == "forbidden"
    moderation.hide_comment(comment.pk, acting_user=moderator)

    assert ask(stranger, event, {"commentId": comment.pk, "content": "x"}).code == "not_found"


@pytest.mark.parametrize(
    "forged",
    [
        {"userId": "{moderator}"},
        {"user_id": "{moderator}", "authorId": "{moderator}", "author": {"id": "{moderator}"}},
        {"acting_user": "{moderator}", "session": "x", "status": "published", "clientId": None},
    ],
)
def test_who_somebody_claims_to_be_is_ignored(
    forged: dict[str, Any], post: Post, stranger: User, moderator: User
) -> None:
    claim = {key: str(moderator.pk) if value == "{moderator}" else value for key, value in forged.items()}

    answer = ask(stranger, "new_comment", {**claim, "postId": post.pk, "content": "text"})

    assert answer.ack["comment"]["userId"] == str(stranger.pk)
    assert Comment.objects.get().author == stranger


def test_who_somebody_claims_to_be_does_not_make_a_comment_theirs(
    comment: Comment, owner: User, stranger: User
) -> None:
    claim = {"commentId": comment.pk, "content": "x", "userId": str(owner.pk)}

    assert ask(stranger, "edit_comment", claim).code == "forbidden"
    assert ask(stranger, "delete_comment", claim).code == "forbidden"


# --- New comments --------------------------------------------------------------------------------


def test_a_comment_is_confirmed_once_it_is_stored(post: Post, owner: User, published: Published) -> None:
    payload = {"postId": post.pk, "content": "Hello", "clientId": "a-client-id"}

    answer = ask(owner, "new_comment", payload)

    comment = Comment.objects.get()
    confirmed = answer.heard("comment_confirmed")[0]
    assert confirmed["comment"] == answer.ack["comment"]
    assert confirmed["message"]
    assert confirmed["comment"]["_id"] == str(comment.pk)
    assert confirmed["comment"]["clientId"] == "a-client-id"
    assert [(event.room, event.name) for event in published.events] == [(f"post_{post.pk}", "comment_added")]
    assert "clientId" not in published.events[0].payload


def test_a_repeated_attempt_gets_the_first_answer(post: Post, owner: User, published: Published) -> None:
    payload = {"postId": post.pk, "content": "Hello", "clientId": "a-client-id"}

    assert ask(owner, "new_comment", payload).ack == ask(owner, "new_comment", payload).ack
    assert Comment.objects.count() == len(published.events) == 1


def test_a_reply(comment: Comment, stranger: User) -> None:
    payload = {"postId": comment.post_id, "content": "A reply", "parentId": f'"{comment.pk}"'}

    reply = ask(stranger, "new_comment", payload).ack["comment"]

    assert (reply["parentId"], reply["parentName"]) == (str(comment.pk), "Omar Owner")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "invalid"),
        (" \n\t\u200b", "invalid"),
        ("nul \x00", "invalid"),
        ("half \ud83d", "invalid"),
        ("x" * 5001, "too_long"),
        (None, "invalid"),
        (7, "invalid"),
        (True, "invalid"),
        (["text"], "invalid"),
        ({"text": "text"}, "invalid"),
    ],
)
@pytest.mark.parametrize("event", ["new_comment", "edit_comment"])
def test_content_that_cannot_be_is_refused(
    event: str, content: Any, code: str, comment: Comment, owner: User
) -> None:
    payload = {"postId": comment.post_id, "commentId": comment.pk, "content": content}

    assert ask(owner, event, payload).code == code
    assert Comment.objects.get().content == comment.content


@pytest.mark.parametrize("event", ["new_comment", "edit_comment"])
def test_missing_content_is_refused(event: str, comment: Comment, owner: User) -> None:
    payload = {"postId": comment.post_id, "commentId": comment.pk}

    answer = ask(owner, event, payload)

    assert answer.code == "invalid"
    assert "content" in answer.ack["message"]


@pytest.mark.parametrize("client_id", ["", "x" * 65, "한글", "a\nb", "\x00", 7, ["x"], True])
def test_a_client_id_that_cannot_be_is_refused(client_id: Any, post: Post, owner: User) -> None:
    payload = {"postId": post.pk, "content": "text", "clientId": client_id}

    assert ask(owner, "new_comment", payload).code == "invalid"
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"room_state": RoomState.CLOSED}, "closed"),
        ({"room_state": RoomState.READ_ONLY}, "read_only"),
        ({"published_at": None}, "not_found"),
    ],
)
def test_where_nobody_may_write_one_is_told(
    fields: dict[str, Any], code: str, author: User, owner: User
) -> None:
    post = a_post(author, **fields)

    assert ask(owner, "new_comment", {"postId": post.pk, "content": "text"}).code == code


def test_slow_mode_says_how_long(author: User, owner: User) -> None:
    post = a_post(author, slow_mode=60)
    write(owner, post)

    answer = ask(owner, "new_comment", {"postId": post.pk, "content": "text"})

    assert answer.code == "slow_mode"
    assert 50 < answer.ack["retryAfter"] <= 60
    assert answer.told[0][1]["retryAfter"] == answer.ack["retryAfter"]


def test_a_held_comment_is_shown_to_its_author_as_waiting(
    author: User, owner: User, published: Published
) -> None:
    post = a_post(author, pre_moderation=True)

    answer = ask(owner, "new_comment", {"postId": post.pk, "content": "text"})

    assert answer.ack["comment"]["status"] == Status.PENDING
    assert "review" in answer.heard("comment_confirmed")[0]["message"]
    assert published.events == []


# --- Changing and taking away --------------------------------------------------------------------


def test_an_owner_edits(comment: Comment, owner: User, published: Published) -> None:
    answer = ask(owner, "edit_comment", {"commentId": str(comment.pk), "content": "Edited"})

    assert answer.ack["comment"]["content"] == "Edited"
    assert answer.ack["comment"]["editedAt"]
    assert published.names == ["comment_updated"]


@pytest.mark.parametrize("bare", [True, False])
def test_an_owner_removes(bare: bool, comment: Comment, owner: User, published: Published) -> None:
    payload = str(comment.pk) if bare else {"commentId": comment.pk}

    assert ask(owner, "delete_comment", payload).ack == {"ok": True, "commentId": str(comment.pk)}
    assert ask(owner, "delete_comment", payload).ok, "doing it again changes nothing"
    assert published.names == ["comment_removed"]


# --- Languages -----------------------------------------------------------------------------------


def test_answers_are_in_the_callers_language(comment: Comment, owner: User, stranger: User) -> None:
    asked = [
        (owner, "new_comment", {"postId": comment.post_id, "content": ""}),
        (owner, "new_comment", {"postId": comment.post_id, "content": "x" * 5001}),
        (owner, "new_comment", {"postId": "x", "content": "text"}),
        (owner, "new_comment", {"postId": 10**17, "content": "text"}),
        (stranger, "edit_comment", {"commentId": comment.pk, "content": "text"}),
        (owner, "no_such_event", {}),
    ]
    for user, event, payload in asked:
        english = ask(user, event, payload, language="en").ack["message"]
        korean = ask(user, event, payload, language="ko").ack["message"]
        assert english.isascii()
        assert any("가" <= letter <= "힣" for letter in korean), korean
    confirmed = ask(
        owner, "new_comment", {"postId": comment.post_id, "content": "text"}, language="ko"
    ).heard("comment_confirmed")[0]
    assert any("가" <= letter <= "힣" for letter in confirmed["message"])
