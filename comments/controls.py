"""What holds for all rooms at once, and the restricted words, as every process knows them.

Each comment asks for these, so they are kept in memory and read anew once a second at most; a process that
serves sockets does that beside its requests. What was changed counts everywhere within about that time, in
the process that changed it at once.
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max

from .models import RestrictedWord, SiteControl, WordKind
from .words import Words

# How old what is known may be, in seconds.
FRESH = 1.0

NO_WORDS = Words([])


@dataclass(frozen=True, slots=True)
class Controls:
    """The site's state. `lists` says which state of the lists `banned` and `suspect` are made from."""

    paused: bool = False
    hold_everything: bool = False
    banned: Words = NO_WORDS
    suspect: Words = NO_WORDS
    lists: tuple[int, datetime | None] = (0, None)

    @property
    def rooms(self) -> tuple[bool, bool]:
        """What of it the rooms are told."""
        return self.paused, self.hold_everything


# Nothing is paused, held or restricted.
OPEN = Controls()
_known = OPEN
_known_at: float | None = None
_told = OPEN.rooms
_reading = threading.Lock()


def current() -> Controls:
    """The controls, no older than `FRESH`; asks the database where they are."""
    if _known_at is None or time.monotonic() - _known_at >= FRESH:
        refresh()
    return _known


def known() -> Controls:
    """The controls as they were last read, for whoever must not ask the database: coroutines."""
    return _known


def refresh() -> None:
    """Read the controls anew."""
    global _known, _known_at
    # Whoever comes while another reads gets what was known, unless nothing is.
    if not _reading.acquire(blocking=_known_at is None):
        return
    try:
        _known = _read(_known)
        _known_at = time.monotonic()
    finally:
        _reading.release()


def take_news() -> bool:
    """Whether something has changed since the last time this was asked that rooms are told.

    Whoever writes a comment may be the first to read the change; the rooms have to hear of it all the same.
    """
    global _told
    before, _told = _told, _known.rooms
    return before != _told


def forget() -> None:
    """Have the controls read anew before they are used again."""
    global _known_at
    _known_at = None


def forget_on_commit() -> None:
    """The same now, for what follows in this transaction, and once it is committed, for everybody else."""
    forget()
    transaction.on_commit(forget)


def _read(before: Controls) -> Controls:
    row = SiteControl.objects.order_by("pk").first() or SiteControl()
    # A list changes seldom, and to make it ready takes long: this tells whether it did, whoever changed it.
    count = RestrictedWord.objects.aggregate(count=Count("pk"), changed=Max("changed_at"))
    lists = (count["count"], count["changed"])
    if lists == before.lists:
        return Controls(row.paused, row.hold_everything, before.banned, before.suspect, lists)
    words = list(RestrictedWord.objects.order_by("pk").values_list("pattern", "kind"))
    banned = Words(pattern for pattern, kind in words if kind == WordKind.BANNED)
    suspect = Words(pattern for pattern, kind in words if kind == WordKind.SUSPECT)
    return Controls(row.paused, row.hold_everything, banned, suspect, lists)
