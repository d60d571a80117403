"""The Socket.IO server: admits sessions, answers requests, ends what must end."""

import asyncio
import logging
import random
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import socketio
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from socketio import packet

from . import metrics, publish, wire_json
from .addresses import Addresses
from .batch import Batch, Trips
from .budgets import (
    ADDRESS_IS_FULL,
    FAILED_FROM_ADDRESS,
    FAILED_HANDSHAKES,
    HANDSHAKES,
    SOCKETS_PER_USER,
    USER_IS_FULL,
    check_lock,
    spend,
)
from .bus import Bus
from .delivery import encode_ack, encode_connected, encode_event
from .doors import StraightWebSocket, welcome_with
from .ending import Endings, farewell
from .errors import ErrorCode, Refused
from .events import RESERVED_EVENTS, ConnectionEvent, EndReason
from .frames import text_frame
from .lodging import Lodgings
from .memory import Housekeeper, settle
from .opening import Opening
from .origins import is_allowed, is_welcome
from .presence import Presence, may_be_named
from .protocol import Engine, Malformed, Socket
from .requests import Caller, answer, refusal_events, registry
from .session import Handshake, Identity, identify, session_digest, session_room, user_room
from .statuses import LOOK, METHOD, Statuses
from .typists import Typists
from .uvicorn_protocols import on_stop

logger = logging.getLogger("postroom.realtime")

# A comment of 5,000 characters takes some 70 KB at most, escaped twice; the rest is room for clients that
# paste too much and deserve an answer rather than a closed door.
MAX_MESSAGE_BYTES = 1_000_000
MAX_ATTACHMENTS = 8
# Pipelined requests of one socket that may be under way; more wait in its TCP connection.
PIPELINE = 32
# How often a process sees whether it can give memory back, in seconds.
HOUSEKEEPING = 5.0
# After how many seconds the log is told again of a job that goes on failing.
SAY_AGAIN = 60.0
Job = Callable[[], Awaitable[None]]
# Asked for many users at once, in a database thread: for each, in their order, why a namespace is not theirs.
Door = Callable[[Sequence[int]], Sequence[Refused | None]]
# In the default namespace, with or without a number for the ack.
_EVENT = re.compile(r"2([0-9]{0,15})(\[.*)", re.ASCII | re.DOTALL)


class Server(socketio.AsyncServer):  # type: ignore[misc]
    """One per process. `callers` knows every admitted socket by its sid."""

    manager: Bus
    eio: Engine
    manager_initialized: bool

    def __init__(self) -> None:
        super().__init__(
            client_manager=Bus(),
            async_mode="asgi",
            json=wire_json,
            cors_allowed_origins=is_allowed,
            cors_credentials=True,
            ping_interval=settings.PING_INTERVAL,
            ping_timeout=settings.PING_TIMEOUT,
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            transports=["polling", "websocket"],
        )
        self.callers: dict[str, Caller] = {}
        self.addresses = Addresses()
        self.presence = Presence(self)
        self.manager.listeners["presence"] = self.presence.heard
        self.typists = Typists(self)
        self.manager.listeners["typists"] = self.typists.heard
        self.statuses = Statuses(self)
        self.manager.listeners[METHOD] = self.statuses.heard
        self.jobs: list[tuple[float, Job]] = []
        self._at_start: list[Callable[[], None]] = []
        self.doors: dict[str, Batch[int, Refused | None]] = {}
        self.lodgings = Lodgings(self)
        self.on_admit: list[Callable[[Caller], None]] = []
        self.on_forget: list[Callable[[Caller], None]] = []
        # What a reader who arrives has read for it, here and in the apps.
        self.arrivals = Trips()
        self._identify = Batch[str, Identity | EndReason](identify, trips=self.arrivals)
        self.eio.flush = self.manager.delivery.flush
        self.eio.is_crowded = lambda address: settings.BUDGETS and self.addresses.is_crowded(address)
        self.endings = Endings(self)
        self.manager.on_heard_again.append(self.endings.sweep)
        self.manager.on_heard_again.append(self.statuses.compare)
        self._housekeeper = Housekeeper()
        on_stop.append(self.drain)
        welcome_with(self.welcome)
        self._under_way: dict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application for /socket.io/."""
        await self.handle_request(scope, receive, send)

    @staticmethod
    async def reject(scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application for websockets anywhere else: there are none."""
        await receive()
        await send({"type": "websocket.close", "code": 1008})

    def every(self, seconds: float, job: Job) -> None:
        """Run `job` every so many seconds while this process serves sockets."""
        self.jobs.append((seconds, job))

    def at_start(self, act: Callable[[], None]) -> None:
        """Have `act` called on the loop once this process begins to serve sockets."""
        self._at_start.append(act)

    def guard(self, namespace: str, door: Door) -> None:
        """Let only those into a namespace whom `door` does not refuse; the sweep asks it again."""
        self.doors[namespace] = Batch[int, Refused | None](door)

    def start(self) -> None:
        """Take what this process publishes from now on, and begin the repeated jobs; once is enough.

        Called with the first request of any kind: until then every event would leave by the slow door for
        processes that serve nobody.
        """
        if self.manager_initialized:
            return
        self.manager_initialized = True
        settle()
        self.manager.initialize()
        loop = asyncio.get_running_loop()

        def hand_over(message: dict[str, Any]) -> None:
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(self.manager.spread, message)

        publish.serve_with(hand_over)
        for act in self._at_start:
            act()
        own_jobs: list[tuple[float, Job]] = [
            (30.0, self._repeat_presence),
            (HOUSEKEEPING, self._look_at_memory),
            (LOOK, self.statuses.look),
            (settings.SWEEP_INTERVAL, self.endings.sweep),
        ]
        for seconds, job in [*self.jobs, *own_jobs]:
            _keep(asyncio.create_task(_every(seconds, job)), self._tasks)
        self.statuses.ask_soon()

    # --- Sending -----------------------------------------------------------------------------

    def drain(self) -> None:
        """Admit nobody any more and close what is open, spread over `DRAIN_SECONDS`.

        A socket with a request under way leaves after its answer. Clients take it for a lost connection
        and come back, to another process or to the next one.
        """
        if self.eio.draining:
            return
        self.eio.draining = True
        loop = asyncio.get_running_loop()
        for socket in list(self.eio.sockets.values()):
            loop.call_later(random.uniform(0, settings.DRAIN_SECONDS), self._leave, socket)  # noqa: S311

    def _leave(self, socket: Socket) -> None:
        if socket.busy:
            asyncio.get_running_loop().call_later(0.05, self._leave, socket)
        else:
            socket.leave()

    def tell(self, caller: Caller, event: str, *arguments: Any) -> None:
        """Send an event to one socket of this process."""
        self.post(caller.connection, encode_event(event, *arguments, namespace=caller.namespace))

    def post(self, connection: str, encoded: str) -> None:
        """Send an encoded packet to one connection, after everything that its rooms were sent before."""
        socket = self.eio.sockets.get(connection)
        if socket is not None:
            self.manager.delivery.tell(socket, encoded)

    # --- Coming and going --------------------------------------------------------------------

    def welcome(
        self, opening: Opening, wire: StraightWebSocket, *, address: str, is_secure: bool
    ) -> bytes | None:
        """Open a websocket the short way (see `doors`), if nothing speaks against it."""
        self.start()
        if self.eio.draining or self.eio.is_crowded(address):
            return None
        if not is_welcome(opening.text(b"origin"), host=opening.text(b"host"), is_secure=is_secure):
            return None
        socket = self.eio.make_socket(wire)
        handshake = Handshake.from_headers(
            cookie=opening.text(b"cookie"), language=opening.text(b"accept-language"), address=address
        )
        self._arrived(socket, handshake)
        return text_frame(self.eio.opened(socket, "websocket"))

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        # The environ holds the whole ASGI scope; keep what is needed for as long as it is.
        self._arrived(self.eio.sockets[eio_sid], Handshake.from_scope(environ["asgi.scope"]))

    def _arrived(self, socket: Socket, handshake: Handshake) -> None:
        self.environ[socket.sid] = handshake
        self.addresses.wait(handshake.address, socket)
        socket.expect_connect()
        if settings.BUDGETS and (crowded_out := self.addresses.crowded_out(handshake.address)) is not None:
            self.eio.misbehaved(crowded_out, "it did not ask to be let in, and others of its address do")
            self.eio.close_soon(crowded_out)  # one that was refused and lingers, too

    async def _repeat_presence(self) -> None:
        self.statuses.repeat()
        await self.presence.repeat()

    async def _look_at_memory(self) -> None:
        self._housekeeper.look(len(self.eio.sockets))

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        """Admit a session to a namespace, or refuse it with a reason and end its transport."""
        namespace = namespace or "/"
        handshake = self.environ.get(eio_sid)
        if handshake is None:
            return
        if self.manager.sid_from_eio_sid(eio_sid, namespace) is not None:
            raise Malformed("it connects twice")
        if namespace not in refusal_events:
            refusal = Refused(ErrorCode.NOT_FOUND)
            self._refuse(eio_sid, namespace, handshake, refusal, end=False)
            return
        sid = self.manager.pre_connect(eio_sid, namespace)
        socket = self.eio.sockets[eio_sid]
        admitted = False
        lodged: Sequence[str] = ()
        try:
            socket.asking = True
            caller = await self._admit(sid, eio_sid, namespace, handshake, data)
            lodged = await self.lodgings.ask(caller)
            # The transport may have gone while we asked; then nothing would ever clean up after us.
            admitted = eio_sid in self.environ
        except Refused as refusal:
            # Who may not be in this namespace may stay in another; who is in none is dropped soon.
            end = refusal.code != ErrorCode.FORBIDDEN
            self._refuse(eio_sid, namespace, handshake, refusal, end=end)
        except DatabaseError as problem:
            # Not the client's fault and soon over. Libraries give up after a refusal, but come back by
            # themselves when only the transport was lost.
            logger.warning("connection %s could not be admitted: %s", socket.name, problem)
            if eio_sid in self.eio.sockets:
                socket.leave()
        except Exception:
            logger.exception("connection %s could not be admitted", socket.name)
            self._refuse(eio_sid, namespace, handshake, Refused(ErrorCode.INTERNAL), end=True)
        finally:
            socket.asking = False
            if not admitted:
                self.lodgings.forget(sid)
                self.manager.basic_disconnect(sid, namespace)
        if not admitted:
            return
        self.callers[sid] = caller
        self.addresses.admit(handshake.address, socket)
        socket.keep()
        self.manager.admitted(sid)
        rooms = (user_room(caller.user_id), session_room(caller.session))
        for room in rooms:
            self.manager.basic_enter_room(sid, namespace, room)
        self.lodgings.give(caller, lodged)
        self.post(eio_sid, encode_connected(sid, namespace=namespace))
        self.statuses.touched(caller)
        for welcome in self.on_admit:
            welcome(caller)
        await self.endings.verify_late(caller, rooms)
        await self.lodgings.look_again(caller)

    async def _admit(
        self, sid: str, eio_sid: str, namespace: str, handshake: Handshake, claims: Any
    ) -> Caller:
        if not handshake.session_key:
            raise Refused(ErrorCode.SIGN_IN)
        who = (handshake.address, session_digest(handshake.session_key))
        await check_lock(FAILED_HANDSHAKES, *who)
        identity = await self._identify(handshake.session_key)
        if isinstance(identity, EndReason):
            await spend(FAILED_FROM_ADDRESS, handshake.address)
            await spend(FAILED_HANDSHAKES, *who)
            raise Refused(ErrorCode.SIGN_IN)
        await spend(HANDSHAKES, handshake.address, identity.user_id)
        check_reader(claims, identity.user_id)
        if identity.bar is not None:
            raise identity.bar
        if namespace in self.doors:
            refusal = await self.doors[namespace](identity.user_id)
            if refusal is not None:
                raise refusal
        sockets = self.manager.sids_in(user_room(identity.user_id), namespace=namespace)
        if settings.BUDGETS and len(sockets) >= SOCKETS_PER_USER:
            message = _("You have too many pages open at once.")
            raise Refused(ErrorCode.RATE_LIMITED, message, retry_after=USER_IS_FULL)
        if settings.BUDGETS and self.addresses.is_full(handshake.address):
            raise Refused(ErrorCode.RATE_LIMITED, retry_after=ADDRESS_IS_FULL)
        return Caller(
            server=self,
            sid=sid,
            connection=eio_sid,
            namespace=namespace,
            user_id=identity.user_id,
            name=identity.name,
            session=identity.session,
            session_key=handshake.session_key,
            language=identity.language or handshake.language,
            browser_language=handshake.language,
            is_shown=identity.is_shown,
            status=identity.status,
            is_versed=isinstance(claims, dict) and "readerId" in claims,
        )

    def know_as(self, caller: Caller, identity: Identity) -> None:
        """Take over what somebody has changed about themselves while their socket stands."""
        caller.language = identity.language or caller.browser_language
        if (caller.name, caller.is_shown, caller.status) == (
            identity.name,
            identity.is_shown,
            identity.status,
        ):
            return
        caller.name, caller.is_shown, caller.status = identity.name, identity.is_shown, identity.status
        self.statuses.touched(caller)
        for room in self.manager.get_rooms(caller.sid, caller.namespace):
            self.presence.renamed(room, caller)
            if not may_be_named(caller):
                self.typists.left(room, caller)

    def _refuse(
        self, eio_sid: str, namespace: str, handshake: Handshake, refusal: Refused, *, end: bool
    ) -> None:
        metrics.refusals.labels(refusal.code.value).inc()
        with override(handshake.language):
            answer_ = refusal.as_answer()
        error = self.packet_class(
            packet.CONNECT_ERROR,
            data={"message": answer_["message"], "data": answer_},
            namespace=namespace,
        )
        self.post(eio_sid, error.encode())
        socket = self.eio.sockets.get(eio_sid)
        if end and socket is not None:
            socket.refuse()

    async def _handle_disconnect(
        self, eio_sid: str, namespace: str | None, reason: str | None = None
    ) -> None:
        """A client leaves a namespace; twice is once."""
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        caller = self.callers.get(sid) if sid is not None else None
        if caller is not None:
            self.forget(caller)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        handshake = self.environ.pop(eio_sid, None)
        if handshake is not None:
            self.addresses.leave(handshake.address, self.eio.sockets[eio_sid])
        self._binary_packet.pop(eio_sid, None)
        self._under_way.pop(eio_sid, None)
        for namespace in refusal_events:
            await self._handle_disconnect(eio_sid, namespace, reason)

    def forget(self, caller: Caller) -> None:
        """Take a socket out of its rooms and out of `callers`."""
        sid = caller.sid
        self.callers.pop(sid, None)
        self.lodgings.forget(sid)
        for forget in self.on_forget:
            forget(caller)
        for room in self.manager.get_rooms(sid, caller.namespace):
            self.presence.left(room, caller)
            self.typists.left(room, caller)
        self.manager.basic_disconnect(sid, caller.namespace)
        self.statuses.left(caller)

    def put_out(self, caller: Caller, refusal: Refused) -> None:
        """End a socket in its namespace, after telling it why; its connection may have others."""
        with override(caller.language):
            self.tell(caller, ConnectionEvent.CONNECTION_ERROR, refusal.as_answer())
        self.post(caller.connection, farewell(caller.namespace))
        self.forget(caller)
        self._expect_another(caller.connection)

    def callers_on(self, connection: str) -> list[Caller]:
        """The admitted sockets of a connection, one for each of its namespaces."""
        sids = [self.manager.sid_from_eio_sid(connection, namespace) for namespace in refusal_events]
        return [self.callers[sid] for sid in sids if sid in self.callers]

    def callers_of(self, user_id: int) -> list[Caller]:
        """The admitted sockets of a person in this process, in all namespaces."""
        room, manager = user_room(user_id), self.manager
        sids = [sid for namespace in refusal_events for sid in manager.sids_in(room, namespace=namespace)]
        return [self.callers[sid] for sid in sids if sid in self.callers]

    def _expect_another(self, connection: str) -> None:
        """Drop a connection that is in no namespace any more, unless it enters one soon."""
        socket = self.eio.sockets.get(connection)
        if socket is None or connection not in self.environ:
            return
        if not any(self.manager.sid_from_eio_sid(connection, name) for name in refusal_events):
            self.addresses.wait(self.environ[connection].address, socket)
            socket.expect_connect()

    # --- Requests ----------------------------------------------------------------------------

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        """One Socket.IO packet. Raises `Malformed` for what is none, after telling an admitted client."""
        try:
            await self._handle_packet(eio_sid, data)
        except Malformed:
            sid = self.manager.sid_from_eio_sid(eio_sid, "/")
            if sid in self.callers:
                caller = self.callers[sid]
                with override(caller.language):
                    error = Refused(ErrorCode.INVALID).as_answer()
                self.tell(caller, ConnectionEvent.CONNECTION_ERROR, error)
            raise

    async def _handle_packet(self, eio_sid: str, data: str | bytes) -> None:
        try:
            event = None if eio_sid in self._binary_packet else read_event(data)
            pkt = self._decode(eio_sid, data) if event is None else None
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as problem:
            raise Malformed(f"bad packet ({type(problem).__name__})") from problem
        if event is not None:
            await self._handle_event(eio_sid, None, *event)
        elif pkt is None:
            return
        elif pkt.packet_type == packet.CONNECT:
            await self._handle_connect(eio_sid, pkt.namespace, pkt.data)
        elif pkt.packet_type == packet.DISCONNECT:
            await self._handle_disconnect(eio_sid, pkt.namespace)
            self._expect_another(eio_sid)
        elif pkt.packet_type in (packet.EVENT, packet.BINARY_EVENT):
            await self._handle_event(eio_sid, pkt.namespace, pkt.id, pkt.data)
        else:
            # We ask for no acks, and the rest only servers send.
            raise Malformed(f"packet of type {pkt.packet_type}")

    def _decode(self, eio_sid: str, data: str | bytes) -> packet.Packet | None:
        """The packet that `data` is or completes; None while attachments are missing."""
        incomplete: packet.Packet | None = self._binary_packet.get(eio_sid)
        if incomplete is not None:
            if not isinstance(data, bytes):
                raise ValueError("an attachment is missing")
            if not incomplete.add_attachment(data):
                return None
            return self._binary_packet.pop(eio_sid)
        if not isinstance(data, str) or not data:
            raise ValueError("no packet")
        pkt = self.packet_class(encoded_packet=data)
        if pkt.packet_type not in (packet.BINARY_EVENT, packet.BINARY_ACK):
            return pkt
        if not 0 < pkt.attachment_count <= MAX_ATTACHMENTS:
            raise ValueError("a strange number of attachments")
        if self.manager.sid_from_eio_sid(eio_sid, pkt.namespace or "/") is None:
            raise ValueError("attachments before CONNECT")
        self._binary_packet[eio_sid] = pkt
        return None

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:
        """One request, in its turn; see `Request.pipelined`."""
        namespace = namespace or "/"
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise Malformed("an event without a name")
        event, arguments = data[0], data[1:]
        if event in RESERVED_EVENTS:
            raise Malformed(f"an event named {event}")
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        caller = self.callers.get(sid) if sid is not None else None
        if caller is None:
            raise Malformed("an event before CONNECT")
        work = self._respond(caller, event, arguments, id)
        if not _is_pipelined(namespace, event):
            await work
            return
        under_way = self._under_way[eio_sid]
        while len(under_way) >= PIPELINE:
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        _keep(asyncio.create_task(work), under_way)

    async def _respond(self, caller: Caller, event: str, arguments: list[Any], id: int | None) -> None:
        socket = self.eio.sockets.get(caller.connection)
        if socket is None:  # gone before its turn; its outbox will try again
            return
        socket.busy += 1
        try:
            reply = await answer(caller, event, arguments)
            if id is not None:
                self.manager.delivery.tell(socket, encode_ack(id, reply, namespace=caller.namespace))
        finally:
            socket.busy -= 1


def read_event(data: str | bytes) -> tuple[int | None, Any] | None:
    """The number and the data of an EVENT packet as nearly all are, for which the library goes from letter to
    letter; None for any other packet. Raises ValueError where the data is no JSON."""
    found = _EVENT.fullmatch(data) if isinstance(data, str) else None
    if found is None:
        return None
    return int(found[1]) if found[1] else None, wire_json.loads(found[2])


def check_reader(claims: Any, user_id: int) -> None:
    """A page that was made for one reader is not admitted as another, who has logged in since: what it has
    still to send is not theirs. Who one is comes from the session alone. Raises `Refused`."""
    if isinstance(claims, dict) and str(claims.get("readerId", user_id)) != str(user_id):
        raise Refused(ErrorCode.SIGN_IN, _("Somebody else has logged in here."))


def _is_pipelined(namespace: str, event: str) -> bool:
    known = registry.get((namespace, event))
    return known is not None and known.pipelined


def _keep(task: "asyncio.Task[None]", tasks: "set[asyncio.Task[None]]") -> None:
    # asyncio itself holds tasks weakly.
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _every(seconds: float, job: Job) -> None:
    said_at: float | None = None
    while True:
        await asyncio.sleep(seconds)
        try:
            await job()
            said_at = None
        except DatabaseError as problem:
            # While the database is away this would be all that the log has.
            if said_at is None or time.monotonic() - said_at >= SAY_AGAIN:
                said_at = time.monotonic()
                logger.warning("a repeated job failed: %s", problem)
        except Exception:
            # One failure must not end the job for ever.
            logger.exception("a repeated job failed")


sio = Server()
