"""Engine.IO, held to its protocol: one bad frame ends the connection that sent it, quietly.

python-engineio lets several kinds of malformed frame escape as tracebacks or leave a connection half
alive. `Socket` reads and writes frames itself, and everything a client can do wrong becomes one
`Malformed`, which the engine answers by closing.
"""

import asyncio
import base64
import binascii
import logging
import os
import time
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Protocol
from urllib.parse import parse_qs

import engineio
from engineio import packet
from engineio.async_socket import AsyncSocket
from engineio.exceptions import EngineIOError, QueueEmpty

from . import handoff, metrics
from .addresses import address_of
from .frames import binary_frame, text_frame
from .logs import about, name_of
from .uvicorn_protocols import EXTENSION

# A logger of its own: what strangers can cause as often as they like is rationed, see `LOGGING`.
logger = logging.getLogger("postroom.misbehaviour")

# A page that lost its websocket may send all it kept in one POST; the body's size bounds it anyway.
MAX_PACKETS_PER_POST = 256
# What one poll fetches: python-socketio's client hangs up on more.
MAX_PACKETS_PER_POLL = 16
# What may wait for one reader, in packets and in characters. Whoever is further behind reconnects and
# catches up by version.
BACKLOG_LIMIT = 2_000
BACKLOG_LENGTH = 4_000_000
# Frames of one websocket that are acted on before it is somebody else's turn.
FRAMES_PER_TURN = 32
# Frames of one websocket that may wait to be acted on; more wait in its TCP connection.
INBOX_LIMIT = 64
# How often the engine looks whom to ping and who did not answer: a fifth of the patience, at most so long.
TICK = 1.0
# A transport that opens and never says CONNECT, or begins to move to a websocket and never arrives there, is
# dropped after this many seconds.
CONNECT_WITHIN = 20.0
# How long a refused client may take to fetch the reason before its transport is dropped, in seconds.
LINGER = 5.0


class Malformed(EngineIOError):  # type: ignore[misc]
    """A client sent what the protocol does not know."""


class WebSocket(Protocol):
    """What python-engineio's ASGI driver offers."""

    async def wait(self) -> str | bytes: ...
    async def send(self, message: str | bytes) -> None: ...
    async def close(self) -> None: ...


class Wire(Protocol):
    """What a server may offer of the connection beneath: see `uvicorn_protocols` and `doors`."""

    def adopt(self, receiver: "Socket") -> Callable[[bytes], None]: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def backlog(self) -> int: ...
    def finish(self) -> None: ...
    def abort(self) -> None: ...


class Socket(AsyncSocket):  # type: ignore[misc]
    """One Engine.IO connection over polling or websocket.

    A websocket whose server offers its wire is `straight`: there is no task and no queue, frames are
    acted on as they come and written where they arise. Every other connection has a queue and whoever
    empties it: a writer task, or the next poll.
    """

    server: "Engine"
    # What most connections never change stands here and takes no memory in each of them.
    connected = False
    upgraded = False
    upgrading = False
    closing = False
    closed = False
    refused = False
    asking = False  # to be let in: its session is being looked up
    admitted = False
    backlog = 0  # characters in the queue
    busy = 0  # requests under way, whose answers must still get out
    connect_by: float | None = None  # by the engine's clock: a timer for each newcomer costs more
    timer: asyncio.TimerHandle | None = None
    pinged_at: float | None = None
    is_straight = False
    wire: Wire | None = None
    # Writes prepared frames; None where that is not possible just now, and `post` has to be used.
    write: Callable[[bytes], None] | None = None
    _write_now: Callable[[bytes], None] | None = None
    _inbox: deque[str | bytes] | None = None  # None: nobody acts on frames at the moment
    _actor: asyncio.Task[None] | None = None  # asyncio itself holds tasks weakly
    _upgrade_patience: asyncio.Timeout | None = None

    def __init__(self, server: "Engine", sid: str, wire: Wire | None = None) -> None:
        # Not the library's own, which makes a queue; a connection that begins straight needs none.
        self.server = server
        self.sid = sid
        self.ping_due = time.monotonic() + server.ping_interval
        self.queue: Any = server.create_queue() if wire is None else None
        if wire is not None:
            self.connected = self.upgraded = self.is_straight = True
            self.wire = wire
            self._write_now = self.write = wire.adopt(self)

    @property
    def name(self) -> str:
        """Names the connection in the log; its id is as good as a password to whoever can poll."""
        return name_of(self.sid)

    # --- Sending -----------------------------------------------------------------------------

    def post(self, pkt: packet.Packet) -> None:
        """Send a packet; it leaves in the order of these calls. A reader too far behind is closed."""
        if self.closed:
            return
        if self.is_straight:
            self._post_straight(pkt)
            return
        if self.queue.qsize() >= BACKLOG_LIMIT or self.backlog > BACKLOG_LENGTH:
            self._is_too_slow()
            return
        self.backlog += len(pkt.encode())
        self.queue.put_nowait(pkt)

    def _post_straight(self, pkt: packet.Packet) -> None:
        if self.wire is None or self._write_now is None:
            return  # lost or over; `close` is on its way
        if self.write is None and self.wire.backlog() > BACKLOG_LENGTH:
            self._is_too_slow()
            return
        encoded = pkt.encode()
        self._write_now(binary_frame(encoded) if isinstance(encoded, bytes) else text_frame(encoded))

    def _is_too_slow(self) -> None:
        if not self.refused:
            metrics.slow_readers.inc()
            self.server.misbehaved(self, "it does not read what it is sent")

    def _taken(self, pkt: packet.Packet | None) -> None:
        if pkt is not None:
            self.backlog -= len(pkt.encode())

    async def send(self, pkt: packet.Packet) -> None:
        self.post(pkt)

    def refuse(self) -> None:
        """Let what is queued be fetched, then end the transport; listen to nothing any more."""
        self.refused = True
        self.server.flush()
        self.post(packet.Packet(packet.CLOSE))
        self._end_writing()
        self.close_in(LINGER)

    def leave(self) -> None:
        """Send what is queued and drop the transport without a word, so that the client comes back."""
        self.refused = True
        self.server.flush()
        self._end_writing()
        self.close_in(LINGER)

    def _end_writing(self) -> None:
        self.writing_ended()
        if not self.is_straight:
            self.queue.put_nowait(None)
        elif self.wire is not None:
            self.wire.finish()

    def expect_connect(self) -> None:
        """Close unless the client says CONNECT, and is let in, soon: before it is to `keep`."""
        self.keep()
        self.connect_by = time.monotonic() + CONNECT_WITHIN

    def close_in(self, seconds: float) -> None:
        """Close after `seconds` unless `keep` is called first."""
        self.keep()
        self.timer = asyncio.get_running_loop().call_later(seconds, self.server.close_soon, self)

    def keep(self) -> None:
        """Forget a planned close."""
        self.connect_by = None
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        # Waiting for the queue to empty, as the library would, hangs on a client that never polls.
        self.keep()
        self.server.flush()
        await super().close(wait=False, abort=abort, reason=reason)
        # The library would keep it until its next round, and fail on a POST in the meantime.
        self.server.sockets.pop(self.sid, None)
        self._end_writing()  # ends the writer, or the poll under way
        if self._upgrade_patience is not None and not self._upgrade_patience.expired():
            self._upgrade_patience.reschedule(0)
        if self.wire is not None:
            # A peer that does not read would hold the writer, and all that waits, for ever.
            asyncio.get_running_loop().call_later(LINGER, self.wire.abort)

    # --- Pings -------------------------------------------------------------------------------

    def schedule_ping(self) -> None:
        self.pinged_at = None

    def tick(self, now: float) -> None:
        """Ping if it is time; close if the last ping was not answered, or the client has not connected."""
        if self.closing or self.closed:
            return
        if self.connect_by is not None and now > self.connect_by:
            self.keep()
            self.server.close_soon(self)
            return
        if self.pinged_at is not None:
            if now - self.pinged_at > self.server.ping_timeout:
                self.server.close_soon(self, self.server.reason.PING_TIMEOUT)
        elif now >= self.ping_due and self.connected:
            self.pinged_at = now
            self.ping_due = now + self.server.ping_interval
            self.post(packet.Packet(packet.PING))

    # --- A wire of its own -------------------------------------------------------------------

    def _go_straight(self, wire: Wire) -> None:
        queue = self.queue
        self.queue = None  # it would take two kilobytes
        self.is_straight = True
        self._write_now = self.write = wire.adopt(self)
        while not queue.empty():
            pkt = queue.get_nowait()
            if pkt is None:
                self._end_writing()
            else:
                self._post_straight(pkt)
        queue.put_nowait(packet.Packet(packet.NOOP))  # for a poll that still waits there

    def message_received(self, message: str | bytes) -> None:
        """One message of a straight connection: acted on in its turn."""
        if self.refused or self.closed:
            return
        if message == "3":
            self.schedule_ping()
        elif self._inbox is None:
            self._inbox = deque((message,))
            self._actor = asyncio.create_task(self._act(self._inbox))
        else:
            self._inbox.append(message)
            if len(self._inbox) > INBOX_LIMIT and self.wire is not None:
                self.wire.pause_reading()

    async def _act(self, inbox: deque[str | bytes]) -> None:
        about.set(self.name)
        number = 0
        try:
            while inbox and not self.closed:
                number += 1
                if number % FRAMES_PER_TURN == 0:  # a flood must leave the others their turn
                    await asyncio.sleep(0)
                await self.receive_frame(inbox.popleft())
                if len(inbox) < INBOX_LIMIT // 2 and self.wire is not None:
                    self.wire.resume_reading()
        except Malformed as problem:
            self._misbehaved(str(problem))
        except Exception:
            logger.exception("connection %s is closed for an error of ours", self.name)
            self.server.close_soon(self)
        finally:
            self._inbox = self._actor = None

    def writing_paused(self) -> None:
        """The other side reads more slowly than we write: from now on each packet asks by how much."""
        self.write = None

    def writing_resumed(self) -> None:
        self.write = self._write_now

    def writing_ended(self) -> None:
        """The farewell of the websocket is on its way, and nothing may come after it."""
        self.write = self._write_now = None

    def connection_lost(self) -> None:
        self.writing_ended()
        self.wire = None
        self.server.close_soon(self, self.server.reason.TRANSPORT_CLOSE, abort=True)

    # --- Receiving ---------------------------------------------------------------------------

    async def receive_frame(self, frame: str | bytes) -> None:
        """Act on one frame. Raises `Malformed`."""
        if self.refused or self.closed:
            return
        if isinstance(frame, bytes):
            await self.server.handlers["message"](self.sid, frame)
            return
        kind, data = frame[:1], frame[1:]
        if kind == "4":
            await self.server.handlers["message"](self.sid, data)
        elif kind == "3":
            self.schedule_ping()
        elif kind == "1":
            await self.close(abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
        elif kind == "b":
            try:
                attachment = base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError) as problem:
                raise Malformed("bad base64") from problem
            await self.server.handlers["message"](self.sid, attachment)
        else:
            raise Malformed(f"frame of unknown type {kind[:1]!a}")

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        about.set(self.name)
        length = int(environ.get("CONTENT_LENGTH", "0"))
        if length > self.server.max_http_buffer_size:
            raise self._misbehaved("its POST is too long")
        body = await environ["wsgi.input"].read(length)
        try:
            frames = body.decode("utf-8").split("\x1e") if body else []
            if len(frames) > MAX_PACKETS_PER_POST:
                raise Malformed("too many packets in one POST")
            for frame in frames:
                await self.receive_frame(frame)
        except (UnicodeDecodeError, Malformed) as problem:
            raise self._misbehaved(str(problem)) from problem

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> Any:
        if self.upgrading or self.upgraded or self.closed:
            return self.server._bad_request()
        wire = environ["asgi.scope"].get("extensions", {}).get(EXTENSION)
        websocket = self.server._async["websocket"]
        return await websocket(partial(self._websocket_handler, wire), self.server)(environ)

    async def _websocket_handler(self, wire: Wire | None, ws: WebSocket) -> None:
        if (self.connected and not await self._upgrade(ws)) or self.closed:
            await ws.close()  # daphne would leave it open
            return
        about.set(self.name)
        self.connected = self.upgraded = True
        if wire is not None:
            # Not before: this one may end while the connection goes on polling.
            self.wire = wire
            self._go_straight(wire)
            return
        writer = asyncio.create_task(self._write(ws))
        number = 0
        try:
            while not self.closed:
                # Frames that are here already are read without a pause; a flood of them must leave the
                # others, and our own writer, their turn.
                number += 1
                if number % FRAMES_PER_TURN == 0:
                    await asyncio.sleep(0)
                try:
                    frame = await ws.wait()
                except OSError:  # the other side has gone
                    break
                await self.receive_frame(frame)
        except Malformed as problem:
            self._misbehaved(str(problem))
        finally:
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            # A refused client still gets what was queued for it; one that does not read gets no time.
            _, late = await asyncio.wait([writer], timeout=LINGER)
            for task in late:
                task.cancel()

    async def _upgrade(self, ws: WebSocket) -> bool:
        """The handshake by which a polling connection moves to a websocket."""
        if self.upgrading or self.upgraded or self.closed or self.refused:
            return False
        self.upgrading = True
        try:
            async with asyncio.timeout(CONNECT_WITHIN) as self._upgrade_patience:
                if await ws.wait() != "2probe":
                    return False
                await ws.send("3probe")
                self.post(packet.Packet(packet.NOOP))  # ends the poll under way
                return await ws.wait() == "5"
        except (OSError, TimeoutError):
            return False
        finally:
            self._upgrade_patience = None
            self.upgrading = False

    async def _write(self, ws: WebSocket) -> None:
        try:
            while (pkt := await self.queue.get()) is not None:
                self._taken(pkt)
                await ws.send(pkt.encode())
                if pkt.packet_type == packet.CLOSE:
                    break
            await ws.close()
        except (OSError, RuntimeError):
            # The transport closed under our hands; the reader finds out by itself.
            return

    async def poll(self) -> list[packet.Packet]:
        """What waits for a polling client, in portions that every client accepts; empty at the end."""
        queue = self.queue
        try:
            async with asyncio.timeout(self.server.ping_interval + self.server.ping_timeout):
                packets = [await queue.get()]
        except TimeoutError as problem:
            raise QueueEmpty from problem
        while packets[-1] is not None and len(packets) < MAX_PACKETS_PER_POLL and not queue.empty():
            packets.append(queue.get_nowait())
        for pkt in packets:
            self._taken(pkt)
        if packets[-1] is None:
            packets.pop()
            if packets:
                queue.put_nowait(None)  # for the next poll to find
        if any(pkt.packet_type == packet.CLOSE for pkt in packets) and not self.closed:
            self.server.close_soon(self)
        return packets

    def _misbehaved(self, what: str) -> Malformed:
        self.server.misbehaved(self, what)
        return Malformed(what)


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """The Engine.IO server with our sockets in it."""

    start_service_task: bool
    draining = False
    # Sends what waits for the end of this turn of the loop; set by whoever makes that wait.
    flush: Callable[[], None] = staticmethod(lambda: None)
    # Whether an address has so many handshakes under way that it has to wait; likewise.
    is_crowded: Callable[[str], bool] = staticmethod(lambda address: False)

    @cached_property
    def _mark(self) -> str:
        return handoff.mark("")

    def generate_id(self) -> str:
        """A name that nobody guesses, with this process's number where that matters."""
        return self._mark + urlsafe_b64encode(os.urandom(15)).decode()

    def misbehaved(self, socket: Socket, what: str) -> None:
        """Close a connection that breaks the protocol and say so once."""
        if not socket.refused and not socket.closed:
            logger.warning("closed connection %s: %s", socket.name, what)
            socket.refused = True
            self.close_soon(socket)

    def close_soon(self, socket: Socket, reason: str | None = None, *, abort: bool = False) -> None:
        """Close from code that cannot wait for it; `abort` sends no farewell."""
        _keep(asyncio.ensure_future(socket.close(abort=abort, reason=reason)))

    async def _keep_time(self) -> None:
        """Ping all connections, each in its time. A timer or a task for each would cost more than this."""
        pause = min(TICK, self.ping_interval / 5, self.ping_timeout / 5)
        while True:
            await asyncio.sleep(pause)
            now = time.monotonic()
            for socket in list(self.sockets.values()):
                socket.tick(now)

    async def handle_request(self, scope: Any, receive: Any, send: Any) -> Any:
        """Turn away what no client of ours sends before the library spends a thought or a log line."""
        if scope.get("method") == "POST" and not any(
            name == b"content-length" for name, _ in scope["headers"]
        ):
            # The library would read nothing of it and say that all is well.
            await _turn_away(scope, receive, send, 411, b"Length required", (b"connection", b"close"))
            return None
        try:
            query = parse_qs(scope.get("query_string", b"").decode("ascii"))
        except UnicodeDecodeError:
            query = {}
        if self.draining and "sid" not in query:
            # The client's next attempt finds another process, or this one's successor.
            await _turn_away(scope, receive, send, 503, b"Restarting")
            return None
        if "sid" not in query and self.is_crowded(address_of(scope)):
            await _turn_away(scope, receive, send, 429, b"Too many", (b"retry-after", b"5"))
            return None
        transport = query.get("transport", ["polling"])[0]
        wanted = "websocket" if scope["type"] == "websocket" else "polling"
        if transport != wanted or "j" in query or scope.get("method", "GET") not in _METHODS:
            await _turn_away(scope, receive, send, 400, b"Bad request")
            return None
        return await super().handle_request(scope, receive, send)

    def make_socket(self, wire: Wire | None = None) -> Socket:
        """A new connection. One with a wire is an open websocket and has to hear `opened` first."""
        if self.start_service_task:
            self.start_service_task = False
            self.service_task_handle = self.start_background_task(self._keep_time)
        sid = self.generate_id()
        socket = self.sockets[sid] = Socket(self, sid, wire)
        return socket

    def opened(self, socket: Socket, transport: str) -> str:
        """The OPEN packet: what a client is told about its connection."""
        upgrades = '["websocket"]' if transport == "polling" else "[]"
        return f'0{{"sid":"{socket.sid}","upgrades":{upgrades},{self._terms}}}'

    @cached_property
    def _terms(self) -> str:
        return (
            f'"pingTimeout":{int(self.ping_timeout * 1000)},"pingInterval":{int(self.ping_interval * 1000)},'
            f'"maxPayload":{self.max_http_buffer_size}'
        )

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        socket = self.make_socket()
        socket.post(packet.Packet(packet.OPEN, self.opened(socket, transport)[1:]))
        await self.handlers["connect"](socket.sid, environ)
        if transport == "websocket":
            try:
                return await socket.handle_get_request(environ)
            finally:
                if not socket.is_straight:
                    await socket.close(abort=True, reason=self.reason.TRANSPORT_CLOSE)
        socket.connected = True
        try:
            return self._ok(await socket.poll())
        except QueueEmpty:
            return self._bad_request()


_METHODS = {"GET", "POST", "OPTIONS"}
_closing: set[asyncio.Future[None]] = set()


def _keep(task: asyncio.Future[None]) -> None:
    # asyncio itself holds tasks weakly.
    _closing.add(task)
    task.add_done_callback(_closing.discard)


async def _turn_away(
    scope: Any, receive: Any, send: Any, status: int, body: bytes, *more: tuple[bytes, bytes]
) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
