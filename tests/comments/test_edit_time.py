"""For how long readers may change what they wrote: `EDIT_MINUTES`."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from comments import actions, moderation, rules
from comments.models import Comment, CommentRevision, Post
from realtime.errors import ErrorCode, Refused
from tests.callers import ask
from tests.cast import again, sitting_at, write

pytestmark = pytest.mark.django_db


def age(comment: Comment, **ago: float) -> Comment:
    """As if it had been written so long ago."""
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(**ago))
    return Comment.objects.select_related("post").get(pk=comment.pk)


@pytest.fixture
def old(comment: Comment) -> Comment:
    return age(comment, minutes=61)


def edit_page(comment: Comment) -> str:
    return reverse("comments:edit", args=[comment.pk])


# --- Outsiders -----------------------------------------------------------------------------------


def test_to_a_stranger_it_makes_no_difference(old: Comment, stranger: User) -> None:
    assert old.author_id != stranger.pk

    with pytest.raises(Refused) as refusal:
        actions.edit_comment(old.pk, "Mine now", acting_user=stranger)

    assert refusal.value.code == ErrorCode.FORBIDDEN


# --- The action ----------------------------------------------------------------------------------


def test_within_the_time_an_owner_edits(comment: Comment, owner: User) -> None:
    age(comment, minutes=59)

    actions.edit_comment(comment.pk, "Changed", acting_user=owner)

    assert again(comment).content == "Changed"


def test_after_it_an_edit_is_refused_and_says_why(old: Comment, owner: User) -> None:
    with pytest.raises(Refused) as refusal:
        actions.edit_comment(old.pk, "Changed", acting_user=owner)

    assert refusal.value.code == ErrorCode.TOO_LATE
    assert "60 minutes" in str(refusal.value.message)
    assert again(old).content == old.content
    assert not CommentRevision.objects.exists()


def test_the_same_text_again_is_accepted_still(old: Comment, owner: User) -> None:
    assert actions.edit_comment(old.pk, old.content, acting_user=owner).edited_at is None


def test_an_edit_does_not_begin_the_time_anew(comment: Comment, owner: User) -> None:
    age(comment, minutes=59)
    actions.edit_comment(comment.pk, "Changed", acting_user=owner)
    age(comment, minutes=61)

    with pytest.raises(Refused, match=ErrorCode.TOO_LATE):
        actions.edit_comment(comment.pk, "Changed again", acting_user=owner)


def test_zero_minutes_set_no_end(comment: Comment, owner: User, settings: Settings) -> None:
    settings.EDIT_MINUTES = 0
    age(comment, days=400)

    actions.edit_comment(comment.pk, "Changed", acting_user=owner)

    assert again(comment).content == "Changed"


def test_staff_have_no_end(post: Post, moderator: User) -> None:
    own = age(write(moderator, post, "House rules"), days=400)

    actions.edit_comment(own.pk, "New house rules", acting_user=moderator)

    assert again(own).content == "New house rules"


def test_moderators_change_old_comments_as_ever(old: Comment, moderator: User) -> None:
    moderation.edit_comment(old.pk, "Without the address", acting_user=moderator)

    assert again(old).content == "Without the address"


def test_taking_away_has_no_end(old: Comment, owner: User) -> None:
    assert actions.remove_comment(old.pk, acting_user=owner).status == "removed"


def test_it_ends_to_the_minute(owner: User, settings: Settings) -> None:
    settings.EDIT_MINUTES = 5
    now = timezone.now()

    assert rules.is_editable(owner, now - timedelta(minutes=5) + timedelta(seconds=1), now)
    assert not rules.is_editable(owner, now - timedelta(minutes=5), now)
    assert rules.edit_ends(owner, now) == now + timedelta(minutes=5)


# --- The socket ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_socket_is_told_the_code(comment: Comment, owner: User) -> None:
    age(comment, minutes=61)

    answer = ask(owner, "edit_comment", {"commentId": comment.pk, "content": "Changed"})

    assert answer.code == "too_late"
    assert "That time is over." in answer.ack["message"]


# --- The pages -----------------------------------------------------------------------------------


def test_the_word_edit_is_offered_as_long_as_it_is_of_use(comment: Comment, owner: User) -> None:
    client = sitting_at(owner)
    assert f'href="{edit_page(comment)}"' in page_of(client, comment)

    age(comment, minutes=61)

    assert f'href="{edit_page(comment)}"' not in page_of(client, comment)
    assert reverse("comments:delete", args=[comment.pk]) in page_of(client, comment)


def test_the_page_for_it_says_until_when(comment: Comment, owner: User) -> None:
    assert "Can be changed until" in sitting_at(owner).get(edit_page(comment)).content.decode()


def test_too_late_the_page_leads_back_and_says_why(old: Comment, owner: User) -> None:
    answer = sitting_at(owner).get(edit_page(old), follow=True)

    assert "That time is over." in answer.content.decode()
    assert answer.redirect_chain[0] == (old.get_absolute_url(), 302)


def test_a_form_that_comes_too_late_keeps_its_text(old: Comment, owner: User) -> None:
    answer = sitting_at(owner).post(edit_page(old), {"content": "A long change"})

    assert answer.status_code == 422
    assert "That time is over." in answer.content.decode()
    assert "A long change" in answer.content.decode()
    assert again(old).content == old.content


@pytest.mark.parametrize(("minutes", "shown"), [(60, "60"), (0, "0")])
def test_the_page_tells_the_scripts(
    comment: Comment, owner: User, settings: Settings, minutes: int, shown: str
) -> None:
    settings.EDIT_MINUTES = minutes

    assert f'data-edit-minutes="{shown}"' in page_of(sitting_at(owner), comment)


def page_of(client: Client, comment: Comment) -> str:
    return client.get(comment.post.get_absolute_url()).content.decode()
