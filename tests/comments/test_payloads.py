"""Comments on the wire: camelCase keys, ids as strings, times with the site's offset."""

import json
import re
from datetime import UTC, datetime

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import actions, moderation
from comments.events import (
    CommentPayload,
    badge_of,
    change_payload,
    comment_payload,
    page_payload,
    removed_payload,
)
from comments.models import Comment, Post
from tests.cast import again, write

pytestmark = pytest.mark.django_db


def test_a_comment_on_the_wire(comment: Comment) -> None:
    payload = comment_payload(comment)

    assert set(payload) == set(CommentPayload.__annotations__) - {"clientId", "parentIsDeleted", "room"}
    assert payload["_id"] == str(comment.pk)
    assert payload["postId"] == str(comment.post_id)
    assert payload["userId"] == str(comment.author_id)
    assert payload["author"]["name"] == "Omar Owner"
    assert payload["author"]["initials"] == "OO"
    assert payload["content"] == "What the owner wrote"
    assert payload["html"].strip() == "<p>What the owner wrote</p>"
    assert payload["parentId"] is payload["parentName"] is payload["editedAt"] is None
    assert (payload["status"], payload["version"]) == ("published", 1)


def test_times_carry_the_sites_offset(comment: Comment, settings: Settings) -> None:
    assert settings.TIME_ZONE == "Asia/Seoul"
    comment.created_at = datetime(2026, 3, 1, 15, 30, 5, 123456, tzinfo=UTC)

    assert comment_payload(comment)["createdAt"] == "2026-03-02T00:30:05.123+09:00"


def test_an_edited_comment_says_when(comment: Comment, owner: User) -> None:
    edited = actions.edit_comment(comment.pk, "Edited", acting_user=owner)

    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00", str(comment_payload(edited)["editedAt"])
    )


def test_a_reply_names_what_it_answers_as_long_as_it_is_there(
    comment: Comment, stranger: User, moderator: User
) -> None:
    reply = write(stranger, comment.post, "A reply", parent_id=comment.pk)
    payload = comment_payload(again(reply))
    assert (payload["parentId"], payload["parentName"]) == (str(comment.pk), "Omar Owner")

    moderation.hide_comment(comment.pk, acting_user=moderator)

    payload = comment_payload(again(reply))
    assert (payload["parentId"], payload["parentName"]) == (str(comment.pk), None)


def test_a_client_id_goes_to_its_author_only(post: Post, owner: User, stranger: User) -> None:
    comments = [write(owner, post, client_id="mine"), write(stranger, post, client_id="hers")]

    assert [p.get("clientId") for p in page_payload(comments, owner.pk)] == ["mine", None]
    assert [p.get("clientId") for p in page_payload(comments, stranger.pk)] == [None, "hers"]
    assert "clientId" not in comment_payload(comments[0])


def test_a_comment_without_a_client_id_has_no_such_key(comment: Comment) -> None:
    assert "clientId" not in comment_payload(comment, for_author=True)


def test_authors_and_moderators_wear_badges(post: Post, author: User, owner: User, moderator: User) -> None:
    assert [badge_of(user, post) for user in (author, owner, moderator)] == [
        "author",
        None,
        "moderator",
    ]


def test_a_tombstone_says_nothing_but_that_it_is_one(comment: Comment, moderator: User) -> None:
    hidden = moderation.hide_comment(comment.pk, acting_user=moderator)

    assert removed_payload(hidden) == {
        "_id": str(comment.pk),
        "postId": str(comment.post_id),
        "version": 2,
        "by": "moderator",
    }
    assert change_payload(hidden, comment.author_id) == {
        **removed_payload(hidden),
        "status": "removed",
    }


def test_markup_and_emoji_survive_the_wire(post: Post, owner: User) -> None:
    content = "</script> \u2028 👩‍👩‍👧 안녕 \"'\\"

    payload = json.loads(json.dumps(comment_payload(write(owner, post, content))))

    assert payload["content"] == content
