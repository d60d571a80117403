"""A reply answers a comment of the same post that readers can see."""

import pytest

from accounts.models import User
from comments import actions, moderation
from comments.models import Comment, Post
from realtime.errors import ErrorCode, Refused
from tests.cast import a_post, again, write

pytestmark = pytest.mark.django_db


def refused(user: User, post: Post, parent_id: int) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        write(user, post, "A reply", parent_id=parent_id)
    return refusal.value.code


def test_a_reply_knows_what_it_answers(comment: Comment, stranger: User) -> None:
    reply = write(stranger, comment.post, "A reply", parent_id=comment.pk)

    assert again(reply).parent_id == comment.pk


def test_a_reply_may_be_answered_too(comment: Comment, owner: User, stranger: User) -> None:
    reply = write(stranger, comment.post, "A reply", parent_id=comment.pk)
    deeper = write(owner, comment.post, "An answer to it", parent_id=reply.pk)

    assert again(deeper).parent_id == reply.pk


def test_a_comment_of_another_post_cannot_be_answered(comment: Comment, author: User, stranger: User) -> None:
    other = a_post(author)

    assert refused(stranger, other, comment.pk) == ErrorCode.NOT_FOUND
    assert again(other).comment_count == 0


def test_a_comment_that_does_not_exist_cannot_be_answered(post: Post, stranger: User) -> None:
    assert refused(stranger, post, 10**17) == ErrorCode.NOT_FOUND


def test_a_hidden_comment_cannot_be_answered(
    comment: Comment, owner: User, stranger: User, moderator: User
) -> None:
    moderation.hide_comment(comment.pk, acting_user=moderator)

    assert refused(stranger, comment.post, comment.pk) == ErrorCode.NOT_FOUND
    assert refused(owner, comment.post, comment.pk) == ErrorCode.NOT_FOUND


def test_a_held_comment_cannot_be_answered(author: User, owner: User, stranger: User) -> None:
    held = write(owner, a_post(author, pre_moderation=True))

    assert refused(stranger, held.post, held.pk) == ErrorCode.NOT_FOUND


def test_a_reply_stays_when_what_it_answers_is_removed(comment: Comment, owner: User, stranger: User) -> None:
    reply = write(stranger, comment.post, "A reply", parent_id=comment.pk)

    actions.remove_comment(comment.pk, acting_user=owner)

    assert again(reply).status == "published"
    assert again(reply).parent_id == comment.pk
    assert again(comment.post).comment_count == 1


def test_a_reply_cannot_answer_a_comment_of_its_own_batch(post: Post, owner: User) -> None:
    first = write(owner, post)
    outcomes = actions.post_comments(
        [
            actions.Draft(owner.pk, post.pk, "one"),
            actions.Draft(owner.pk, post.pk, "two", parent_id=first.pk + 1),
        ]
    )

    # Nobody has seen it yet, so nobody can have answered it.
    assert isinstance(outcomes[1], Refused)
    assert outcomes[1].code == ErrorCode.NOT_FOUND
