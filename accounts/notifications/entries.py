"""What a list shows: one entry for all notifications of a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import Notification, User

# Those of whom an entry has faces; all others are a number.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A group of somebody's notifications, unread or read; what is not about all of them is of the newest.

    `people` are the latest who did it, `count` is how many did.
    """

    id: int
    group: str
    kind: str
    action: str
    path: str
    created_at: datetime
    is_read: bool
    cursor: int = 0
    about: Mapping[str, Any] = field(default_factory=dict)
    people: Sequence[User] = ()
    count: int = 0

    @classmethod
    def of(cls, newest: Notification, acted: Sequence[int], people: Mapping[int, User]) -> "Entry":
        """Of the newest of a group, the ids of those who did it, the latest first, and people by id."""
        actors = list(dict.fromkeys(acted))
        return cls(
            id=newest.wire_id,
            group=newest.group_key,
            kind=newest.kind,
            action=newest.action,
            path=newest.path,
            created_at=newest.created_at,
            is_read=newest.read_at is not None,
            cursor=newest.pk,
            about=newest.about,
            people=[people[pk] for pk in actors[:SHOWN] if pk in people],
            count=len(actors),
        )

    @classmethod
    def of_original(cls, original: Notification) -> "Entry":
        return cls(
            id=original.pk,
            group=original.group_key,
            kind=original.kind,
            action=original.action,
            path=original.path,
            created_at=original.created_at,
            is_read=False,
            about=original.about,
        )
