"""Readers change and take away their own comments, and nobody else's."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import User
from comments import actions, moderation
from comments.models import Comment, Decision, Post, RoomState, Status
from realtime.errors import ErrorCode, Refused
from tests.cast import a_post, again, write

pytestmark = pytest.mark.django_db

Verb = Callable[[int, User], Comment]


def edit(comment_id: int, user: User) -> Comment:
    return actions.edit_comment(comment_id, "Changed", acting_user=user)


def remove(comment_id: int, user: User) -> Comment:
    return actions.remove_comment(comment_id, acting_user=user)


both = pytest.mark.parametrize("verb", [edit, remove])


def refused(verb: Verb, comment_id: int, user: User) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        verb(comment_id, user)
    return refusal.value.code


# --- Outsiders -----------------------------------------------------------------------------------


@both
def test_somebody_elses_comment_is_forbidden(verb: Verb, comment: Comment, stranger: User) -> None:
    assert comment.author_id != stranger.pk
    before = again(comment)

    assert refused(verb, comment.pk, stranger) == ErrorCode.FORBIDDEN
    assert again(comment).content == before.content
    assert again(comment).status == Status.PUBLISHED
    assert again(comment.post).version == before.version


@both
def test_not_even_a_moderator_acts_by_the_readers_verbs(
    verb: Verb, comment: Comment, moderator: User
) -> None:
    assert moderator.has_perm("comments.change_comment")

    assert refused(verb, comment.pk, moderator) == ErrorCode.FORBIDDEN


@both
def test_somebody_elses_hidden_comment_does_not_exist(
    verb: Verb, comment: Comment, stranger: User, moderator: User
) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)

    assert refused(verb, comment.pk, stranger) == ErrorCode.NOT_FOUND
    assert refused(verb, 10**17, stranger) == ErrorCode.NOT_FOUND


@both
def test_under_a_post_that_was_taken_back_there_is_nothing(verb: Verb, comment: Comment, owner: User) -> None:
    Post.objects.filter(pk=comment.post_id).update(published_at=None)

    assert refused(verb, comment.pk, owner) == ErrorCode.NOT_FOUND


# --- Editing -------------------------------------------------------------------------------------


def test_an_owner_edits(comment: Comment, owner: User) -> None:
    before = timezone.now()

    actions.edit_comment(comment.pk, "Now **bold**", acting_user=owner)

    edited = again(comment)
    assert edited.content == "Now **bold**"
    assert "<strong>bold</strong>" in edited.html
    assert edited.edited_at >= before
    assert edited.created_at == comment.created_at
    assert again(comment.post).comment_count == 1


def test_the_same_text_again_is_no_edit(comment: Comment, owner: User) -> None:
    actions.edit_comment(comment.pk, comment.content, acting_user=owner)

    assert again(comment).edited_at is None


@pytest.mark.parametrize(
    ("content", "code"),
    [("", ErrorCode.INVALID), ("x" * 5001, ErrorCode.TOO_LONG), ("\x00", ErrorCode.INVALID)],
)
def test_an_edit_obeys_the_rules_of_a_new_comment(
    comment: Comment, owner: User, content: str, code: ErrorCode
) -> None:
    with pytest.raises(Refused) as refusal:
        actions.edit_comment(comment.pk, content, acting_user=owner)

    assert refusal.value.code == code
    assert again(comment).content == comment.content


@pytest.mark.parametrize(
    ("state", "code"),
    [(RoomState.CLOSED, ErrorCode.CLOSED), (RoomState.READ_ONLY, ErrorCode.READ_ONLY)],
)
def test_where_nobody_may_write_nobody_may_edit(
    comment: Comment, owner: User, state: RoomState, code: ErrorCode
) -> None:
    Post.objects.filter(pk=comment.post_id).update(room_state=state)

    assert refused(edit, comment.pk, owner) == code


def test_a_removed_comment_cannot_be_edited(comment: Comment, owner: User) -> None:
    remove(comment.pk, owner)

    assert refused(edit, comment.pk, owner) == ErrorCode.NOT_FOUND


def test_an_owner_edits_a_held_comment_and_it_stays_held(author: User, owner: User) -> None:
    held = write(owner, a_post(author, pre_moderation=True))

    edit(held.pk, owner)

    assert (again(held).content, again(held).status) == ("Changed", Status.PENDING)
    assert again(held.post).version == 0


# --- Removing ------------------------------------------------------------------------------------


def test_an_owner_removes(comment: Comment, owner: User) -> None:
    remove(comment.pk, owner)

    removed = again(comment)
    assert (removed.status, removed.removed_by) == (Status.REMOVED, "author")
    assert again(comment.post).comment_count == 0
    assert removed.content == comment.content, "the row stays for the record"


def test_an_owner_removes_where_nobody_may_write(comment: Comment, owner: User) -> None:
    Post.objects.filter(pk=comment.post_id).update(room_state=RoomState.CLOSED)

    remove(comment.pk, owner)

    assert again(comment).status == Status.REMOVED


def test_removing_twice_is_once(comment: Comment, owner: User) -> None:
    remove(comment.pk, owner)
    remove(comment.pk, owner)

    assert again(comment.post).comment_count == 0
    assert again(comment.post).version == 2


def test_an_owners_acts_are_no_decisions(comment: Comment, owner: User) -> None:
    edit(comment.pk, owner)
    remove(comment.pk, owner)

    assert not Decision.objects.exists()


def test_a_post_cannot_count_below_zero(comment: Comment, owner: User) -> None:
    Post.objects.filter(pk=comment.post_id).update(comment_count=0)

    with pytest.raises(DatabaseError):
        remove(comment.pk, owner)
