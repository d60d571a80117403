"""Open, read-only and closed; and posts that readers cannot reach at all."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from accounts.models import User
from comments.events import state_payload
from comments.models import Post, RoomState
from realtime.errors import ErrorCode, Refused
from tests.cast import a_post, write

pytestmark = pytest.mark.django_db


def refused(user: User, post: Post) -> ErrorCode:
    with pytest.raises(Refused) as refusal:
        write(user, post)
    return refusal.value.code


def test_a_closed_post_takes_no_comments_from_anybody(author: User, owner: User, moderator: User) -> None:
    closed = a_post(author, room_state=RoomState.CLOSED)

    assert refused(owner, closed) == ErrorCode.CLOSED
    assert refused(moderator, closed) == ErrorCode.CLOSED


def test_a_read_only_post_takes_comments_from_staff(author: User, owner: User, moderator: User) -> None:
    read_only = a_post(author, room_state=RoomState.READ_ONLY)

    assert refused(owner, read_only) == ErrorCode.READ_ONLY
    assert write(moderator, read_only).pk


@pytest.mark.parametrize("published_at", [None, timezone.now() + timedelta(days=1)])
def test_a_post_that_is_not_published_does_not_exist(author: User, owner: User, published_at: object) -> None:
    unseen = a_post(author, published_at=published_at)

    assert refused(owner, unseen) == ErrorCode.NOT_FOUND
    assert refused(author, unseen) == ErrorCode.NOT_FOUND


@pytest.mark.parametrize(
    ("state", "reader", "staff"),
    [
        (RoomState.OPEN, True, True),
        (RoomState.READ_ONLY, False, True),
        (RoomState.CLOSED, False, False),
    ],
)
def test_clients_are_told_what_the_rules_say(
    author: User, owner: User, moderator: User, state: RoomState, reader: bool, staff: bool
) -> None:
    post = a_post(author, room_state=state)

    for user, may in ((owner, reader), (moderator, staff)):
        told = state_payload(post, is_staff=user.is_staff)
        assert (told["room"], told["canWrite"]) == (state.value, may)
        assert bool(told["reason"]) is not may
        if may:
            assert write(user, post).pk
        else:
            assert refused(user, post).value == state.value


def test_the_reason_is_in_the_readers_language(author: User) -> None:
    closed = a_post(author, room_state=RoomState.CLOSED)

    with translation.override("ko"):
        korean = state_payload(closed)["reason"]
    with translation.override("en"):
        english = state_payload(closed)["reason"]

    assert english == "Comments are closed."
    assert korean != english
    assert any("가" <= letter <= "힣" for letter in korean)
