"""Between processes: python-socketio's pub/sub manager over the Channels layer.

The same code runs on the in-memory layer and on Redis. Local sockets never wait for the layer: an
event is delivered here first and then queued for the others. Messages may get lost on the way; the
versions in them make that harmless.
"""

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError
from socketio.async_pubsub_manager import AsyncPubSubManager

from . import metrics
from .delivery import deliver

logger = logging.getLogger("postroom.realtime")

GROUP = "postroom"
# A hung Redis must not hold up anything: sending one message may take this long, in seconds.
SEND_TIMEOUT = 1.0
# Messages that wait for Redis; older ones are worthless once readers have caught up by version.
OUTBOX_LIMIT = 1_000
RETRY_AFTER = 1.0
# Each process hears itself through the layer. channels-redis does not tell when a connection was lost
# and found again; a pulse that stays away does, for a Redis that is down and for one that hangs.
PULSE_EVERY = 1.0
DEAF_AFTER = 3.0
# What the bus says itself; the rest belongs to python-socketio or to a listener.
OUR_METHODS = {"event", "end", "drop", "recheck", "evict", "pulse"}
LAYER_ERRORS = (RedisError, OSError, TimeoutError)


class Bus(AsyncPubSubManager):  # type: ignore[misc]
    """Rooms of this process, and the way to those of the others.

    `rooms_of` is the index that the library lacks: without it each disconnect walks every room.
    """

    def __init__(self) -> None:
        super().__init__(channel=GROUP)
        self.rooms_of: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.listeners: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.on_heard_again: list[Callable[[], Awaitable[None]]] = []
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue(OUTBOX_LIMIT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard_at = 0.0
        self.is_deaf = False

    def initialize(self) -> None:
        super().initialize()
        self._start(self._send())
        if settings.REDIS_URL:
            self._heard_at = time.monotonic()
            self._start(self._pulse())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- Sending -----------------------------------------------------------------------------

    def spread(self, message: dict[str, Any]) -> None:
        """Act on a message here and send it to the other processes. Call it on the loop."""
        metrics.events.inc()
        self.act(message)
        self.send(message)

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message for the other processes only."""
        try:
            self._outbox.put_nowait({**message, "host": self.host_id})
        except asyncio.QueueFull:
            logger.debug("the bus is full: a message was dropped")

    async def _publish(self, data: dict[str, Any]) -> None:
        self.send(data)

    async def _send(self) -> None:
        layer = get_channel_layer()
        reachable = True
        while True:
            message = await self._outbox.get()
            try:
                async with asyncio.timeout(SEND_TIMEOUT):
                    await layer.group_send(GROUP, {"type": "bus", "message": message})
                reachable = True
            except LAYER_ERRORS as problem:
                if reachable:
                    logger.warning("other processes cannot be reached: %r", problem)
                reachable = False
                # What waits is worthless: readers catch up by version once the bus is back.
                while not self._outbox.empty():
                    self._outbox.get_nowait()

    async def _pulse(self) -> None:
        """Notice that the bus is lost, and have everything compared once it is back."""
        while True:
            self.send({"method": "pulse"})
            await asyncio.sleep(PULSE_EVERY)
            silent_for = time.monotonic() - self._heard_at
            if silent_for > DEAF_AFTER and not self.is_deaf:
                self.is_deaf = True
                metrics.bus_lost.inc()
                logger.warning("other processes cannot be heard")
            elif silent_for <= DEAF_AFTER and self.is_deaf:
                self.is_deaf = False
                logger.warning("other processes are heard again")
                for compare in self.on_heard_again:
                    self._start(_run(compare))

    # --- Receiving ---------------------------------------------------------------------------

    async def _listen(self) -> AsyncIterator[dict[str, Any]]:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel(GROUP)
                await layer.group_add(GROUP, channel)
                while True:
                    message = (await layer.receive(channel))["message"]
                    if message.get("host") == self.host_id:
                        self._heard_at = time.monotonic()
                    elif message.get("method") in OUR_METHODS or message.get("method") in self.listeners:
                        self._act_on_other(message)
                    else:
                        yield {**message, "host_id": message.get("host")}
            except LAYER_ERRORS as problem:
                logger.warning("the bus cannot be heard, trying again: %r", problem)
                await asyncio.sleep(RETRY_AFTER)

    def _act_on_other(self, message: dict[str, Any]) -> None:
        try:
            self.act(message)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            # During a rolling restart another version of this program speaks too. What it says that we do
            # not understand must not deafen us to the rest; readers find out by version.
            logger.warning("a %s from another process was not understood: %r", message["method"], problem)

    def act(self, message: dict[str, Any]) -> None:
        """Do here what a message asks for."""
        method = message["method"]
        if method == "event":
            self.deliver(message["room"], message["packet"], namespace=message["namespace"])
        elif method == "end":
            self.server.endings.end_room(message["room"], message["reason"])
        elif method == "drop":
            self.server.endings.drop_room(message["room"])
        elif method == "recheck":
            self.server.endings.recheck_room(message["room"])
        elif method == "evict":
            self.server.endings.evict(message["room"])
        elif method != "pulse":
            self.listeners[method](message)

    # --- Local rooms -------------------------------------------------------------------------

    def deliver(self, room: str, encoded: str, *, namespace: str = "/") -> int:
        """Send an encoded packet to the sockets of `room` in this process."""
        members = self.rooms.get(namespace, {}).get(room)
        if not members:
            return 0
        delivered = deliver(self.server.eio, list(members.values()), encoded)
        metrics.deliveries.inc(delivered)
        return delivered

    def local_rooms(self, prefix: str, *, namespace: str = "/") -> list[str]:
        """The rooms of this process whose names begin with `prefix`."""
        return [
            room
            for room in self.rooms.get(namespace, {})
            if isinstance(room, str) and room.startswith(prefix)
        ]

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        if room is not None:
            self.rooms_of[namespace, sid].add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        super().basic_leave_room(sid, namespace, room)
        rooms = self.rooms_of.get((namespace, sid))
        if rooms is not None and room is not None:
            rooms.discard(room)

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        for room in list(self.rooms_of.pop((namespace, sid), ())):
            super().basic_leave_room(sid, namespace, room)
        super().basic_leave_room(sid, namespace, None)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            sids = pending.get(namespace, [])
            if sid in sids:
                sids.remove(sid)
            if not sids:
                pending.pop(namespace, None)

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return list(self.rooms_of.get((namespace, sid), ()))


def send_from_outside(message: dict[str, Any]) -> None:
    """Send one message from a process that serves no sockets. Without Redis there is nobody to hear."""
    if not settings.REDIS_URL:
        return

    async def send() -> None:
        async with asyncio.timeout(SEND_TIMEOUT):
            await get_channel_layer().group_send(GROUP, {"type": "bus", "message": message})

    try:
        async_to_sync(send)()
    except LAYER_ERRORS as problem:
        logger.warning("the open pages could not be told: %r", problem)


async def _run(compare: Callable[[], Awaitable[None]]) -> None:
    # Spread over a moment: every process finds the bus at the same time.
    await asyncio.sleep(random.uniform(0, 1))  # noqa: S311
    try:
        await compare()
    except Exception:
        logger.exception("comparing after a lost bus failed")


async def probe(layer: Any) -> bool:
    """Whether a message can be handed to the layer within `SEND_TIMEOUT`."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            await layer.group_send(GROUP, {"type": "bus", "message": {"method": "pulse"}})
    except LAYER_ERRORS:
        return False
    return True
