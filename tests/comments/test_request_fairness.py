"""Asking over a socket for what is one's own, and hiding and restoring under one's own posts."""

import json

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import appeals, moderation
from comments.models import Comment, Post, Status
from tests.callers import ask
from tests.cast import Published, a_post, again, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_nobody_is_told_of_anybody_elses(author: User, owner: User, stranger: User, moderator: User) -> None:
    post = a_post(author, pre_moderation=True)
    write(owner, post, "Held")
    moderation.hide_comment(write(moderator, post, "Gone").pk, acting_user=moderator)
    assert ask(owner, "own_comments", post.pk).ack["held"]

    for reader in (author, stranger):
        answer = ask(reader, "own_comments", post.pk)
        assert (answer.ack["held"], answer.ack["decided"]) == ([], [])


def test_what_is_held_comes_whole_and_what_was_decided_without_its_text(
    author: User, owner: User, moderator: User
) -> None:
    post = a_post(author, pre_moderation=True)
    held, gone = write(owner, post, "Still held", client_id="c1"), write(owner, post, "Rejected")
    moderation.hide_comment(gone.pk, acting_user=moderator, reason="hate", explanation="Why")

    answer = ask(owner, "own_comments", {"postId": post.pk})

    [first] = answer.ack["held"]
    assert (first["_id"], first["content"], first["status"]) == (str(held.pk), "Still held", "pending")
    [told] = answer.ack["decided"]
    assert (told["commentId"], told["reason"], told["canAppeal"]) == (str(gone.pk), "hate", True)
    assert told["appeal"] is None
    assert "Rejected" not in json.dumps(answer.ack)

    appeals.appeal(int(told["decisionId"]), "No.", acting_user=owner)
    [told] = ask(owner, "own_comments", post.pk).ack["decided"]
    assert told["canAppeal"] is False
    assert told["appeal"]["accepted"] is None


def test_a_post_that_readers_cannot_see_tells_nothing(author: User, owner: User) -> None:
    post = a_post(author, published_at=None)

    assert ask(owner, "own_comments", post.pk).code == "not_found"


def test_strangers_and_authors_hide_and_restore_nothing_while_the_setting_is_off(
    comment: Comment, author: User, stranger: User, moderator: User
) -> None:
    for reader in (author, stranger):
        assert ask(reader, "hide_comment", {"commentId": comment.pk, "reason": "spam"}).code == "forbidden"
    moderation.hide_comment(comment.pk, acting_user=moderator)
    for reader in (author, stranger):
        assert ask(reader, "restore_comment", comment.pk).code == "forbidden"


def test_authors_hide_and_restore_under_their_own_posts_with_the_setting(
    comment: Comment, author: User, stranger: User, settings: Settings, published: Published
) -> None:
    settings.AUTHORS_MODERATE = True
    elsewhere = write(author, a_post(stranger), "In another's room")
    payload = {"commentId": comment.pk, "reason": "off_topic", "explanation": "Bread, please."}
    assert ask(stranger, "hide_comment", payload).code == "forbidden"
    assert ask(author, "hide_comment", {"commentId": elsewhere.pk, "reason": "spam"}).code == "forbidden"

    assert ask(author, "hide_comment", payload).ok

    assert again(comment).status == Status.REJECTED
    [decision] = comment.decisions.all()
    assert (decision.moderator, decision.reason, decision.explanation) == (
        author,
        "off_topic",
        "Bread, please.",
    )
    assert ask(author, "restore_comment", {"commentId": comment.pk}).ok
    assert again(comment).status == Status.PUBLISHED
    assert [event.name for event in published.in_rooms][-2:] == ["comment_removed", "comment_added"]


def test_a_stranger_learns_nothing_of_a_hidden_comment(
    comment: Comment, stranger: User, moderator: User, settings: Settings
) -> None:
    settings.AUTHORS_MODERATE = True
    moderation.hide_comment(comment.pk, acting_user=moderator)

    assert ask(stranger, "restore_comment", comment.pk).code == "not_found"
    assert ask(stranger, "hide_comment", {"commentId": comment.pk}).code == "not_found"


def test_another_reason_has_to_be_said(
    comment: Comment, author: User, settings: Settings, post: Post
) -> None:
    settings.AUTHORS_MODERATE = True

    assert ask(author, "hide_comment", {"commentId": comment.pk, "reason": "other"}).code == "invalid"
    assert ask(author, "hide_comment", {"commentId": comment.pk, "reason": "boredom"}).code == "invalid"
