"""The socket's face of the inbox: the namespace `/notifications` beside `/` on the same connection."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence

from django.db import DatabaseError
from pydantic import StrictStr

from accounts.models import User
from realtime.budgets import READING_INBOX
from realtime.database import in_database
from realtime.errors import ErrorCode, Refused
from realtime.requests import Caller, Id, Payload, Reply, request
from realtime.server import sio
from realtime.session import user_room

from . import choices, inbox
from .events import (
    EVERYBODY,
    NAMESPACE,
    NotificationEvent,
    NotificationRequest,
    choice_payloads,
    entry_payload,
    group_room,
)
from .live import COMPARE, Live
from .notices import MOVED, NOTICE

logger = logging.getLogger("postroom.realtime")

REFUSED_AS = NotificationEvent.NOTIFICATION_ERROR
# How often what is too old is let go of, in seconds; a batch each time.
PRUNE = 600.0


class GetNotifications(Payload):
    cursor: StrictStr | None = None


class MarkRead(Payload):
    id: Id


class MarkAllRead(Payload):
    up_to: Id | None = None


@request(
    NotificationRequest.GET_NOTIFICATIONS,
    takes=GetNotifications,
    bare="cursor",
    refused_as=REFUSED_AS,
    budget=READING_INBOX,
    namespace=NAMESPACE,
)
async def get_notifications(caller: Caller, wanted: GetNotifications) -> Reply:
    """A page, unread ones first. It is told as an event, too, to this socket alone."""
    before = live.told(caller.user_id)
    reply, state = await in_database(_page, caller.user_id, wanted.cursor or "")
    live.knows(caller.user_id, state, before=before)
    caller.tell(NotificationEvent.NOTIFICATIONS_LIST, reply)
    return reply


@request(
    NotificationRequest.MARK_READ,
    takes=MarkRead,
    bare="id",
    refused_as=REFUSED_AS,
    budget=READING_INBOX,
    namespace=NAMESPACE,
)
async def mark_read(caller: Caller, wanted: MarkRead) -> Reply:
    return await in_database(_mark_read, caller.user_id, wanted.id)


@request(
    NotificationRequest.MARK_ALL_READ,
    takes=MarkAllRead,
    bare="upTo",
    refused_as=REFUSED_AS,
    budget=READING_INBOX,
    namespace=NAMESPACE,
)
async def mark_all_read(caller: Caller, wanted: MarkAllRead) -> Reply:
    """All that there is, or all that is no newer than one that the reader has seen."""
    return await in_database(_mark_all_read, caller.user_id, wanted.up_to)


# --- In a database thread --------------------------------------------------------------------------------


def _acting_user(user_id: int) -> User:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Refused(ErrorCode.SIGN_IN)
    return user


def _page(user_id: int, cursor: str) -> tuple[Reply, inbox.Unread]:
    user = _acting_user(user_id)
    found = inbox.page(user, cursor)
    reply = {
        "items": [entry_payload(each) for each in found.entries],
        "cursor": found.cursor,
        "unread": found.unread.entries,
        "choices": choice_payloads(choices.of(user)),
    }
    return reply, found.unread


def _mark_read(user_id: int, notification_id: int) -> Reply:
    user = _acting_user(user_id)
    found = inbox.mark_read(notification_id, acting_user=user)
    return {"id": str(found.wire_id), "group": found.group_key, "unread": inbox.unread_count(user)}


def _mark_all_read(user_id: int, up_to: int | None) -> Reply:
    user = _acting_user(user_id)
    count = inbox.mark_all_read(acting_user=user, up_to=up_to)
    return {"marked": count, "unread": inbox.unread_count(user)}


def rooms_of(user_ids: Sequence[int]) -> list[list[str]]:
    """Everybody's room, and those of the groups that each of these people is in."""
    groups: dict[int, list[str]] = defaultdict(list)
    members = User.groups.through.objects.filter(user__in=set(user_ids)).order_by("group_id")
    for user_id, group_id in members.values_list("user_id", "group_id"):
        groups[user_id].append(group_room(group_id))
    return [[EVERYBODY, *groups[user_id]] for user_id in user_ids]


# --- Beside the requests ---------------------------------------------------------------------------------


_moving: set["asyncio.Task[None]"] = set()


def _moved(user_ids: Sequence[int]) -> None:
    task = asyncio.create_task(_move(user_ids))
    _moving.add(task)
    task.add_done_callback(_moving.discard)


async def _move(user_ids: Sequence[int]) -> None:
    for user_id in user_ids:
        try:
            await sio.lodgings.move(int(user_id), NAMESPACE)
        except DatabaseError as problem:
            # Nobody is to hear what is said to a group that they have left: they come back, and it is asked.
            logger.warning("the groups of a user could not be read: %s", problem)
            sio.endings.drop_room(user_room(int(user_id)))


async def prune() -> None:
    await in_database(inbox.prune)


live = Live(sio)
sio.lodgings.add(NAMESPACE, rooms_of)
sio.manager.listeners[NOTICE] = lambda said: live.noticed(said["told"])
sio.manager.listeners[MOVED] = lambda said: _moved(said["users"])
sio.manager.on_heard_again.append(live.compare)
sio.every(COMPARE, live.compare)
sio.every(PRUNE, prune)
