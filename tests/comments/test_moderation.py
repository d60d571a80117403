"""Moderators decide; each decision is written down with the text as it stood."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from comments import actions, moderation
from comments.models import Comment, Decision, Post, RoomState, Status, Verdict
from realtime.errors import ErrorCode, Refused
from tests.cast import a_person, again

pytestmark = pytest.mark.django_db


def edit(comment_id: int, **more: object) -> Comment:
    return moderation.edit_comment(comment_id, "Moderated", **more)  # type: ignore[arg-type]


every_verb = pytest.mark.parametrize(
    "verb",
    [moderation.hide_comment, moderation.restore_comment, moderation.remove_comment, edit],
)


# --- Outsiders -----------------------------------------------------------------------------------


@every_verb
def test_readers_cannot_moderate(
    verb: Callable[..., Comment], comment: Comment, owner: User, stranger: User, author: User
) -> None:
    for reader in (owner, stranger, author):
        assert not reader.has_perm("comments.moderate")
        with pytest.raises(Refused) as refusal:
            verb(comment.pk, acting_user=reader)
        assert refusal.value.code == ErrorCode.FORBIDDEN
    assert not Decision.objects.exists()
    assert again(comment.post).version == 1


@every_verb
def test_staff_without_the_permission_cannot_moderate(verb: Callable[..., Comment], comment: Comment) -> None:
    staff = a_person("staff", is_staff=True)
    codenames = ("view_comment", "change_comment")
    staff.user_permissions.set(Permission.objects.filter(codename__in=codenames))

    with pytest.raises(Refused) as refusal:
        verb(comment.pk, acting_user=staff)

    assert refusal.value.code == ErrorCode.FORBIDDEN


@every_verb
def test_a_moderator_who_was_switched_off_cannot_moderate(
    verb: Callable[..., Comment], comment: Comment
) -> None:
    former = a_person("former", is_staff=True, is_superuser=True, is_active=False)

    with pytest.raises(Refused) as refusal:
        verb(comment.pk, acting_user=former)

    assert refusal.value.code == ErrorCode.FORBIDDEN


@every_verb
def test_what_does_not_exist_cannot_be_moderated(verb: Callable[..., Comment], moderator: User) -> None:
    with pytest.raises(Refused) as refusal:
        verb(10**17, acting_user=moderator)

    assert refusal.value.code == ErrorCode.NOT_FOUND


# --- Decisions -----------------------------------------------------------------------------------


def test_hiding_is_a_decision_and_can_be_undone(comment: Comment, moderator: User) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator, note="rude")

    hidden = again(comment)
    assert (hidden.status, hidden.removed_by) == (Status.REJECTED, "moderator")
    assert again(comment.post).comment_count == 0

    moderation.restore_comment(comment.pk, acting_user=moderator, note="a mistake")

    restored = again(comment)
    assert (restored.status, restored.removed_by) == (Status.PUBLISHED, "")
    assert restored.content == comment.content
    assert again(comment.post).comment_count == 1
    decisions = Decision.objects.order_by("id").values_list("verdict", "note", "content")
    assert list(decisions) == [
        ("reject", "rude", comment.content),
        ("restore", "a mistake", comment.content),
    ]


def test_a_decision_says_who_and_on_what(comment: Comment, moderator: User) -> None:
    moderation.remove_comment(comment.pk, acting_user=moderator)

    decision = Decision.objects.get()
    assert decision.moderator == moderator
    assert decision.comment == comment
    assert decision.verdict == Verdict.REMOVE
    assert decision.made_at is not None
    assert again(comment).status == Status.REMOVED


def test_a_click_writes_its_comment_once(comment: Comment, moderator: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        moderation.decide([comment.pk], Verdict.REJECT, acting_user=moderator)

    table = Comment._meta.db_table
    assert len([each for each in captured if each["sql"].startswith(f'UPDATE "{table}"')]) == 1
    hidden = again(comment)
    assert (hidden.status, hidden.version) == (Status.REJECTED, again(comment.post).version)


def test_an_edit_keeps_the_text_as_it_stood(comment: Comment, moderator: User) -> None:
    before = comment.content

    moderation.edit_comment(comment.pk, "*Without* the address", acting_user=moderator)

    edited = again(comment)
    assert edited.content == "*Without* the address"
    assert "<em>Without</em>" in edited.html
    assert edited.edited_at is not None
    assert edited.author_id == comment.author_id
    assert Decision.objects.get().content == before


def test_an_edit_obeys_the_rules_of_a_comment(comment: Comment, moderator: User) -> None:
    with pytest.raises(Refused) as refusal:
        moderation.edit_comment(comment.pk, "\u200b", acting_user=moderator)

    assert refusal.value.code == ErrorCode.INVALID
    assert not Decision.objects.exists()


def test_what_changes_nothing_is_no_decision(comment: Comment, moderator: User) -> None:
    moderation.restore_comment(comment.pk, acting_user=moderator)
    moderation.edit_comment(comment.pk, comment.content, acting_user=moderator)
    moderation.hide_comment(comment.pk, acting_user=moderator)
    moderation.hide_comment(comment.pk, acting_user=moderator)

    assert [decision.verdict for decision in Decision.objects.all()] == [Verdict.REJECT]


def test_a_moderator_decides_where_nobody_may_write(comment: Comment, moderator: User) -> None:
    Post.objects.filter(pk=comment.post_id).update(room_state=RoomState.CLOSED)

    moderation.edit_comment(comment.pk, "Moderated", acting_user=moderator)
    moderation.hide_comment(comment.pk, acting_user=moderator)

    assert again(comment).status == Status.REJECTED


def test_hidden_then_removed_counts_once(comment: Comment, moderator: User) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)
    moderation.remove_comment(comment.pk, acting_user=moderator)

    assert again(comment.post).comment_count == 0
    assert again(comment).status == Status.REMOVED


def test_what_its_author_removed_can_be_restored(comment: Comment, owner: User, moderator: User) -> None:
    actions.remove_comment(comment.pk, acting_user=owner)

    moderation.restore_comment(comment.pk, acting_user=moderator)

    assert again(comment).status == Status.PUBLISHED
    assert again(comment.post).comment_count == 1


def test_a_decision_is_never_changed(comment: Comment, moderator: User) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator, note="rude")
    decision = Decision.objects.get()

    decision.note = "something else"
    with pytest.raises(TypeError):
        decision.save()

    assert again(decision).note == "rude"


def test_a_decision_outlives_its_moderator(comment: Comment, moderator: User) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)

    moderator.delete()

    assert Decision.objects.get().moderator is None


@pytest.mark.parametrize("status", [Status.REJECTED, Status.SPAM])
def test_for_its_author_a_hidden_comment_does_not_exist_either(
    comment: Comment, owner: User, status: Status
) -> None:
    Comment.objects.filter(pk=comment.pk).update(status=status)

    with pytest.raises(Refused) as editing:
        actions.edit_comment(comment.pk, "Not what was decided about", acting_user=owner)
    with pytest.raises(Refused) as removing:
        actions.remove_comment(comment.pk, acting_user=owner)

    assert editing.value.code == removing.value.code == ErrorCode.NOT_FOUND
    assert again(comment).content == comment.content
    assert again(comment).status == status
