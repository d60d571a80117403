"""Thousands of comments are decided about batch by batch, whatever happens in between."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from comments import bulk, moderation
from comments.models import BulkDecision, Comment, Decision, Post, Status, Verdict
from realtime.errors import ErrorCode, Refused
from tests.cast import Published, a_person, a_post, again, fill, write

pytestmark = pytest.mark.django_db

Capture = Callable[..., Any]


def ids_of(post: Post) -> list[int]:
    return list(Comment.objects.filter(post=post).order_by("pk").values_list("pk", flat=True))


def code(verb: Callable[[], object]) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        verb()
    return refusal.value.code


# --- Outsiders -----------------------------------------------------------------------------------


def test_readers_order_and_stop_nothing(comment: Comment, owner: User, author: User, moderator: User) -> None:
    work = bulk.begin([comment.pk], Verdict.REJECT, acting_user=moderator)
    for reader in (owner, author):
        assert not reader.has_perm("comments.moderate")
        assert code(lambda: bulk.begin([comment.pk], Verdict.SPAM, acting_user=reader)) == "forbidden"  # noqa: B023
        assert code(lambda: bulk.stop(work.pk, acting_user=reader)) == "forbidden"  # noqa: B023

    assert BulkDecision.objects.count() == 1
    assert again(work).finished_at is None


def test_who_loses_the_permission_has_the_rest_left_as_it_is(
    post: Post, owner: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(post, owner, 6)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    work = bulk.begin(ids_of(post), Verdict.REJECT, acting_user=moderator)
    bulk.advance(work.pk, seconds=1e-9)
    moderator.user_permissions.clear()

    ended = bulk.advance(work.pk, seconds=5)

    assert (ended.done, ended.problem) == (2, "forbidden")
    assert ended.finished_at is not None
    assert Comment.objects.filter(status=Status.REJECTED).count() == 2


# --- Batches -------------------------------------------------------------------------------------


def test_a_batch_and_the_note_that_it_is_done_are_one(
    post: Post, owner: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(post, owner, 6)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    work = bulk.begin(ids_of(post), Verdict.SPAM, acting_user=moderator)
    bulk.advance(work.pk, seconds=1e-9)
    decide_all = moderation.decide_all

    def dies(*args: Any, **kwargs: Any) -> Any:
        yield from decide_all(*args, **kwargs)
        raise OSError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "decide_all", dies)
        with pytest.raises(OSError, match="power"):
            bulk.advance(work.pk, seconds=5)

    assert again(work).done == Comment.objects.filter(status=Status.SPAM).count() == 2
    assert bulk.advance(work.pk, seconds=5).done == 6
    assert Decision.objects.count() == 6


def test_somebody_who_died_is_relieved_and_somebody_at_work_is_not(
    post: Post, owner: User, moderator: User
) -> None:
    fill(post, owner, 3)
    work = bulk.begin(ids_of(post), Verdict.SPAM, acting_user=moderator)
    soon = timezone.now() + timedelta(seconds=20)
    BulkDecision.objects.filter(pk=work.pk).update(claimed_until=soon)

    assert bulk.advance(work.pk, seconds=5).done == 0
    assert bulk.carry_on() == 0

    BulkDecision.objects.filter(pk=work.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert bulk.carry_on() == 1
    assert again(work).done == 3
    assert again(work).comment_ids == []
    assert bulk.carry_on() == 0


def test_stopping_leaves_the_rest(
    post: Post, owner: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(post, owner, 6)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    work = bulk.begin(ids_of(post), Verdict.REJECT, acting_user=moderator)
    bulk.advance(work.pk, seconds=1e-9)

    bulk.stop(work.pk, acting_user=moderator)

    assert bulk.advance(work.pk, seconds=5).done == 2
    assert again(work).problem == bulk.STOPPED
    assert Comment.objects.filter(status=Status.PUBLISHED).count() == 4


def test_too_many_and_nonsense_are_refused(moderator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)

    assert code(lambda: bulk.begin([1, 2, 3], Verdict.SPAM, acting_user=moderator)) == "invalid"
    assert code(lambda: bulk.begin([1], Verdict.EDIT, acting_user=moderator)) == "invalid"
    assert bulk.begin([], Verdict.SPAM, acting_user=moderator).finished_at is not None


def test_what_is_refused_is_counted(comment: Comment, moderator: User) -> None:
    work = bulk.begin([comment.pk, 10**9], Verdict.REJECT, acting_user=moderator)

    done = bulk.advance(work.pk, seconds=5)

    assert (done.done, done.changed, done.refused) == (2, 1, 1)


def test_two_thousand_cost_few_statements_and_one_event_a_room_and_batch(
    author: User,
    owner: User,
    stranger: User,
    moderator: User,
    published: Published,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    posts = [a_post(author), a_post(author)]
    for post in posts:
        fill(post, owner, 1_000)
    ids = [pk for post in posts for pk in ids_of(post)]
    work = bulk.begin(reversed(ids), Verdict.REJECT, acting_user=moderator, reason="spam")
    batches = len(ids) // moderation.AT_ONCE

    with (
        django_capture_on_commit_callbacks(execute=True),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        done = bulk.advance(work.pk, seconds=60)

    assert done.changed == 2_000
    assert len(queries) <= 35 * batches, len(queries)
    rooms = [(event.room, event.name) for event in published.in_rooms]
    assert rooms == [(f"post_{post.pk}", "post_version") for post in posts for _ in range(batches // 2)]
    assert [event.name for event in published.told(owner)] == ["comments_decided"] * batches
    assert published.told(stranger) == []
    assert [again(post).comment_count for post in posts] == [0, 0]


def test_the_first_comments_of_many_are_approved_without_asking_for_each(
    author: User, moderator: User
) -> None:
    held = a_post(author, pre_moderation=True)
    newcomers = [a_person(f"newcomer{number}") for number in range(30)]
    ids = [write(person, held, f"Hello from {person.username}").pk for person in newcomers]

    with CaptureQueriesContext(connection) as queries:
        moderation.decide(ids, Verdict.APPROVE, acting_user=moderator)

    assert len(queries) < 20, len(queries)
    assert User.objects.filter(trusted_at__isnull=False).count() == 30
