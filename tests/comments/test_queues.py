"""What lies in which queue, in which order, and what filters and a search leave of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.reasons import Reason
from comments import appeals, flags, moderation, queues
from comments.models import Comment, Post, Status, Verdict
from comments.queues import Filters, Order, Queue
from realtime.errors import ErrorCode, Refused
from tests.cast import a_person, a_post, again, fill, write

pytestmark = pytest.mark.django_db


def texts(queue: str, moderator: User, **more: Any) -> list[str]:
    return [item.content for item in queues.page(queue, acting_user=moderator, **more).items]


def all_texts(queue: str, moderator: User, **more: Any) -> list[str]:
    """Page by page to the end."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = queues.page(queue, acting_user=moderator, cursor=cursor, **more)
        found += [item.content for item in page.items]
        cursor = page.cursor
    return found


# --- Outsiders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "look",
    [
        lambda user: queues.page("pending", acting_user=user),
        lambda user: queues.ids("pending", acting_user=user),
        lambda user: queues.counts(acting_user=user),
    ],
)
def test_readers_see_no_queue(look: Callable[[User], object], owner: User, author: User) -> None:
    for reader in (owner, author):
        assert not reader.has_perm("comments.moderate")
        with pytest.raises(Refused) as refusal:
            look(reader)
        assert refusal.value.code == ErrorCode.FORBIDDEN


def test_a_moderator_who_was_switched_off_sees_none(moderator: User) -> None:
    User.objects.filter(pk=moderator.pk).update(is_active=False)

    with pytest.raises(Refused) as refusal:
        queues.page("pending", acting_user=again(moderator))

    assert refusal.value.code == ErrorCode.FORBIDDEN


# --- What lies where -----------------------------------------------------------------------------


@pytest.fixture
def everywhere(post: Post, author: User, owner: User, stranger: User, moderator: User) -> None:
    """One comment in each queue, called after it; and one that its author took back."""
    held = a_post(author, pre_moderation=True)
    write(owner, held, "pending")
    write(owner, post, "unreviewed")
    for name, verdict in (
        ("approved", Verdict.APPROVE),
        ("rejected", Verdict.REJECT),
        ("spam", Verdict.SPAM),
        ("appeals", Verdict.REJECT),
        ("removed", Verdict.REMOVE),
    ):
        comment = write(owner, post, name)
        [outcome] = moderation.decide([comment.pk], verdict, acting_user=moderator)
        if name == "appeals":
            assert outcome.decision is not None
            appeals.appeal(outcome.decision.pk, "Why?", acting_user=owner)
    flags.flag(write(owner, post, "reported").pk, Reason.HATE, acting_user=stranger)


EXPECTED = {
    "reported": ["reported"],
    "pending": ["pending"],
    "unreviewed": ["reported", "unreviewed"],
    "approved": ["approved"],
    "rejected": ["appeals", "rejected"],
    "spam": ["spam"],
    "appeals": ["appeals"],
}


@pytest.mark.usefixtures("everywhere")
@pytest.mark.parametrize("queue", Queue)
def test_each_queue_has_its_own(queue: Queue, moderator: User) -> None:
    assert texts(queue, moderator) == EXPECTED[queue]
    assert texts(queue, moderator, order=Order.OLDEST) == EXPECTED[queue][::-1]
    assert sorted(texts(queue, moderator, order=Order.PRIORITY)) == sorted(EXPECTED[queue])


@pytest.mark.usefixtures("everywhere")
def test_the_counters_say_the_same_in_one_query(moderator: User) -> None:
    moderator.has_perm("comments.moderate")  # Django keeps the answer
    with CaptureQueriesContext(connection) as captured:
        counted = queues.counts(acting_user=moderator)

    assert counted == {queue: len(found) for queue, found in EXPECTED.items()} | {"private": 0}
    assert len(captured) == 1


@pytest.mark.usefixtures("everywhere")
def test_a_comment_knows_its_queues() -> None:
    found = {comment.content: queues.queues_of(comment) for comment in Comment.objects.all()}

    assert found == {
        "pending": [Queue.PENDING],
        "unreviewed": [Queue.UNREVIEWED],
        "approved": [Queue.APPROVED],
        "rejected": [Queue.REJECTED],
        "spam": [Queue.SPAM],
        "appeals": [Queue.REJECTED],
        "removed": [],
        "reported": [Queue.REPORTED, Queue.UNREVIEWED],
    }


@pytest.mark.usefixtures("everywhere")
def test_an_appeal_comes_with_its_comment(moderator: User) -> None:
    page = queues.page(Queue.APPEALS, acting_user=moderator)

    [comment] = page.items
    appeal = page.appeals[comment.pk]
    assert (appeal.text, appeal.decision.comment_id) == ("Why?", comment.pk)


def test_a_counter_stops_counting(
    post: Post, owner: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "COUNTED", 3)
    fill(post, owner, 5)

    assert queues.counts(acting_user=moderator)["unreviewed"] == 3


# --- Pages and orders ----------------------------------------------------------------------------


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("of_post", [False, True])
def test_pages_follow_each_other_without_a_gap_or_a_repetition(
    order: Order, of_post: bool, post: Post, owner: User, moderator: User
) -> None:
    fill(post, owner, 11)
    at = timezone.now()
    Comment.objects.filter(content__in=["Comment 3", "Comment 4", "Comment 5"]).update(created_at=at)
    Comment.objects.filter(content__in=["Comment 7", "Comment 8"]).update(priority=1.5)
    filters = Filters(post_id=post.pk) if of_post else Filters()

    whole = texts("unreviewed", moderator, order=order, filters=filters, size=50)
    by_page = all_texts("unreviewed", moderator, order=order, filters=filters, size=3)

    assert len(whole) == 11
    assert by_page == whole


def test_the_most_urgent_come_first_and_the_rest_after_them(
    post: Post, owner: User, stranger: User, moderator: User
) -> None:
    old = User.objects.filter(pk=owner.pk)
    old.update(date_joined=timezone.now() - timedelta(days=30))
    for name in ("calm", "urgent", "calm too"):
        write(owner, post, name)
    Comment.objects.filter(content="urgent").update(priority=2)

    assert all_texts("unreviewed", moderator, order=Order.PRIORITY, size=1) == ["urgent", "calm too", "calm"]


@pytest.mark.parametrize("cursor", ["x", "x:y", "[]", "\x00"])
def test_a_made_up_cursor_is_refused(cursor: str, moderator: User) -> None:
    with pytest.raises(Refused) as refusal:
        queues.page("pending", acting_user=moderator, cursor=cursor)

    assert refusal.value.code == ErrorCode.INVALID


def test_a_cursor_is_of_its_queue_and_its_order(post: Post, owner: User, moderator: User) -> None:
    fill(post, owner, 3)
    cursor = queues.page("unreviewed", acting_user=moderator, size=1).cursor
    assert cursor

    for queue, order in (("pending", "newest"), ("unreviewed", "oldest")):
        with pytest.raises(Refused) as refusal:
            queues.page(queue, acting_user=moderator, cursor=cursor, order=order)
        assert refusal.value.code == ErrorCode.INVALID


@pytest.mark.parametrize(("queue", "order"), [("all", "newest"), ("pending", "best")])
def test_there_are_no_other_queues_and_orders(queue: str, order: str, moderator: User) -> None:
    with pytest.raises(Refused) as refusal:
        queues.page(queue, acting_user=moderator, order=order)

    assert refusal.value.code == ErrorCode.INVALID


# --- Filters -------------------------------------------------------------------------------------


@pytest.fixture
def varied(post: Post, author: User, owner: User, stranger: User, moderator: User) -> Post:
    """Rejected comments of two people under two posts for two reasons, one of them old; another post."""
    other = a_post(author)
    for user, where, reason in (
        (owner, post, Reason.HATE),
        (owner, other, Reason.SPAM),
        (stranger, post, Reason.SPAM),
        (stranger, other, Reason.HATE),
    ):
        comment = write(user, where, f"{user.username} {'here' if where == post else 'there'} {reason}")
        moderation.decide([comment.pk], Verdict.REJECT, acting_user=moderator, reason=reason)
    old = timezone.now() - timedelta(days=3)
    Comment.objects.filter(content="owner here hate").update(created_at=old)
    return other


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({"post": True}, {"owner here hate", "stranger here spam"}),
        ({"author": True}, {"owner here hate", "owner there spam"}),
        ({"reason": "spam"}, {"owner there spam", "stranger here spam"}),
        ({"post": True, "reason": "spam"}, {"stranger here spam"}),
        ({"author": True, "reason": "hate", "post": True}, {"owner here hate"}),
        ({"since": 1}, {"owner there spam", "stranger here spam", "stranger there hate"}),
        ({"until": 1}, {"owner here hate"}),
        ({"reason": "illegal"}, set()),
        ({"rule": "links"}, set()),
    ],
)
def test_filters_leave_what_they_say(
    which: dict[str, Any],
    expected: set[str],
    order: Order,
    varied: Post,
    post: Post,
    owner: User,
    moderator: User,
) -> None:
    day = timedelta(days=1)
    filters = Filters(
        post_id=post.pk if which.get("post") else None,
        author_id=owner.pk if which.get("author") else None,
        reason=which.get("reason", ""),
        rule=which.get("rule", ""),
        since=timezone.now() - which["since"] * day if "since" in which else None,
        until=timezone.now() - which["until"] * day if "until" in which else None,
    )

    assert set(texts("rejected", moderator, filters=filters, order=order)) == expected
    if order == Order.OLDEST:
        ids = queues.ids("rejected", acting_user=moderator, filters=filters)
        assert {again(Comment(pk=pk)).content for pk in ids} == expected


def test_reported_can_be_filtered_by_what_was_said(
    post: Post, owner: User, stranger: User, author: User, moderator: User
) -> None:
    first, second = write(owner, post, "first"), write(owner, post, "second")
    flags.flag(first.pk, Reason.HATE, acting_user=stranger)
    flags.flag(first.pk, Reason.SPAM, acting_user=author)
    flags.flag(second.pk, Reason.SPAM, acting_user=stranger)

    assert texts("reported", moderator, filters=Filters(reason="hate")) == ["first"]
    assert texts("reported", moderator, filters=Filters(reason="spam")) == ["second", "first"]
    assert texts("reported", moderator, filters=Filters(post_id=post.pk, author_id=owner.pk)) == [
        "second",
        "first",
    ]
    assert texts("reported", moderator, filters=Filters(author_id=stranger.pk)) == []


def test_appeals_can_be_filtered_and_leafed_through(
    post: Post, owner: User, stranger: User, moderator: User
) -> None:
    for number in range(3):
        comment = write(owner, post, str(number))
        [outcome] = moderation.decide([comment.pk], Verdict.REJECT, acting_user=moderator, reason="hate")
        assert outcome.decision is not None
        appeals.appeal(outcome.decision.pk, f"Appeal {number}", acting_user=owner)

    assert all_texts("appeals", moderator, size=1) == ["2", "1", "0"]
    assert all_texts("appeals", moderator, size=1, order=Order.OLDEST) == ["0", "1", "2"]
    assert texts("appeals", moderator, filters=Filters(author_id=stranger.pk)) == []
    assert len(texts("appeals", moderator, filters=Filters(reason="hate", post_id=post.pk))) == 3


# --- Searching -----------------------------------------------------------------------------------


def test_a_search_looks_into_texts_and_names(post: Post, moderator: User) -> None:
    somebody = a_person("somebody", name="김민아")
    write(somebody, post, "Wonderful weather")
    write(somebody, post, "Nothing of it")

    assert texts("unreviewed", moderator, filters=Filters(search="WEATHER")) == ["Wonderful weather"]
    assert len(texts("unreviewed", moderator, filters=Filters(search="민아"))) == 2
    assert len(texts("unreviewed", moderator, filters=Filters(search="somebody"))) == 2
    assert texts("unreviewed", moderator, filters=Filters(search="100%")) == []


@pytest.mark.parametrize("order", [Order.NEWEST, Order.OLDEST])
def test_a_search_goes_on_where_it_stopped(
    order: Order, post: Post, owner: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "SEARCHED", 4)
    fill(post, owner, 20)
    wanted = ["Comment 0", "Comment 10", "Comment 18"]
    Comment.objects.filter(content__in=wanted).update(content="needle")

    page = queues.page("unreviewed", acting_user=moderator, filters=Filters(search="needle"), order=order)
    assert len(page.items) == 1
    assert page.cursor

    found = all_texts("unreviewed", moderator, filters=Filters(search="needle"), order=order)
    assert found == ["needle"] * 3
    found = all_texts("unreviewed", moderator, filters=Filters(search="needle"), order=order, size=1)
    assert found == ["needle"] * 3


def test_what_is_not_there_any_more_is_left_out(post: Post, owner: User, moderator: User) -> None:
    comment = write(owner, post, "Mine")
    Comment.objects.filter(pk=comment.pk).update(status=Status.REMOVED)

    assert texts("unreviewed", moderator) == []
