"""Between processes: python-socketio's pub/sub manager over the Channels layer.

The same code runs on the in-memory layer and on Redis. Local sockets never wait for the layer: an
event is delivered here first and then queued for the others. Messages may get lost on the way; the
versions in them make that harmless.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterable
from typing import Any, Protocol

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from socketio.async_pubsub_manager import AsyncPubSubManager

from . import metrics
from .delivery import Delivery
from .order import InOrder
from .protocol import Socket

logger = logging.getLogger("postroom.realtime")

GROUP = "postroom"
# A hung Redis must not hold up anything: sending one message may take this long, in seconds.
SEND_TIMEOUT = 1.0
# Messages that wait for Redis; older ones are worthless once readers have caught up by version.
OUTBOX_LIMIT = 1_000
RETRY_AFTER = 1.0
OUTSIDE_PAUSE = 10.0
# Each process hears itself through the layer. channels-redis does not tell when a connection was lost
# and found again; a pulse that stays away does, for a Redis that is down and for one that hangs.
PULSE_EVERY = 1.0
DEAF_AFTER = 3.0
# Messages that travel together when many wait.
MESSAGES_AT_ONCE = 100
# What the bus says itself; the rest belongs to python-socketio or to a listener.
OUR_METHODS = {"event", "end", "drop", "recheck", "evict", "pulse"}
# No version would ever reveal that one of these got lost, so they are tried until they get through.
LASTING_METHODS = {"end", "drop", "recheck", "evict"}
# Whoever has not been heard of for so long, in seconds, is not expected to go on where it stopped.
HOST_FORGOTTEN = 300.0
LAYER_ERRORS = (RedisError, OSError, TimeoutError)
SLOW_ERRORS = (TimeoutError, RedisTimeout)


class Echo(Protocol):
    """What the rooms of the default namespace hear, told in another namespace in words of its own.

    Rooms there begin with the name of the one whose echo they are; what they add stands behind a `/`.
    """

    def rooms(self, room: str) -> Iterable[str]:
        """The rooms there that may hear of what `room` hears."""

    def packets(self, room: str, encoded: str) -> Iterable[tuple[str, str]]:
        """Which of these hears what, where a packet goes to `room`."""


class Bus(AsyncPubSubManager):  # type: ignore[misc]
    """Rooms of this process, and the way to those of the others."""

    # rooms[namespace][room][sid] is a socket of this process.
    rooms: dict[str, dict[str, dict[str, Socket]]]

    def __init__(self) -> None:
        super().__init__(channel=GROUP)
        self.rooms_of: dict[tuple[str, str], list[str]] = {}  # (namespace, sid) -> rooms
        self.connections: dict[tuple[str, str], str] = {}  # (namespace, sid) -> connection id
        self.sids: dict[tuple[str, str], str] = {}  # and back: (connection id, namespace) -> sid
        self.pending: set[str] = set()  # sids whose sessions are being looked up
        self.delivery = Delivery(self._members)
        self.echoes: dict[str, Echo] = {}  # by namespace
        self.listeners: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.on_heard_again: list[Callable[[], Awaitable[None]]] = []
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue(OUTBOX_LIMIT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard_at = 0.0
        self.is_deaf = False
        self._number = 0  # of what this process sends
        self._heard_numbers: dict[str, tuple[int, float]] = {}  # host -> the last number, and when
        self._is_comparing = False
        self._is_reachable = True
        self._is_refused = False
        self.in_order = InOrder(self._deliver_event, wait=settings.ORDER_WAIT)

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
        if not settings.REDIS_URL:
            return  # there are none: the layer in memory would carry it back to us alone
        try:
            self._outbox.put_nowait(message)
        except asyncio.QueueFull:
            logger.debug("the bus is full: a message was dropped")

    async def _publish(self, data: dict[str, Any]) -> None:
        self.send(data)

    async def _send(self) -> None:
        owed: list[dict[str, Any]] = []
        while True:
            messages = [*owed, await self._outbox.get(), *self._waiting(MESSAGES_AT_ONCE)]
            # A number that never arrives tells the others that they have missed something.
            self._number += 1
            try:
                async with asyncio.timeout(SEND_TIMEOUT):
                    await _transmit(messages, host=self.host_id, number=self._number)
                owed = []
                self._is_reachable, self._is_refused = True, False
            except LAYER_ERRORS as problem:
                if self._is_reachable:
                    logger.warning("other processes cannot be reached: %r", problem)
                self._is_reachable = False
                # A machine with too much to do is slow, too; what the others say still comes.
                self._is_refused = not isinstance(problem, SLOW_ERRORS)
                # Of what waits events are worthless: readers catch up by version once the bus is back.
                messages += self._waiting(OUTBOX_LIMIT)
                owed = [each for each in messages if each["method"] in LASTING_METHODS][-OUTBOX_LIMIT:]

    def _waiting(self, limit: int) -> list[dict[str, Any]]:
        return [self._outbox.get_nowait() for _ in range(min(limit, self._outbox.qsize()))]

    async def _pulse(self) -> None:
        """Let the others, and this process itself, hear every second that the bus works."""
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
                self.compare_soon()

    def compare_soon(self) -> None:
        """Something got lost on the bus: have everything compared with the database, once."""
        if not self._is_comparing:
            self._is_comparing = True
            self._start(self._compare())

    async def _compare(self) -> None:
        # Spread over a moment: every process finds the bus at the same time.
        await asyncio.sleep(random.uniform(0, 1))  # noqa: S311
        self._is_comparing = False
        for compare in self.on_heard_again:
            try:
                await compare()
            except DatabaseError as problem:
                logger.warning("comparing after a loss on the bus failed: %s", problem)

    # --- Receiving ---------------------------------------------------------------------------

    async def _listen(self) -> AsyncIterator[dict[str, Any]]:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel(GROUP)
                await layer.group_add(GROUP, channel)
                while True:
                    for message in self._heard(await layer.receive(channel)):
                        yield message
            except LAYER_ERRORS as problem:
                logger.warning("the bus cannot be heard, trying again: %r", problem)
                await asyncio.sleep(RETRY_AFTER)

    def _heard(self, said: dict[str, Any]) -> list[dict[str, Any]]:
        """Act on what one process said; returns what is for python-socketio."""
        host, messages = said.get("host"), said.get("messages", [])
        if host is not None:
            self._check_number(host, said.get("number", 0))
        if host == self.host_id:
            self._heard_at = time.monotonic()
            return []
        rest = []
        for message in messages:
            method = message.get("method")
            if method in OUR_METHODS or method in self.listeners:
                self._act_on_other({**message, "host": host})
            else:
                rest.append({**message, "host_id": host})
        return rest

    def _check_number(self, host: str, number: int) -> None:
        """Notice when something that `host` said has not arrived here."""
        now = time.monotonic()
        last, _ = self._heard_numbers.get(host, (number - 1, now))
        if number > last + 1:
            logger.warning("%d messages of another process got lost", number - last - 1)
            self.compare_soon()
        if host not in self._heard_numbers:
            known = self._heard_numbers.items()
            self._heard_numbers = {each: (n, at) for each, (n, at) in known if now - at < HOST_FORGOTTEN}
        self._heard_numbers[host] = (max(number, last), now)

    def silent_for(self, host: str) -> float:
        """How many seconds ago another process was last heard of; living ones speak with each pulse."""
        _, at = self._heard_numbers.get(host, (0, -HOST_FORGOTTEN))
        return time.monotonic() - at

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
            self._take_event(message)
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

    def _take_event(self, message: dict[str, Any]) -> None:
        if not self.is_heard(message["namespace"], message["room"]):
            return
        if message.get("version") is None:
            self._deliver_event(message)
        else:
            # While the bus is down nothing that is missing will come.
            self.in_order.take(message, may_wait=not self._is_refused and not self.is_deaf)

    def _deliver_event(self, message: dict[str, Any]) -> None:
        self.deliver(message["room"], message["packet"], namespace=message["namespace"])

    # --- Local rooms -------------------------------------------------------------------------
    # The library keeps two dictionaries per room and a room per socket, and walks all rooms when one
    # socket leaves. Ours hold the sockets themselves, and know which rooms each is in.

    def deliver(self, room: str, encoded: str, *, namespace: str = "/") -> None:
        """Send an encoded packet to the sockets of `room` in this process."""
        if room in self.rooms.get(namespace, ()):
            self.delivery.add(namespace, room, encoded)
        if namespace == "/" and self.echoes:
            for other, echo in self.echoes.items():
                if self._is_echoed(other, room):
                    for there, packet in echo.packets(room, encoded):
                        self.deliver(there, packet, namespace=other)

    def is_heard(self, namespace: str, room: str) -> bool:
        """Whether anybody in this process hears what a room does."""
        if room in self.rooms.get(namespace, ()):
            return True
        return namespace == "/" and any(self._is_echoed(other, room) for other in self.echoes)

    def _is_echoed(self, namespace: str, room: str) -> bool:
        there = self.rooms.get(namespace, {})
        return bool(there) and any(each in there for each in self.echoes[namespace].rooms(room))

    def sids_in(self, room: str, *, namespace: str = "/") -> list[str]:
        """The sockets of this process in a room."""
        return list(self.rooms.get(namespace, {}).get(room, ()))

    def local_rooms(self, prefix: str, *, namespace: str = "/") -> list[str]:
        """The rooms of this process whose names begin with `prefix`; in the default namespace also those of
        which there is only an echo."""
        found = [room for room in self.rooms.get(namespace, {}) if room.startswith(prefix)]
        if namespace == "/" and self.echoes:
            homes = (_home(room) for other in self.echoes for room in self.rooms.get(other, {}))
            found = list(dict.fromkeys([*found, *(room for room in homes if room.startswith(prefix))]))
        return found

    def _members(self, namespace: str, room: str) -> Collection[Socket]:
        return list(self.rooms.get(namespace, {}).get(room, {}).values())

    def pre_connect(self, eio_sid: str, namespace: str) -> str:
        """A new sid for a connection in a namespace; it counts as connected once it was `admitted`."""
        sid: str = self.server.eio.generate_id()
        self.connections[namespace, sid] = eio_sid
        self.sids[eio_sid, namespace] = sid
        self.pending.add(sid)
        return sid

    def admitted(self, sid: str) -> None:
        self.pending.discard(sid)

    def is_connected(self, sid: str, namespace: str) -> bool:
        return (namespace, sid) in self.connections and sid not in self.pending

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        return self.sids.get((eio_sid, namespace))

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        return self.connections.get((namespace, sid))

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        """Raises ValueError where the socket is not connected to the namespace."""
        connection = self.connections.get((namespace, sid))
        if connection is None or room is None:
            raise ValueError("sid is not connected to requested namespace")
        self.delivery.flush_rooms()
        self.rooms.setdefault(namespace, {}).setdefault(room, {})[sid] = self.server.eio.sockets[connection]
        self.rooms_of.setdefault((namespace, sid), []).append(room)

    def heard_up_to(self, namespace: str, room: str, version: int) -> None:
        """Somebody in a room knows its changes up to `version`."""
        if self.is_heard(namespace, room):
            self.in_order.seen(namespace, room, version)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        mine = self.rooms_of.get((namespace, sid), [])
        if room is None or room not in mine:
            return
        self.delivery.flush_rooms()
        mine.remove(room)
        rooms = self.rooms[namespace]
        del rooms[room][sid]
        if not rooms[room]:
            del rooms[room]
        if not rooms:
            del self.rooms[namespace]
        home = ("/", _home(room)) if namespace in self.echoes else (namespace, room)
        if not self.is_heard(*home):
            self.in_order.forget(*home)

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        for room in list(self.rooms_of.get((namespace, sid), ())):
            self.basic_leave_room(sid, namespace, room)
        self.rooms_of.pop((namespace, sid), None)
        connection = self.connections.pop((namespace, sid), None)
        if connection is not None:
            self.sids.pop((connection, namespace), None)
        self.callbacks.pop(sid, None)
        self.pending.discard(sid)

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return list(self.rooms_of.get((namespace, sid), ()))

    def get_namespaces(self) -> list[str]:
        return list({namespace for namespace, _ in self.connections})


def _home(room: str) -> str:
    """The room of the default namespace whose echo a room is."""
    return room.partition("/")[0]


async def _transmit(messages: list[dict[str, Any]], **about: Any) -> None:
    await get_channel_layer().group_send(GROUP, {"type": "bus", "messages": messages, **about})


# When a process that serves no sockets may try again after it could not reach the layer.
_try_again_at = 0.0


def send_from_outside(message: dict[str, Any]) -> None:
    """Send one message from a process that serves no sockets. Without Redis there is nobody to hear."""
    global _try_again_at
    if not settings.REDIS_URL or time.monotonic() < _try_again_at:
        return

    async def send() -> None:
        async with asyncio.timeout(SEND_TIMEOUT):
            await _transmit([message])

    try:
        async_to_sync(send)()
    except LAYER_ERRORS as problem:
        # A command that ends a thousand sessions must not wait a thousand times.
        _try_again_at = time.monotonic() + OUTSIDE_PAUSE
        logger.warning("the open pages could not be told: %r", problem)


async def probe() -> bool:
    """Whether a message can be handed to the layer within `SEND_TIMEOUT`."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            await _transmit([])
    except LAYER_ERRORS:
        return False
    return True
