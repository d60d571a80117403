"""What the site knows about somebody, as JSON for themselves.

Nothing in it is anybody else's: not who moderated and what moderators noted for each other. Nor does it say
where and with which browser a session was opened, for the file may come into wrong hands.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils import timezone

from .models import Avatar, LastSeen, Mute, PersonFollow, User

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
        "memberSince": user.date_joined,
        "lastLogin": user.last_login,
        "lastSeen": None if seen is None else seen.at,
        "isStaff": user.is_staff,
        "trustedSince": user.trusted_at,
        "twoStepLogin": sorted(set(Authenticator.objects.filter(user=user).values_list("type", flat=True))),
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


def _mutes(user: User) -> Iterator[Row]:
    for each in Mute.objects.filter(user=user).select_related("muted").order_by("pk"):
        yield {"username": each.muted.username, "since": each.created_at}


def _followed(user: User) -> Iterator[Row]:
    for each in PersonFollow.objects.filter(user=user).select_related("person").order_by("pk"):
        yield {"username": each.person.username, "since": each.created_at}


include("profile", _profile)
include("settings", _settings)
include("emailAddresses", _addresses)
include("sessions", _sessions)
include("sanctions", _sanctions)
include("mutedPeople", _mutes)
include("followedPeople", _followed)
