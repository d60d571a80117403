"""What the moderators of this process are told of, and how often.

Notices of changed comments are gathered for a moment and read together; each item is described and encoded
once, whoever watches its queue. Counters are counted at most once a second. Where nobody watches nothing is
read at all.
"""

import asyncio
from collections.abc import Sequence

from comments import queues
from comments.queues import Queue
from realtime.database import in_database
from realtime.delivery import encode_event
from realtime.server import Server

from .events import DESK_ROOM, NAMESPACE, DeskEvent, gone_payload, item_payload, queue_room
from .items import items
from .notices import MANY

# How long notices are gathered, in seconds: short enough to feel live, long enough for what comes together.
GATHER = 0.1
# Between two readings, and between two countings, at least so long, in seconds.
PAUSE = 0.5
COUNT_EVERY = 1.0
# Counted once more after so long though nothing was noticed: a notice may have been lost.
COUNT_AGAIN = 15.0


class Live:
    """The desks of one process."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ids: set[int] = set()
        self._new: set[int] = set()
        self._all = False
        self._reading: asyncio.Task[None] | None = None
        self._counting: asyncio.Task[None] | None = None
        self._uncounted = False
        self.counts: dict[str, int] | None = None  # as last told

    @property
    def is_watched(self) -> bool:
        return DESK_ROOM in self._server.manager.rooms.get(NAMESPACE, ())

    def noticed(self, ids: Sequence[int] | None, *, are_new: bool = False) -> None:
        """Comments changed or came to be; None: too many to name."""
        if not self.is_watched:
            return
        if ids is None:
            self._all = True
        else:
            (self._new if are_new else self._ids).update(map(int, ids))
        self._uncounted = True
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        if self._counting is None:
            self._counting = asyncio.create_task(self._count())

    def doubt(self) -> None:
        """Something may have been missed: have everything read anew."""
        self.noticed(None)

    async def count_again(self) -> None:
        """See whether the counters still hold."""
        if self.is_watched and self._counting is None:
            self._uncounted = True
            self._counting = asyncio.create_task(self._count())

    async def _read(self) -> None:
        try:
            await asyncio.sleep(GATHER)
            while self._ids or self._new or self._all:
                changed, new, everything = self._ids, self._new, self._all
                self._ids, self._new, self._all = set(), set(), False
                if everything or len(changed | new) > MANY:
                    self._tell_stale()
                else:
                    await self._tell_items(sorted(changed | new), new - changed)
                await asyncio.sleep(PAUSE)
        finally:
            self._reading = None

    async def _tell_items(self, ids: list[int], new: set[int]) -> None:
        for queue_events in await in_database(_encoded, ids, new):
            for queue, encoded in queue_events:
                self._server.manager.deliver(queue_room(queue), encoded, namespace=NAMESPACE)

    def _tell_stale(self) -> None:
        for queue in Queue:
            event = encode_event(DeskEvent.QUEUE_STALE, {"queue": queue.value}, namespace=NAMESPACE)
            self._server.manager.deliver(queue_room(queue), event, namespace=NAMESPACE)

    async def _count(self) -> None:
        try:
            await asyncio.sleep(GATHER)
            while self._uncounted:
                self._uncounted = False
                counts = await in_database(queues.counted)
                if counts != self.counts:
                    self.counts = counts
                    event = encode_event(DeskEvent.QUEUE_COUNTS, counts, namespace=NAMESPACE)
                    self._server.manager.deliver(DESK_ROOM, event, namespace=NAMESPACE)
                await asyncio.sleep(COUNT_EVERY)
        finally:
            self._counting = None


def _encoded(ids: list[int], new: set[int]) -> list[list[tuple[str, str]]]:
    """For each item the events by queue, each encoded once. In a database thread."""
    told = []
    for item in items(ids):
        inside = {str(queue) for queue in item.queues}
        changed = encode_event(DeskEvent.ITEM_CHANGED, {"item": item_payload(item)}, namespace=NAMESPACE)
        gone = encode_event(DeskEvent.ITEM_GONE, gone_payload(item), namespace=NAMESPACE)
        # What has just come to be was in no other queue before.
        outside = [] if item.comment.pk in new else [q.value for q in Queue if q.value not in inside]
        told.append([*((queue, changed) for queue in sorted(inside)), *((q, gone) for q in outside)])
    return told
