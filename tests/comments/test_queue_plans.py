"""Queues cost the same however much was ever written: each follows an index."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from comments import flags, queues
from comments.models import Comment, Post
from comments.queues import Filters, Order, Queue
from tests.cast import a_post, fill

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="plans read differently elsewhere"),
]

LATER_DESKS = [queue for queue in Queue if queue not in (Queue.APPEALS, Queue.REPORTED, Queue.UNREVIEWED)]


@pytest.fixture(params=["without statistics", "with statistics"], autouse=True)
def full(request: pytest.FixtureRequest, post: Post, author: User, owner: User, stranger: User) -> None:
    """Some of everything in every queue."""
    fill(post, owner, 600)
    fill(a_post(author), stranger, 200)
    now = timezone.now()
    states = [("pending", None), ("rejected", now), ("spam", now), ("published", now), ("published", None)]
    for number, pk in enumerate(Comment.objects.order_by("pk").values_list("pk", flat=True)):
        status, reviewed_at = states[number % len(states)]
        Comment.objects.filter(pk=pk).update(
            status=status,
            reviewed_at=reviewed_at,
            reason="hate" if number % 3 else "",
            flag_count=number % 7 == 0,
            priority=number % 5,
        )
    if request.param == "with statistics":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def plans(act: Callable[[], object]) -> list[str]:
    """How SQLite answers each query about comments, flags and appeals that `act` makes."""
    with CaptureQueriesContext(connection) as captured:
        act()
    asked = [query["sql"] for query in captured.captured_queries if "comments_" in query["sql"]]
    found = []
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            found.append("\n".join(row[3] for row in cursor.fetchall()))
    assert found
    return found


# Not tables: a constant, a recursion, and what a bounded subquery has brought already.
NO_TABLES = ("SCAN CONSTANT ROW", "SCAN part", "SCAN (subquery")


def assert_cheap(found: list[str], index: str | None) -> None:
    for text in found:
        lines = [line for line in text.splitlines() if not line.startswith(NO_TABLES)]
        # A partial index that has nothing but a queue in it may be walked from its end.
        scans = [line for line in lines if line.startswith("SCAN")]
        assert all("USING INDEX comment_reported" in line or "appeal_open" in line for line in scans), text
        assert "TEMP B-TREE" not in text, text
    if index is not None:
        assert re.search(rf"INDEX {index}\b", found[0]), found[0]


@pytest.mark.parametrize("order", [Order.NEWEST, Order.OLDEST])
@pytest.mark.parametrize("queue", [*LATER_DESKS, Queue.UNREVIEWED])
def test_a_queue_follows_its_index(queue: Queue, order: Order, moderator: User) -> None:
    def leaf() -> None:
        first = queues.page(queue, acting_user=moderator, order=order, size=5)
        assert first.cursor
        queues.page(queue, acting_user=moderator, order=order, size=5, cursor=first.cursor)

    found = plans(leaf)

    assert_cheap(found, "comment_queue")
    # The second page begins where the first one ended.
    assert any("(<expr>=? AND created_at" in text for text in found[1:]), found


@pytest.mark.parametrize("queue", [*LATER_DESKS, Queue.UNREVIEWED])
def test_the_urgent_have_an_index(queue: Queue, moderator: User) -> None:
    assert_cheap(
        plans(lambda: queues.page(queue, acting_user=moderator, order=Order.PRIORITY, size=5)),
        "comment_queue_urgent",
    )


@pytest.mark.parametrize(
    ("order", "index"),
    [
        (Order.NEWEST, "comment_reported"),
        (Order.OLDEST, "comment_reported"),
        (Order.PRIORITY, "comment_reported_urgent"),
    ],
)
def test_what_is_reported_has_an_index_of_its_own(order: Order, index: str, moderator: User) -> None:
    assert_cheap(plans(lambda: queues.page("reported", acting_user=moderator, order=order)), index)


@pytest.mark.parametrize("queue", LATER_DESKS)
def test_a_post_in_a_queue_has_an_index(queue: Queue, post: Post, moderator: User) -> None:
    filters = Filters(post_id=post.pk)

    assert_cheap(
        plans(lambda: queues.page(queue, acting_user=moderator, filters=filters, size=5)),
        "comment_queue_post",
    )


def test_what_is_unreviewed_under_a_post_follows_its_pages(post: Post, moderator: User) -> None:
    filters = Filters(post_id=post.pk)

    assert_cheap(
        plans(lambda: queues.page("unreviewed", acting_user=moderator, filters=filters, size=5)),
        "comment_page",
    )


@pytest.mark.parametrize("queue", LATER_DESKS)
def test_a_reason_in_a_queue_has_an_index(queue: Queue, moderator: User) -> None:
    filters = Filters(reason="hate")

    assert_cheap(
        plans(lambda: queues.page(queue, acting_user=moderator, filters=filters, size=5)),
        "comment_queue_reason",
    )


@pytest.mark.parametrize("queue", [*LATER_DESKS, Queue.UNREVIEWED, Queue.REPORTED])
def test_an_author_in_a_queue_leads_to_what_they_wrote(queue: Queue, stranger: User, moderator: User) -> None:
    filters = Filters(author_id=stranger.pk)

    assert_cheap(
        plans(lambda: queues.page(queue, acting_user=moderator, filters=filters, size=5)), "comment_by_author"
    )


def test_an_age_is_a_place_on_the_index(moderator: User) -> None:
    filters = Filters(until=timezone.now() - timedelta(minutes=1))
    found = plans(lambda: queues.page("unreviewed", acting_user=moderator, filters=filters, size=5))

    assert_cheap(found, "comment_queue")
    assert "created_at<?" in found[0]


def test_counting_scans_nothing(moderator: User) -> None:
    assert_cheap(plans(lambda: queues.counts(acting_user=moderator)), None)


def test_appeals_follow_their_index(moderator: User) -> None:
    assert_cheap(plans(lambda: queues.page("appeals", acting_user=moderator)), "appeal_open")


def test_a_search_reads_what_it_looks_through(moderator: User) -> None:
    filters = Filters(search="Comment 7")
    found = plans(lambda: queues.page("unreviewed", acting_user=moderator, filters=filters, size=5))

    assert_cheap(found, "comment_queue")


def test_a_flag_asks_for_the_reporters_record_only(owner: User, stranger: User) -> None:
    comment = Comment.objects.filter(author=owner, status="published").first()
    assert comment is not None

    assert_cheap(plans(lambda: flags.flag(comment.pk, "hate", acting_user=stranger)), None)
