"""Every event of the namespace `/notifications` on one page: names, payloads, rooms.

ARCHITECTURE.md and static/js/postroom/events.js list the same names; tests compare the three.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NotRequired, TypedDict

from django.utils import timezone

from accounts.models import Notification, User

from .choices import Choice
from .entries import Entry
from .texts import sentence

NAMESPACE = "/notifications"
# The room of all who are here; whoever is in a group of Django's is in that group's, too.
EVERYBODY = "everybody"


def group_room(group_id: int) -> str:
    return f"group_{group_id}"


class NotificationRequest(StrEnum):
    """What a client may ask for."""

    GET_NOTIFICATIONS = "get_notifications"
    MARK_READ = "mark_read"
    MARK_ALL_READ = "mark_all_read"


class NotificationEvent(StrEnum):
    """What the server says to the sockets of one person, in `user_<id>`, to a group, to everybody."""

    NOTIFICATIONS_LIST = "notifications_list"
    NOTIFICATION = "notification"
    NOTIFICATION_MARKED_READ = "notification_marked_read"
    ALL_NOTIFICATIONS_READ = "all_notifications_read"
    NOTIFICATION_ERROR = "notification_error"
    UNREAD_COUNT = "unread_count"


class PersonPayload(TypedDict):
    name: str
    avatar: int
    initials: str
    picture: NotRequired[str]


class EntryPayload(TypedDict):
    id: str  # of the newest of its group
    group: str
    kind: str
    message: str  # in the language of whoever gets it
    path: str  # where it leads; empty: nowhere
    count: int  # how many people did it; 0: nobody in particular
    people: list[PersonPayload]  # the latest three of them
    createdAt: str
    isRead: bool
    postId: NotRequired[str]  # what it is about, where that is a post or a comment under one
    commentId: NotRequired[str]


class ChoicePayload(TypedDict):
    browser: bool
    sound: bool


def entry_payload(entry: Entry) -> EntryPayload:
    """A group of somebody's notifications, in the active language."""
    payload: EntryPayload = {
        "id": str(entry.id),
        "group": entry.group,
        "kind": entry.kind,
        "message": sentence(entry),
        "path": entry.path,
        "count": entry.count,
        "people": [_person(each) for each in entry.people],
        "createdAt": _wire_time(entry.created_at),
        "isRead": entry.is_read,
    }
    if "postId" in entry.about:
        payload["postId"] = str(entry.about["postId"])
    if "commentId" in entry.about:
        payload["commentId"] = str(entry.about["commentId"])
    return payload


def original_payload(original: Notification) -> EntryPayload:
    """What is for many: the same for all of them, and unread."""
    return entry_payload(Entry.of_original(original))


def choice_payloads(choices: Mapping[str, Choice]) -> dict[str, ChoicePayload]:
    """How a page may draw attention to each kind."""
    return {kind: {"browser": each.browser, "sound": each.sound} for kind, each in choices.items()}


def _person(user: User) -> PersonPayload:
    payload: PersonPayload = {"name": user.shown_name, "avatar": user.avatar, "initials": user.initials}
    if user.picture:
        payload["picture"] = user.picture_address
    return payload


def _wire_time(moment: object) -> str:
    """ISO 8601 with the site's own offset."""
    here = timezone.get_default_timezone()
    return str(timezone.localtime(moment, here).isoformat(timespec="milliseconds"))  # type: ignore[arg-type]
