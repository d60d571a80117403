"""Every text that a comment had is kept for moderators, and shown to nobody else."""

import json

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from comments import actions, moderation
from comments.models import Comment, CommentRevision, Verdict
from tests.callers import ask
from tests.cast import Published, again, sitting_at

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "What the owner wrote"


@pytest.fixture
def edited(comment: Comment, owner: User) -> Comment:
    return actions.edit_comment(comment.pk, "Second thoughts", acting_user=owner)


def earlier(comment: Comment) -> list[str]:
    return list(comment.revisions.order_by("id").values_list("content", flat=True))


# --- Outsiders -----------------------------------------------------------------------------------


def test_no_reader_is_shown_an_earlier_text(
    edited: Comment, owner: User, stranger: User, author: User, published: Published
) -> None:
    assert earlier(edited) == [FIRST]
    for reader in (None, owner, stranger, author):
        client = sitting_at(reader)
        for path in (
            edited.post.get_absolute_url(),
            edited.get_absolute_url(),
            f"/comments/{edited.pk}/edit/",
        ):
            assert FIRST not in client.get(path, follow=True).content.decode()
    for reader in (owner, stranger, author):
        told = [
            ask(reader, "join_post", edited.post_id),
            ask(reader, "join_post", {"postId": edited.post_id, "since": 0}),
            ask(reader, "load_more", {"postId": edited.post_id, "before": edited.pk + 1}),
            ask(reader, "own_comments", edited.post_id),
        ]
        assert FIRST not in json.dumps([[each.ack, each.told] for each in told], default=str)
    actions.edit_comment(edited.pk, "Third thoughts", acting_user=owner)
    assert "Third thoughts" in str(published.messages)
    assert "Second thoughts" not in str(published.messages)


def test_no_reader_comes_to_the_pages_that_show_them(edited: Comment, owner: User, stranger: User) -> None:
    for reader in (None, owner, stranger):
        client = sitting_at(reader)
        for path in (
            reverse("desk:item", args=[edited.pk]),
            reverse("admin:comments_comment_change", args=[edited.pk]),
        ):
            assert FIRST not in client.get(path, follow=True).content.decode()


# --- What is kept --------------------------------------------------------------------------------


def test_each_edit_keeps_the_text_before_it(comment: Comment, owner: User) -> None:
    for content in ("Second thoughts", "Third thoughts", "Third thoughts", "Fourth thoughts"):
        actions.edit_comment(comment.pk, content, acting_user=owner)

    assert earlier(comment) == [FIRST, "Second thoughts", "Third thoughts"]
    first, second, _third = comment.revisions.order_by("id")
    assert (first.written_at, first.replaced_by) == (comment.created_at, owner)
    assert first.written_at < first.replaced_at == second.written_at < second.replaced_at


def test_what_moderators_change_and_take_back_is_kept_as_well(comment: Comment, moderator: User) -> None:
    moderation.edit_comment(comment.pk, "Tidied up", acting_user=moderator)
    decision = comment.decisions.get(verdict=Verdict.EDIT)
    moderation.undo(decision.pk, acting_user=moderator)

    assert earlier(comment) == [FIRST, "Tidied up"]
    assert set(comment.revisions.values_list("replaced_by", flat=True)) == {moderator.pk}
    assert again(comment).content == FIRST


def test_an_edit_that_fails_keeps_nothing(comment: Comment, owner: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.edit_comment(comment.pk, "Second thoughts", acting_user=owner)
        raise RuntimeError("the rest of the transaction")

    assert earlier(comment) == []
    assert again(comment).content == FIRST


def test_a_new_comment_keeps_nothing(comment: Comment) -> None:
    assert not CommentRevision.objects.exists()


def test_what_was_taken_away_keeps_its_record(edited: Comment, owner: User) -> None:
    actions.remove_comment(edited.pk, acting_user=owner)

    assert earlier(edited) == [FIRST]


# --- Who sees it ---------------------------------------------------------------------------------


def test_the_desk_shows_earlier_texts(edited: Comment, moderator: User) -> None:
    page = sitting_at(moderator).get(reverse("desk:item", args=[edited.pk])).content.decode()

    assert "Earlier texts" in page
    assert FIRST in page


def test_so_does_the_comments_page_in_the_admin(edited: Comment, moderator: User) -> None:
    page = sitting_at(moderator).get(reverse("admin:comments_comment_change", args=[edited.pk]))

    assert "Earlier texts" in page.content.decode()
    assert FIRST in page.content.decode()


def test_of_a_hidden_comment_moderators_see_them_too(edited: Comment, moderator: User) -> None:
    moderation.hide_comment(edited.pk, acting_user=moderator)

    page = sitting_at(moderator).get(reverse("desk:item", args=[edited.pk])).content.decode()

    assert FIRST in page


# --- What everybody sees -------------------------------------------------------------------------


def test_that_it_was_edited_and_when_is_for_everybody(
    edited: Comment, stranger: User, published: Published
) -> None:
    assert edited.edited_at is not None
    for reader in (None, stranger):
        page = sitting_at(reader).get(edited.post.get_absolute_url()).content.decode()
        assert '<span class="comment-edited" data-edited>' in page
    [told] = [each for each in ask(stranger, "join_post", edited.post_id).told if each[0] == "load_comments"]
    assert told[1][0]["editedAt"] is not None
