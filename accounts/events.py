"""Every event about people on one page: names, payloads, and how payloads are made.

ARCHITECTURE.md and static/js/postroom/events.js list the same names; tests compare the three.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from django.utils import timezone

from .models import Sanction, User


class AccountEvent(StrEnum):
    """What the server says to the sockets of one person, in `user_<id>`."""

    SANCTION_CHANGED = "sanction_changed"
    PERSON_MUTED = "person_muted"


class SanctionPayload(TypedDict):
    sanctionId: str
    kind: str
    reason: str  # a code: events go to readers of any language
    explanation: str
    concerns: str
    until: str | None
    # And in `sanction_changed`: state, which is imposed, lifted or acknowledged.


class MutedPayload(TypedDict):
    userId: str
    name: str
    on: bool


def muted_payload(person: User, *, on: bool) -> MutedPayload:
    """That one has muted a person, or does so no more: for one's own sockets alone."""
    return {"userId": str(person.pk), "name": person.shown_name, "on": on}


def sanction_payload(sanction: Sanction) -> SanctionPayload:
    """A sanction as its person is told of it; who imposed it and the note stay inside."""
    until = sanction.until
    return {
        "sanctionId": str(sanction.pk),
        "kind": str(sanction.kind),
        "reason": str(sanction.reason),
        "explanation": sanction.explanation,
        "concerns": sanction.concerns,
        "until": None if until is None else wire_time(until),
    }


def wire_time(moment: datetime) -> str:
    """ISO 8601 with the site's own offset, and not that of whoever looks at a page just now."""
    here = timezone.get_default_timezone()
    return timezone.localtime(moment, here).isoformat(timespec="milliseconds")
