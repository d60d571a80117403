"""The chat and the inbox follow an index, however much was ever written."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import follows, last_seen
from accounts.models import Kind, LastSeen, Notification, PersonFollow, User
from accounts.notifications import inbox
from comments import joining, reading
from comments.chat import private, rooms
from comments.joining import Joining
from comments.models import Post, PrivateMessage
from tests.cast import fill

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="plans read differently elsewhere"),
]

OTHERS = 40


@pytest.fixture(params=["without statistics", "with statistics"], autouse=True)
def lobby(request: pytest.FixtureRequest, owner: User, stranger: User) -> Post:
    """A lobby in which much was said, and people who wrote to each other, follow each other and were told."""
    found = rooms.lobby()
    assert found is not None
    fill(found, owner, 600)
    crowd = User.objects.bulk_create(
        User(username=f"other{number}", email=f"other{number}@example.com") for number in range(OTHERS)
    )
    people = [owner, stranger, *crowd]
    PrivateMessage.objects.bulk_create(
        PrivateMessage(
            pair=private.pair_of(one, other),
            sender=one,
            recipient=other,
            content="Hello",
            html="<p>Hello</p>",
            read_at=None if number % 3 else timezone.now(),
            is_withheld=number % 11 == 0,
        )
        for number in range(20)
        for one, other in zip(people, [*people[1:], owner], strict=True)
    )
    Notification.objects.bulk_create(
        Notification(
            user=person,
            kind=Kind.FOLLOW,
            action="followed",
            actor=owner,
            group_key=f"group:{number % 7}",
            source=f"source:{number}",
            created_at=timezone.now() - timedelta(minutes=number),
            read_at=timezone.now() if number % 2 else None,
        )
        for number in range(20)
        for person in people
    )
    PersonFollow.objects.bulk_create(
        PersonFollow(user=one, person=other) for one in people for other in people[::7] if one != other
    )
    LastSeen.objects.bulk_create(LastSeen(user=person, at=timezone.now()) for person in people)
    if request.param == "with statistics":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return found


def plans(act: Callable[[], object]) -> str:
    """How SQLite answers each question that `act` asks; no table is read from end to end."""
    with CaptureQueriesContext(connection) as captured:
        act()
    told = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if not query["sql"].startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
                continue
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plan = "\n".join(row[3] for row in cursor.fetchall())
            tables = [line for line in plan.splitlines() if line.startswith("SCAN")]
            # The steps of a page's own recursion, and what a question has found already, are no table.
            known = ("SCAN CONSTANT ROW", "SCAN step", "SCAN (")
            assert all(line.startswith(known) for line in tables), (query["sql"], plan)
            told.append(plan)
    assert told
    return "\n".join(told)


def test_the_latest_page_of_a_room(lobby: Post, owner: User) -> None:
    assert "comment_page" in plans(lambda: reading.page(lobby))
    assert "comment_page" in plans(lambda: joining.load([Joining(lobby.pk, owner.pk)]))


def test_what_changed_in_a_room_since_a_version(lobby: Post, owner: User) -> None:
    assert "comment_changes" in plans(lambda: reading.changes(lobby, 580))
    assert "comment_changes" in plans(lambda: joining.load([Joining(lobby.pk, owner.pk, 580)]))


def test_a_room_by_its_address(lobby: Post) -> None:
    plans(rooms.lobby)


def test_a_page_of_a_conversation(owner: User, stranger: User) -> None:
    newest = plans(lambda: private.conversation(owner, stranger))
    earlier = plans(lambda: private.conversation(owner, stranger, before=100))

    for plan in (newest, earlier):
        assert "private_pair" in plan
        assert "TEMP B-TREE" not in plan
    assert "private_pair" in plans(lambda: private.is_first(owner, stranger))
    assert "private_pair" in plans(lambda: private.is_known(owner, stranger))


def test_the_list_of_conversations(owner: User) -> None:
    plan = plans(lambda: private.conversations(owner))

    assert "private_sent" in plan
    assert "private_received" in plan
    assert "private_unread" in plan


def test_what_somebody_said_lately(owner: User) -> None:
    plan = plans(lambda: private.said_lately(owner))

    assert "private_sent" in plan
    assert "TEMP B-TREE" not in plan


def test_what_is_unread_of_private_messages(owner: User, stranger: User) -> None:
    assert "INDEX private_unread (recipient_id=?)" in plans(lambda: private.unread_count(stranger))
    assert "private_unread" in plans(lambda: private.mark_read(owner, acting_user=stranger))


def test_the_first_page_of_an_inbox(owner: User) -> None:
    inbox.catch_up([owner.pk])
    plan = plans(lambda: inbox.page(owner))

    assert "notification_unread" in plan
    assert "notification_list" in plan


def test_what_is_unread_of_an_inbox(owner: User, stranger: User) -> None:
    assert "notification_unread" in plans(lambda: inbox.unread_count(owner))
    assert "notification_unread" in plans(lambda: inbox.unread([owner.pk, stranger.pk]))
    assert "notification_unread" in plans(lambda: inbox.unread_entries([(owner.pk, "group:1")]))


def test_whom_the_people_who_are_here_follow(owner: User, stranger: User) -> None:
    people = [owner.pk, stranger.pk]

    assert "(user_id=?)" in plans(lambda: follows.followed_ids(people))
    assert "(user_id=?)" in plans(lambda: follows.followed_by(owner))
    assert "(person_id=?)" in plans(lambda: last_seen.note(dict.fromkeys(people, timezone.now())))
