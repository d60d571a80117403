"""What the people who are here hear of their inboxes, and what they hear of them once more where something
may have got lost.

Notices are gathered for a moment; what they are about is read once for all who have sockets in this process,
after the commit and by one task: so a count that is told is never older than the one before it. Who is told
alone does not wait for a mass: the two are read in turns of their own.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic as now

from django.db import DatabaseError
from django.utils.translation import override

from realtime.database import in_database
from realtime.requests import Caller
from realtime.resting import again_after, rest_after
from realtime.server import Server
from realtime.session import user_room

from . import inbox
from .events import NAMESPACE, EntryPayload, NotificationEvent, entry_payload
from .inbox import Unread
from .notices import CHECK, READ, STALE

logger = logging.getLogger("postroom.realtime")

# How long notices are gathered, in seconds.
GATHER = 0.02
# People who are told together; and between two such readings, so many times as long as one took.
AT_ONCE = 200
REST = 2.0
# A notice of more people than these is one of a mass.
FEW = 20
# How often what this process has told is compared with the database, in seconds: a notice may get lost, and
# unlike a post's comments an inbox has no heartbeat.
COMPARE = 60.0
COMPARED_AT_ONCE = 1_000

# By person: the languages of their sockets, and the groups of which something is new.
Wanted = Mapping[int, tuple[frozenset[str], frozenset[str]]]
# By person: what is unread and, by language, the payloads of what is new.
# And, where that was asked for, what the newest unread one is called on the wire.
Found = Mapping[int, tuple[Unread, Mapping[str, Sequence[EntryPayload]], int | None]]


@dataclass(slots=True)
class _Queue:
    """Whom something is new for, and in which groups."""

    due: dict[int, set[str]] = field(default_factory=dict)
    rests_until: float = 0.0
    failures: int = 0  # in a row


class Live:
    """The inboxes of those who have sockets in this process."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._few, self._mass = _Queue(), _Queue()
        self._woken = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        self._told: dict[int, Unread] = {}  # what each was told last
        self._newest_original = 0  # when it was seen last whether what was told holds

    def noticed(self, told: Sequence[Sequence[object]]) -> None:
        """Something is new for these people, each with the group."""
        mass = self._mass.due
        due = mass if len(told) > FEW else self._few.due
        for user_id, group in told:
            pk = int(str(user_id))
            if self._is_here(pk):
                # All that is new for one person is told together.
                known = self._few.due if pk in self._few.due else due
                groups = known.setdefault(pk, set())
                if known is not mass and pk in mass:
                    groups |= mass.pop(pk)
                groups.add(str(group))
        self._woken.set()
        if (mass or self._few.due) and self._telling is None:
            self._woken = asyncio.Event()
            self._telling = asyncio.create_task(self._tell())

    def told(self, user_id: int) -> Unread | None:
        """What somebody was told last; ask before you read what `knows` is to be given."""
        return self._told.get(user_id)

    def knows(self, user_id: int, unread: Unread, *, before: Unread | None) -> None:
        """Somebody is told what is unread, by an answer. What they were told since `before` is newer."""
        if self._told.get(user_id) is before:
            self._told[user_id] = unread

    async def compare(self) -> None:
        """See whether the counts that were told still hold, and tell those for whom they do not."""
        here = [int(room.removeprefix("user_")) for room in self._rooms()]
        self._told = {user_id: self._told[user_id] for user_id in here if user_id in self._told}
        if not here:
            return
        # Who has no row yet of what is for all has to get one; but not each minute, for a thousand at a time.
        newest = await in_database(inbox.newest_original)
        is_new, self._newest_original = newest != self._newest_original, newest
        for start in range(0, len(here), COMPARED_AT_ONCE):
            some = here[start : start + COMPARED_AT_ONCE]
            before = {user_id: self._told.get(user_id) for user_id in some}
            unread = await in_database(_unread, some, is_new)
            # What was told meanwhile is newer than what was read.
            differ = [
                user_id
                for user_id in some
                if self._told.get(user_id) == before[user_id] != unread.get(user_id, Unread())
            ]
            self.noticed([(user_id, CHECK) for user_id in differ])

    async def _tell(self) -> None:
        try:
            await asyncio.sleep(GATHER)
            while waiting := [queue for queue in (self._few, self._mass) if queue.due]:
                self._woken.clear()
                at = now()
                queue = min(waiting, key=lambda each: max(each.rests_until - at, 0.0))
                if (wait := queue.rests_until - at) > 0:
                    with suppress(TimeoutError):  # what comes meanwhile may have its turn before
                        async with asyncio.timeout(wait):
                            await self._woken.wait()
                    continue
                queue.rests_until = await self._turn(queue) + now()
        finally:
            self._telling = None

    async def _turn(self, queue: _Queue) -> float:
        """Tell some of those who wait; how long to rest after it."""
        began = now()
        wanted = self._next_of(queue)
        try:
            found = await in_database(_read, wanted) if wanted else {}
        except DatabaseError as problem:
            if not queue.failures:  # while the database is away this would be all that the log has
                logger.warning("inboxes could not be read: %s", problem)
            queue.failures += 1
            for user_id, (_, groups) in wanted.items():
                queue.due.setdefault(user_id, set()).update(groups)
            return again_after(queue.failures)
        queue.failures = 0
        for user_id, (unread, entries, newest) in found.items():
            self._say(user_id, unread, entries, newest, is_stale=STALE in wanted[user_id][1])
        return rest_after(now() - began, times=REST)

    def _next_of(self, queue: _Queue) -> Wanted:
        """After a failure one alone, who waits behind all others after that: it may be theirs which fails."""
        wanted = {}
        for user_id in list(queue.due)[: 1 if queue.failures else AT_ONCE]:
            groups = frozenset(queue.due.pop(user_id))
            languages = frozenset(caller.language for caller in self._callers(user_id))
            if languages:
                wanted[user_id] = (languages, groups)
        return wanted

    def _say(
        self,
        user_id: int,
        unread: Unread,
        entries: Mapping[str, Sequence[EntryPayload]],
        newest: int | None,
        *,
        is_stale: bool,
    ) -> None:
        self._told[user_id] = unread
        told: dict[str, object] = {"count": unread.entries}
        if is_stale:
            told["stale"] = True
        if newest is not None:
            told["newest"] = str(newest)
        for caller in self._callers(user_id):
            for payload in entries.get(caller.language, ()):
                caller.tell(NotificationEvent.NOTIFICATION, payload)
            caller.tell(NotificationEvent.UNREAD_COUNT, told)

    def _is_here(self, user_id: int) -> bool:
        return user_room(user_id) in self._server.manager.rooms.get(NAMESPACE, ())

    def _rooms(self) -> list[str]:
        return self._server.manager.local_rooms("user_", namespace=NAMESPACE)

    def _callers(self, user_id: int) -> list[Caller]:
        sids = self._server.manager.sids_in(user_room(user_id), namespace=NAMESPACE)
        return [self._server.callers[sid] for sid in sids if sid in self._server.callers]


def _read(wanted: Wanted) -> Found:
    """In a database thread."""
    inbox.catch_up(list(wanted))
    # The count after the entries: it may know of more than they do, for which there is another notice.
    pairs = [
        (user_id, group) for user_id, (_, groups) in wanted.items() for group in groups - {STALE, READ, CHECK}
    ]
    entries = inbox.unread_entries(pairs) if pairs else {}
    unread = inbox.unread(list(wanted))
    checked = {user_id for user_id, (_, groups) in wanted.items() if CHECK in groups}
    names = inbox.wire_ids([unread[pk].newest for pk in checked if pk in unread]) if checked else {}
    found = {}
    for user_id, (languages, _) in wanted.items():
        payloads = {}
        for language in languages:
            with override(language):
                payloads[language] = [entry_payload(each) for each in entries.get(user_id, ())]
        state = unread.get(user_id, Unread())
        newest = names.get(state.newest, 0) if user_id in checked else None
        found[user_id] = (state, payloads, newest)
    return found


def _unread(user_ids: list[int], is_new: bool) -> dict[int, Unread]:
    if is_new:
        inbox.catch_up(user_ids)
    return inbox.unread(user_ids)
