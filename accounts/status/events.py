"""Every event about statuses on one page: names, payloads, and how payloads are made.

ARCHITECTURE.md and static/js/postroom/events.js list the same names; tests compare the three.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from accounts.models import User
from realtime.statuses import Status

from ..events import wire_time

NAMESPACE = "/notifications"
# Between processes: somebody follows a person, or does so no more.
FOLLOWED = "person_follow"


class StatusRequest(StrEnum):
    """What a page may ask for."""

    UPDATE_STATUS = "update_status"
    GET_STATUSES = "get_statuses"
    FOLLOW_PERSON = "follow_person"


class StatusEvent(StrEnum):
    """What the server says to somebody's own sockets."""

    FRIEND_STATUS_CHANGED = "friend_status_changed"
    FRIEND_STATUSES = "friend_statuses"
    OWN_STATUS = "own_status"
    PERSON_FOLLOWED = "person_followed"
    STATUS_ERROR = "status_error"


class StatusPayload(TypedDict):
    """What somebody is to those who follow them."""

    userId: str
    status: str  # online, away or offline
    lastSeen: str | None  # of who is offline, as far as others may know


class OwnStatusPayload(TypedDict):
    status: str  # online, away or invisible, as chosen
    isShown: bool  # if not, nobody is told any of it


class FollowedPayload(TypedDict):
    userId: str
    name: str
    on: bool


def status_payload(user_id: int, status: Status, last_seen: datetime | None) -> StatusPayload:
    is_offline = status == Status.OFFLINE
    seen = wire_time(last_seen) if is_offline and last_seen is not None else None
    return {"userId": str(user_id), "status": status.value, "lastSeen": seen}


def own_status_payload(user: User) -> OwnStatusPayload:
    return {"status": str(user.status), "isShown": user.is_shown}


def followed_payload(person: User, *, on: bool) -> FollowedPayload:
    """That one follows a person, or does so no more: for one's own sockets alone."""
    return {"userId": str(person.pk), "name": person.shown_name, "on": on}
