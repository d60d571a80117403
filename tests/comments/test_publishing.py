"""Facts leave after the commit, whole, to the right room; and never if there is no commit."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from comments import actions, moderation
from comments.models import Comment, Post, RoomState
from realtime import publish
from tests.cast import Published, again, write

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[Comment, User], object]

ACTS: dict[str, Act] = {
    "comment_added": lambda comment, _: write(comment.author, comment.post, "Another"),
    "comment_updated": lambda comment, _: actions.edit_comment(
        comment.pk, "Edited", acting_user=comment.author
    ),
    "comment_removed": lambda comment, _: actions.remove_comment(comment.pk, acting_user=comment.author),
    "comment_removed ": lambda comment, moderator: moderation.hide_comment(comment.pk, acting_user=moderator),
    "comment_updated ": lambda comment, moderator: moderation.edit_comment(
        comment.pk, "Moderated", acting_user=moderator
    ),
}
every_act = pytest.mark.parametrize("event", ACTS)


class Abandoned(Exception):
    pass


@every_act
def test_nothing_is_published_before_the_commit(
    event: str, comment: Comment, moderator: User, published: Published
) -> None:
    with transaction.atomic():
        ACTS[event](comment, moderator)
        assert published.messages == []

    [heard] = published.in_rooms
    assert heard.name == event.strip()
    assert heard.room == f"post_{comment.post_id}"
    assert heard.payload["version"] == again(comment.post).version == 2


@every_act
def test_nothing_is_published_if_the_transaction_is_abandoned(
    event: str, comment: Comment, moderator: User, published: Published
) -> None:
    with pytest.raises(Abandoned), transaction.atomic():
        ACTS[event](comment, moderator)
        raise Abandoned

    assert published.messages == []
    assert again(comment.post).version == 1


def test_a_bare_call_publishes_once_it_has_returned(post: Post, owner: User, published: Published) -> None:
    comment = write(owner, post, "Hello")

    [event] = published.events
    assert event.room == f"post_{post.pk}"
    assert event.name == "comment_added"
    assert event.payload["_id"] == str(comment.pk)


def test_a_batch_is_published_in_the_order_of_its_versions(
    post: Post, owner: User, stranger: User, published: Published
) -> None:
    actions.post_comments([actions.Draft(user.pk, post.pk, "text") for user in (owner, stranger) * 5])

    assert [event.payload["version"] for event in published.events] == list(range(1, 11))


def test_what_is_published_can_be_read_back_from_the_database(
    post: Post, owner: User, published: Published
) -> None:
    def check(message: dict[str, Any]) -> None:
        seen.append(Comment.objects.filter(post=post).count())

    seen: list[int] = []
    publish.serve_with(check)
    write(owner, post)

    assert set(seen) == {1}


@every_act
def test_nobody_elses_client_id_is_published(
    event: str, post: Post, owner: User, moderator: User, published: Published
) -> None:
    comment = write(owner, post, client_id="only-mine")
    ACTS[event](comment, moderator)
    write(owner, post, client_id="only-mine-too")

    assert len(published.in_rooms) == 3
    assert all("clientId" not in event.payload for event in published.events)
    assert all("only-mine" not in message["packet"] for message in published.messages)


@pytest.mark.parametrize("problem", [RuntimeError("no loop"), OSError("no network"), ValueError("no reason")])
def test_a_failing_publisher_does_not_fail_the_comment(
    problem: Exception, post: Post, owner: User, published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(message: dict[str, Any]) -> None:
        raise problem

    publish.serve_with(fail)
    with caplog.at_level(logging.ERROR):
        comments = [write(owner, post, "one"), write(owner, post, "two")]

    assert Comment.objects.count() == 2
    assert [comment.version for comment in comments] == [1, 2]
    assert again(post).comment_count == 2
    assert str(problem) in caplog.text


def test_one_failure_does_not_silence_the_others(
    post: Post, owner: User, published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[dict[str, Any]] = []

    def fail_once(message: dict[str, Any]) -> None:
        if message["method"] != "event":
            return
        heard.append(message)
        if len(heard) == 1:
            raise RuntimeError

    publish.serve_with(fail_once)
    actions.post_comments([actions.Draft(owner.pk, post.pk, "text")] * 3)

    assert len(heard) == 3


def test_a_process_without_sockets_publishes_into_the_void(post: Post, owner: User) -> None:
    assert write(owner, post).pk


def test_a_changed_room_state_is_told_without_a_readers_language(post: Post, published: Published) -> None:
    post.room_state = RoomState.CLOSED
    with transaction.atomic():
        post.save()
        actions.announce_post(post)
        assert published.messages == []

    [event] = published.events
    assert (event.room, event.name) == (f"post_{post.pk}", "post_state")
    assert event.payload == {
        "postId": str(post.pk),
        "state": {
            "room": "closed",
            "canWrite": False,
            "reason": "",
            "slowMode": 0,
            "holdFirst": False,
            "holds": [],
            "holdNewcomers": False,
        },
    }


@pytest.mark.parametrize("published_at", [None, timezone.now() + timedelta(days=1)])
def test_the_room_of_a_withdrawn_post_is_emptied(published_at: Any, post: Post, published: Published) -> None:
    post.published_at = published_at
    with transaction.atomic():
        post.save()
        actions.announce_post(post)
        assert published.messages == []

    [event] = published.events
    assert event.payload["state"]["canWrite"] is False
    assert published.evicted == [event.room] == [f"post_{post.pk}"]


def test_a_post_that_stays_keeps_its_room(post: Post, published: Published) -> None:
    actions.announce_post(post)

    assert published.evicted == []


def test_an_import_is_told_to_nobody_one_by_one(post: Post, owner: User, published: Published) -> None:
    old = [actions.OldComment(owner, f"Old {n}", timezone.now()) for n in range(3)]

    assert actions.import_comments(post, old) == 3
    assert published.names.count("comment_added") == 0
