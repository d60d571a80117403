"""A client's own id for a comment makes repeated attempts one comment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from comments import actions, moderation
from comments.actions import Draft
from comments.models import Comment, Post, RoomState, Status
from realtime.errors import ErrorCode, Refused
from tests.cast import Published, a_post, again, write

pytestmark = pytest.mark.django_db


def test_a_repeated_attempt_returns_the_first_comment(post: Post, owner: User) -> None:
    first = write(owner, post, "Once", client_id="c1")
    second = write(owner, post, "Once", client_id="c1")

    assert second.pk == first.pk
    assert Comment.objects.count() == 1
    assert (again(post).version, again(post).comment_count) == (1, 1)


def test_the_first_text_stands(post: Post, owner: User) -> None:
    write(owner, post, "First", client_id="c1")

    assert write(owner, post, "Second", client_id="c1").content == "First"


def test_a_repeated_attempt_publishes_nothing(
    post: Post,
    owner: User,
    published: Published,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write(owner, post, client_id="c1")
        write(owner, post, client_id="c1")

    assert published.names == ["comment_added"]


def test_two_of_one_id_in_one_batch_are_one_comment(post: Post, owner: User) -> None:
    outcomes = actions.post_comments([Draft(owner.pk, post.pk, "Once", client_id="c1")] * 3)

    assert {outcome.pk for outcome in outcomes if isinstance(outcome, Comment)} == {Comment.objects.get().pk}
    assert len(outcomes) == 3
    assert again(post).version == 1


def test_an_id_belongs_to_its_author(post: Post, owner: User, stranger: User) -> None:
    assert write(owner, post, client_id="c1").pk != write(stranger, post, client_id="c1").pk


def test_comments_without_an_id_are_all_kept(post: Post, owner: User) -> None:
    write(owner, post, "Same")
    write(owner, post, "Same")

    assert Comment.objects.count() == 2


def test_one_id_under_two_posts_is_one_comment(post: Post, author: User, owner: User) -> None:
    other = a_post(author)
    first = write(owner, post, client_id="c1")

    assert write(owner, other, client_id="c1").pk == first.pk
    assert again(other).comment_count == 0


def test_one_id_under_two_posts_in_one_batch_is_one_comment(
    post: Post, author: User, owner: User, stranger: User
) -> None:
    other = a_post(author)
    drafts = [
        Draft(owner.pk, other.pk, "Under the other", client_id="c1"),
        Draft(stranger.pk, post.pk, "Not concerned"),
        Draft(owner.pk, post.pk, "Under the post", client_id="c1"),
    ]

    first, bystander, last = actions.post_comments(drafts)

    assert isinstance(first, Comment)
    assert isinstance(last, Comment)
    assert isinstance(bystander, Comment)
    assert first.pk == last.pk
    assert Comment.objects.count() == 2
    counts = {row.pk: (row.version, row.comment_count) for row in Post.objects.all()}
    assert sum(version for version, _ in counts.values()) == 2
    assert all(version == count for version, count in counts.values())


def test_a_repeated_attempt_is_not_held_back_by_slow_mode(author: User, owner: User) -> None:
    slow = a_post(author, slow_mode=60)
    first = write(owner, slow, client_id="c1")

    assert write(owner, slow, client_id="c1").pk == first.pk


def test_what_was_accepted_once_stays_so_whatever_the_rules_say_now(post: Post, owner: User) -> None:
    first = write(owner, post, client_id="c1")
    Post.objects.filter(pk=post.pk).update(room_state=RoomState.CLOSED)

    [copy, refused] = actions.post_comments(
        [Draft(owner.pk, post.pk, "Once", client_id="c1"), Draft(owner.pk, post.pk, "New", client_id="c2")]
    )

    assert isinstance(copy, Comment)
    assert copy.pk == first.pk
    assert isinstance(refused, Refused)
    assert (again(post).version, again(post).comment_count) == (1, 1)


def test_new_ones_beside_a_repeated_attempt_are_numbered_without_gaps(post: Post, owner: User) -> None:
    first = write(owner, post, client_id="c1")

    outcomes = actions.post_comments(
        [Draft(owner.pk, post.pk, "text", client_id=client_id) for client_id in ("c2", "c1", "c3")]
    )

    assert [o.version for o in outcomes if isinstance(o, Comment)] == [2, first.version, 3]
    assert (again(post).version, again(post).comment_count) == (3, 3)


def test_a_repeated_attempt_does_not_bring_back_what_was_taken_away(
    post: Post, owner: User, moderator: User
) -> None:
    comment = write(owner, post, client_id="c1")
    moderation.remove_comment(comment.pk, acting_user=moderator)

    assert write(owner, post, client_id="c1").status == Status.REMOVED
    assert again(post).comment_count == 0


def test_a_repeated_attempt_with_a_text_that_cannot_be_is_refused(post: Post, owner: User) -> None:
    write(owner, post, client_id="c1")

    with pytest.raises(Refused) as refusal:
        write(owner, post, " ", client_id="c1")

    assert refusal.value.code == ErrorCode.INVALID


@pytest.mark.django_db(transaction=True)
def test_many_threads_with_one_id_write_one_comment(post: Post, owner: User) -> None:
    outcomes = _at_once(8, lambda _: write(owner, post, "Once", client_id="c1"))

    assert {comment.pk for comment in outcomes} == {Comment.objects.get().pk}
    assert (again(post).version, again(post).comment_count) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_many_threads_under_two_posts_with_one_id_write_one_comment(
    post: Post, author: User, owner: User
) -> None:
    posts = [post, a_post(author)]

    outcomes = _at_once(8, lambda number: write(owner, posts[number % 2], client_id="c1"))

    assert {comment.pk for comment in outcomes} == {Comment.objects.get().pk}
    assert sum(again(row).comment_count for row in posts) == 1


@pytest.mark.django_db(transaction=True)
def test_many_threads_number_their_comments_without_gaps(post: Post, owner: User) -> None:
    def write_three(number: int) -> Comment:
        for index in range(3):
            comment = write(owner, post, f"{number}.{index}")
        return comment

    _at_once(6, write_three)

    versions = list(Comment.objects.order_by("id").values_list("version", flat=True))
    assert versions == list(range(1, 19)), "ids and versions grow together"
    assert (again(post).version, again(post).comment_count) == (18, 18)


def _at_once(number: int, act: Callable[[int], Comment]) -> list[Comment]:
    """What `act` returned in each of so many threads that start together."""
    start = threading.Barrier(number)
    outcomes: list[Comment] = []
    problems: list[Exception] = []

    def run(index: int) -> None:
        try:
            start.wait()
            outcomes.append(act(index))
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[index]) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    return outcomes
