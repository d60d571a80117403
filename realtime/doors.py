"""Where connections to `serve` come in: most of them are websockets, and most of those differ in nothing.

A connection's first bytes decide. A perfectly usual opening of a websocket (see `opening`) becomes a
`StraightWebSocket`, if the Socket.IO server agrees; everything else becomes uvicorn's HTTP. The short way
only ever says yes: whom it does not know, or would have to refuse, goes the ordinary way.

Imported before Django is set up; must not import the rest of realtime.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, cast

from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.utils import get_remote_addr, is_ssl
from uvicorn.server import ServerState
from websockets.frames import apply_mask  # type: ignore[attr-defined]

from . import uvicorn_protocols
from .opening import Opening, read_opening
from .uvicorn_protocols import HttpProtocol, Receiver, WebSocketProtocol

_FORWARDED = (b"x-forwarded-for", b"x-forwarded-proto")
# RFC 6455, section 5.2. The first byte of a frame that is a whole message, text or binary; what the mask's
# bit adds to the second; what stands there instead of a length that takes two bytes more.
_TEXT, _BINARY = 0x81, 0x82
_MASKED = 0x80
_TWO_BYTES = 126
# A message that comes in pieces is put together anew with each of them, so only a short one is.
_PIECED_TOGETHER = 4_096

_log = logging.getLogger("uvicorn.error")


class Welcome(Protocol):
    """Lets a newcomer in who adopts `wire`; the first frames to send, or None: the other way, please."""

    def __call__(
        self, opening: Opening, wire: "StraightWebSocket", *, address: str, is_secure: bool
    ) -> bytes | None: ...


# Set by the Socket.IO server of this process.
_welcome: Welcome | None = None


def welcome_with(welcome: Welcome | None) -> None:
    """Have `welcome` decide about usual openings from now on."""
    global _welcome
    _welcome = welcome


class House:
    """What all connections of one server share."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        if not config.loaded:
            config.load()
        self.config = config
        self.state = server_state
        # uvicorn's list of what it tells to stop; it says itself that anything with `shutdown` will do.
        self.connections: set[Any] = server_state.connections
        self.longest_message: int = config.ws_max_size
        # Whoever wants to see each connection in the log has uvicorn open them.
        self.has_short_way = not (
            config.root_path or config.ws_per_message_deflate or _log.isEnabledFor(logging.INFO)
        )
        self._app_state = app_state
        self._proxies = ProxyHeadersMiddleware(_nothing, config.forwarded_allow_ips)

    def http(self) -> HttpProtocol:
        return HttpProtocol(config=self.config, server_state=self.state, app_state=self._app_state)

    def websocket(self) -> WebSocketProtocol:
        return WebSocketProtocol(config=self.config, server_state=self.state, app_state=self._app_state)

    def origin_of(self, transport: asyncio.Transport, opening: Opening) -> tuple[str, bool]:
        """The address of whoever opens a websocket, and whether over TLS; a trusted proxy may say so."""
        client = get_remote_addr(transport)
        scheme = "wss" if is_ssl(transport) else "ws"
        told = [(name, opening.headers[name]) for name in _FORWARDED if name in opening.headers]
        if told and self.config.proxy_headers:
            scope: Any = {"type": "websocket", "client": client, "scheme": scheme, "headers": told}
            asked: Any = self._proxies(scope, cast(Any, None), cast(Any, None))
            try:
                asked.send(None)  # it waits for nothing
            except StopIteration:
                client, scheme = scope["client"], scope["scheme"]
        return client[0] if client else "unknown", scheme == "wss"


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    """An application that does nothing."""


class Door(asyncio.Protocol):
    """A connection that has said nothing yet."""

    __slots__ = ("_house", "_transport")

    _known: ClassVar[House | None] = None

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        house = Door._known
        if house is None or house.state is not server_state:
            house = Door._known = House(config, server_state, app_state)
        self._house = house

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._house.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._house.connections.discard(self)
        opening = read_opening(data) if self._house.has_short_way else None
        if opening is None or _welcome is None or not self._open(opening, _welcome):
            http = self._house.http()
            self._transport.set_protocol(http)
            http.connection_made(self._transport)
            http.data_received(data)

    def _open(self, opening: Opening, welcome: Welcome) -> bool:
        """Make a websocket of the connection; whether that was allowed."""
        address, is_secure = self._house.origin_of(self._transport, opening)
        wire = StraightWebSocket(self._house, self._transport)
        greeting = welcome(opening, wire, address=address, is_secure=is_secure)
        if greeting is None:
            return False
        self._house.connections.add(wire)
        self._transport.set_protocol(wire)
        self._transport.write(opening.response(self._house.state.default_headers) + greeting)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._house.connections.discard(self)

    def shutdown(self) -> None:
        """For uvicorn."""
        uvicorn_protocols.stop()
        self._transport.close()


class StraightWebSocket(asyncio.Protocol):
    """A websocket that is open, adopted from the beginning, and hears what nearly all of them say.

    That is whole messages that are not long. When anything else comes, be it a ping, a farewell or a mistake,
    and when it is to be closed, a `WebSocketProtocol` takes its place: that knows all of the RFC, and needs
    twenty times the memory.
    """

    __slots__ = ("_begun", "_house", "_is_paused", "_transport", "receiver")

    receiver: Receiver

    def __init__(self, house: House, transport: asyncio.Transport) -> None:
        self._house = house
        self._transport = transport
        self._begun = b""  # of a frame whose end has not come yet
        self._is_paused = False

    # --- For the receiver ----------------------------------------------------------------------

    def adopt(self, receiver: Receiver) -> Callable[[bytes], None]:
        """Give `receiver` all messages; returns what writes prepared frames."""
        self.receiver = receiver
        return self._transport.write

    def pause_reading(self) -> None:
        """Let what the other side sends wait in its kernel, and then at the other side."""
        if not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()

    def backlog(self) -> int:
        """Bytes that wait to be sent."""
        return self._transport.get_write_buffer_size()

    def finish(self) -> None:
        """Close once everything written has been sent."""
        if not self._transport.is_closing():
            self._give_place(self._begun).finish()

    def abort(self) -> None:
        """Drop the connection and what waits to be sent, without asking the other side."""
        self._transport.abort()

    # --- For the transport ---------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._begun:
            data, self._begun = self._begun + data, b""
        start, end = 0, len(data)
        while end - start > 1:
            kind, length, head = data[start], data[start + 1] - _MASKED, start + 2
            if (kind != _TEXT and kind != _BINARY) or not 0 <= length <= _TWO_BYTES:
                self._give_place(data[start:])
                return
            if length == _TWO_BYTES:
                length, head = int.from_bytes(data[head : head + 2]), head + 2
            stop = head + 4 + length
            if stop > end and length <= _PIECED_TOGETHER:
                break
            if stop > end or length > self._house.longest_message:
                self._give_place(data[start:])
                return
            message: Any = apply_mask(data[head + 4 : stop], data[head : head + 4])
            if kind == _TEXT:
                try:
                    message = message.decode()
                except UnicodeDecodeError:
                    self._give_place(data[start:])
                    return
            start = stop
            self.receiver.message_received(message)
        if start < end:
            self._begun = data[start:]

    def pause_writing(self) -> None:
        self.receiver.writing_paused()

    def resume_writing(self) -> None:
        self.receiver.writing_resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._house.connections.discard(self)
        self.receiver.connection_lost()

    def shutdown(self) -> None:
        """For uvicorn."""
        uvicorn_protocols.stop()

    def _give_place(self, unread: bytes) -> WebSocketProtocol:
        """Let uvicorn's protocol go on from here, beginning with what is unread."""
        self._begun = b""
        self._house.connections.discard(self)
        successor = self._house.websocket()
        successor.take_place(self._transport, self.receiver, is_paused=self._is_paused)
        self._transport.set_protocol(successor)
        self.receiver.wire = successor
        if unread:
            successor.data_received(unread)
        return successor
