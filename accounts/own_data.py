"""What the site knows about somebody, as JSON for themselves.

Nothing in it is anybody else's: not who moderated and what moderators noted for each other. Nor does it say
where and with which browser a session was opened, for the file may come into wrong hands.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from .models import Avatar, LastSeen, MessageBlock, Mute, Notification, PersonFollow, User
from .notifications import choices
from .notifications.entries import Entry
from .notifications.texts import sentence

ROWS_AT_ONCE = 500
Row = Mapping[str, Any]
# A part is one row, or rows that are written as they come.
Part = Callable[[User], Row | Iterator[Row]]
_parts: dict[str, Part] = {}


def include(name: str, part: Part) -> None:
    """Have what `part` says about somebody in what they download, under `name`."""
    _parts[name] = part


def pieces(user: User) -> Iterator[str]:
    """All of it as pieces of one JSON text; nothing is kept, so it may be streamed however much there is."""
    yield f'{{\n"madeAt": {_json(timezone.now())}'
    for name, part in _parts.items():
        content = part(user)
        yield f",\n{_json(name)}: "
        if isinstance(content, Mapping):
            yield _json(content)
            continue
        yield "["
        for number, row in enumerate(content):
            yield f"{',' if number else ''}\n  {_json(row)}"
        yield "]"
    yield "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_moment)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)


def _profile(user: User) -> Row:
    picture = Avatar.objects.filter(user=user).first()
    seen = LastSeen.objects.filter(user=user).first()
    return {
        "username": user.username,
        "name": user.name,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "emailAddress": user.email,
        "memberSince": user.date_joined,
        "lastLogin": user.last_login,
        "lastSeen": None if seen is None else seen.at,
        "isStaff": user.is_staff,
        "isSuperuser": user.is_superuser,
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "inGroupsSince": dict(user.group_joins.values_list("group__name", "joined_at")),
        "permissions": sorted(user.user_permissions.values_list("codename", flat=True)),
        "trustedSince": user.trusted_at,
        "twoStepLogin": [
            {"type": each.type, "since": each.created_at, "lastUsed": each.last_used_at}
            for each in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "picture": None
        if picture is None
        else {
            "type": "image/webp",
            "changedAt": picture.changed_at,
            "base64": b64encode(picture.image).decode(),
        },
    }


def _settings(user: User) -> Row:
    return {
        "language": user.language or None,
        "timeZone": user.time_zone or None,
        "isShownInPresence": user.is_shown,
        "status": user.status,
    }


def _addresses(user: User) -> Iterator[Row]:
    known = EmailAddress.objects.filter(user=user).order_by("pk")
    for each in known:
        yield {"address": each.email, "isPrimary": each.primary, "isVerified": each.verified}


def _sessions(user: User) -> Iterator[Row]:
    for opened, seen in (
        UserSession.objects.filter(user=user).order_by("pk").values_list("created_at", "last_seen_at")
    ):
        yield {"openedAt": opened, "lastSeenAt": seen}


def _sanctions(user: User) -> Iterator[Row]:
    for each in user.sanctions.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "kind": each.kind,
            "reason": each.reason,
            "explanation": each.explanation,
            "concerns": each.concerns,
            "imposedAt": each.created_at,
            "until": each.until,
            "liftedAt": each.lifted_at,
            "acknowledgedAt": each.acknowledged_at,
        }


def _notifications(user: User) -> Iterator[Row]:
    told = Notification.objects.filter(user=user, is_withdrawn=False).select_related("actor").order_by("pk")
    for each in told.iterator(chunk_size=ROWS_AT_ONCE):
        people = {} if each.actor is None else {each.actor.pk: each.actor}
        entry = Entry.of(each, list(people), people)
        yield {
            "kind": each.kind,
            "text": sentence(entry),
            "address": each.path or None,
            "toldAt": each.created_at,
            "readAt": each.read_at,
        }


def _notification_choices(user: User) -> Row:
    return {kind: asdict(choice) for kind, choice in choices.of(user).items()}


def _sanctions_imposed(user: User) -> Iterator[Row]:
    """What they did as a moderator; against whom is that person's."""
    for each in user.sanctions_imposed.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "kind": each.kind,
            "reason": each.reason,
            "explanation": each.explanation,
            "note": each.note,
            "imposedAt": each.created_at,
            "until": each.until,
        }


def _sanctions_lifted(user: User) -> Iterator[Row]:
    for each in user.sanctions_lifted.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        yield {"kind": each.kind, "liftedAt": each.lifted_at}


def _log(user: User) -> Iterator[Row]:
    """What the admin's own history has; of what it was about only the kind, for the names are others'."""
    noted = LogEntry.objects.filter(user=user).select_related("content_type").order_by("pk")
    for each in noted.iterator(chunk_size=ROWS_AT_ONCE):
        kind = each.content_type.model if each.content_type else None
        yield {"at": each.action_time, "action": each.get_action_flag_display(), "kind": kind}


def _mutes(user: User) -> Iterator[Row]:
    for each in Mute.objects.filter(user=user).select_related("muted").order_by("pk"):
        yield {"username": each.muted.username, "since": each.created_at}


def _blocks(user: User) -> Iterator[Row]:
    for each in MessageBlock.objects.filter(user=user).select_related("blocked").order_by("pk"):
        yield {"username": each.blocked.username, "since": each.created_at}


def _followed(user: User) -> Iterator[Row]:
    for each in PersonFollow.objects.filter(user=user).select_related("person").order_by("pk"):
        yield {"username": each.person.username, "since": each.created_at}


include("profile", _profile)
include("settings", _settings)
include("emailAddresses", _addresses)
include("sessions", _sessions)
include("sanctions", _sanctions)
include("mutedPeople", _mutes)
include("blockedPeople", _blocks)
include("sanctionsImposed", _sanctions_imposed)
include("sanctionsLifted", _sanctions_lifted)
include("adminLog", _log)
include("notifications", _notifications)
include("notificationChoices", _notification_choices)
include("followedPeople", _followed)
