"""In slow mode a reader waits between two comments under one post."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from comments import actions, rules
from comments.models import Comment, Post
from realtime.errors import ErrorCode, Refused
from tests.cast import a_post, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def slow(author: User) -> Post:
    return a_post(author, slow_mode=60)


def refused(user: User, post: Post) -> Refused:
    with pytest.raises(Refused) as refusal:
        write(user, post)
    return refusal.value


def test_the_second_comment_is_refused_with_the_time_to_wait(slow: Post, owner: User) -> None:
    write(owner, slow)

    refusal = refused(owner, slow)

    assert refusal.code == ErrorCode.SLOW_MODE
    assert refusal.retry_after is not None
    assert 50 < refusal.retry_after <= 60


def test_readers_wait_for_themselves_only(slow: Post, owner: User, stranger: User) -> None:
    write(owner, slow)

    assert write(stranger, slow).pk


def test_posts_are_slow_by_themselves(slow: Post, post: Post, author: User, owner: User) -> None:
    other = a_post(author, slow_mode=60)

    assert all(write(owner, where).pk for where in (slow, other, post, post))


def test_after_the_wait_one_may_write_again(slow: Post, owner: User) -> None:
    first = write(owner, slow)
    Comment.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(seconds=61))

    assert write(owner, slow).pk


def test_staff_do_not_wait(slow: Post, moderator: User) -> None:
    assert write(moderator, slow).pk != write(moderator, slow).pk


def test_it_holds_within_one_batch(slow: Post, owner: User, stranger: User) -> None:
    drafts = [actions.Draft(user.pk, slow.pk, "text") for user in (owner, owner, stranger)]

    first, second, third = actions.post_comments(drafts)

    assert isinstance(first, Comment)
    assert isinstance(second, Refused)
    assert second.code == ErrorCode.SLOW_MODE
    assert isinstance(third, Comment)


def test_removing_a_comment_does_not_shorten_the_wait(slow: Post, owner: User) -> None:
    actions.remove_comment(write(owner, slow).pk, acting_user=owner)

    assert refused(owner, slow).code == ErrorCode.SLOW_MODE


def test_editing_is_not_slow(slow: Post, owner: User) -> None:
    first = write(owner, slow)

    assert actions.edit_comment(first.pk, "Edited", acting_user=owner).content == "Edited"


@pytest.mark.parametrize(("ago", "wait"), [(0, 60.0), (59.5, 0.5)])
def test_the_wait_shrinks_with_time(slow: Post, owner: User, ago: float, wait: float) -> None:
    now = timezone.now()

    with pytest.raises(Refused) as refusal:
        rules.check_slow_mode(slow, owner, now - timedelta(seconds=ago), now)

    assert refusal.value.retry_after == wait


@pytest.mark.parametrize("ago", [60, 3600])
def test_the_wait_is_over_in_time(slow: Post, owner: User, ago: float) -> None:
    now = timezone.now()

    rules.check_slow_mode(slow, owner, now - timedelta(seconds=ago), now)
