"""What `serve` adds to uvicorn's protocols: a straight way to and from a websocket, a way to drop a
connection, and a way to leave in peace.

This module is imported by workers before Django is set up, so it must not import the rest of realtime.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.protocol import State
from websockets.server import ServerProtocol

from . import handoff
from .handoff import Outcome

logger = logging.getLogger("postroom.misbehaviour")

# Under this name a connection offers itself in `scope["extensions"]`.
EXTENSION = "postroom.connection"

# How long a connection waits for the worker that knows it while that one's queue is full: the first pause,
# in seconds, doubles until it would be longer than the last. That makes two seconds in all.
FIRST_PAUSE = 0.002
LAST_PAUSE = 1.1
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-type: text/plain\r\n"
    b"content-length: 4\r\nconnection: close\r\n\r\nBusy"
)

# What to do once when the process is told to stop. Connections are not closed by uvicorn, which would
# cut off answers under way and bring everybody back at the same moment; these close them.
on_stop: list[Callable[[], None]] = []
_is_stopping = False


def stop() -> None:
    """The process was told to stop."""
    global _is_stopping
    _is_stopping = True
    for act in on_stop:
        act()


class Receiver(Protocol):
    """Who takes the messages of a connection that has been adopted."""

    wire: Any  # the connection, as long as there is one

    def message_received(self, message: str | bytes) -> None: ...
    def writing_paused(self) -> None: ...
    def writing_resumed(self) -> None: ...
    def writing_ended(self) -> None: ...
    def connection_lost(self) -> None: ...


class _Nothing:
    """Stands in for a queue and an event that nobody looks at any more; each real one takes kilobytes."""

    def put_nowait(self, message: object) -> None: ...
    def set(self) -> None: ...
    def clear(self) -> None: ...


_NOTHING: Any = _Nothing()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A websocket that the application can adopt, abort and drain.

    ASGI needs a task, two queues and a handful of coroutines for each connection, awake or asleep. Once
    the handshake is over an application may `adopt` the connection and return: messages go straight to
    its receiver, and what it writes goes straight to the transport.
    """

    receiver: Receiver | None = None

    # --- For the application -------------------------------------------------------------------

    def adopt(self, receiver: Receiver) -> Callable[[bytes], None]:
        """Give `receiver` all messages from now on; returns what writes prepared frames."""
        self.receiver = receiver
        unread, self.queue = self.queue, _NOTHING
        self.writable = _NOTHING
        # The handshake's request, in three forms, is as large as all the rest.
        self.scope = {}  # type: ignore[typeddict-item]
        del self.request, self.response
        while not unread.empty():
            message: Any = unread.get_nowait()
            if message["type"] == "websocket.receive":
                text = message.get("text")
                receiver.message_received(message["bytes"] if text is None else text)
            elif message["type"] == "websocket.disconnect":
                receiver.connection_lost()
        self.resume_reading()
        return self.transport.write

    def take_place(self, transport: asyncio.BaseTransport, receiver: Receiver, *, is_paused: bool) -> None:
        """Go on with a websocket that is open and adopted; `is_paused`: it does not read just now."""
        self.connection_made(transport)
        self.conn = ServerProtocol(state=State.OPEN, max_size=self.config.ws_max_size, logger=self.logger)
        self.handshake_initiated = self.handshake_complete = True
        self.receiver = receiver
        self.read_paused = is_paused
        self.queue = self.writable = _NOTHING

    def pause_reading(self) -> None:
        """Let what the other side sends wait in its kernel, and then at the other side."""
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def backlog(self) -> int:
        """Bytes that wait to be sent."""
        return int(self.transport.get_write_buffer_size())

    def finish(self) -> None:
        """Close once everything written has been sent."""
        if self.close_sent or self.transport.is_closing():
            return
        try:
            self.conn.send_close(1000)
        except InvalidState:
            return  # it is closing already
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.resume_reading()  # the other side's farewell
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    def abort(self) -> None:
        """Drop the connection and what waits to be sent, without asking the other side."""
        self.transport.abort()

    # --- For uvicorn ---------------------------------------------------------------------------

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    async def run_asgi(self) -> None:
        # uvicorn's own closes the connection whenever the application returns.
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            self.transport.close()
            return
        except Exception:
            self.logger.exception("Exception in ASGI application")
            self.send_500_response()
            self.transport.close()
            return
        if not self.handshake_complete:
            self.logger.error("ASGI callable returned without completing handshake.")
            self.send_500_response()
        if self.receiver is None and self.close_timer is None:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        # uvicorn would forget what came right before a mistake, if the network brought both at once.
        self.conn.receive_data(data)
        self.handle_events()
        if self.conn.parser_exc is not None and not self.transport.is_closing():
            self.handle_parser_exception()

    def handle_close(self, event: Any) -> None:
        super().handle_close(event)
        self._end_writing()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self._end_writing()

    def _end_writing(self) -> None:
        # What was just written may still wait in the transport, which would send anything else after it.
        if self.receiver is not None:
            self.receiver.writing_ended()

    def handle_ping(self) -> None:
        if not self.transport.is_closing():
            super().handle_ping()

    def send_receive_event_to_app(self) -> None:
        if self.close_sent:  # nobody listens any more
            self.frames = []
            return
        if self.curr_msg_data_type == "text":
            try:
                text = b"".join(self.frames).decode()
            except UnicodeDecodeError:
                # uvicorn would write a traceback for it.
                logger.warning("closed a connection that sent text which is not UTF-8")
                self.frames = []
                with suppress(InvalidState):  # its farewell came with it, and was answered already
                    self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        if self.receiver is None:
            super().send_receive_event_to_app()
            return
        message = text if self.curr_msg_data_type == "text" else b"".join(self.frames)
        self.frames = []
        self.receiver.message_received(message)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.receiver is not None:
            self.receiver.writing_paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.receiver is not None:
            self.receiver.writing_resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.receiver is not None:
            self.receiver.connection_lost()

    def shutdown(self) -> None:
        stop()


class HttpProtocol(HttpToolsProtocol):
    """HTTP that lets polling clients drain too, and passes on those of other workers."""

    _listening = False
    _in_request = False  # between a request's first byte and its last
    _begun = b""  # what another worker has read of this connection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not HttpProtocol._listening:
            HttpProtocol._listening = True
            handoff.listen(self.loop, self._take_over)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        if self._begun:
            # Here, because from now on the transport may read what follows at any moment.
            super().data_received(self._begun)
            self._begun = b""
            self.loop.call_soon(self._stay_paused)

    def data_received(self, data: bytes) -> None:
        between_requests = not self._in_request and (self.cycle is None or self.cycle.response_complete)
        owner = handoff.owner_of(data) if between_requests and not self.pipeline else None
        if owner is None:
            super().data_received(data)
        else:
            self._unset_keepalive_if_required()
            self._pass_on(owner, data)

    def on_message_begin(self) -> None:
        self._in_request = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._in_request = False
        super().on_message_complete()

    def shutdown(self) -> None:
        stop()
        super().shutdown()

    def _pass_on(self, owner: int, data: bytes, pause: float = FIRST_PAUSE) -> None:
        """Hand the connection to the worker that knows it; while that is busy, nothing more is read."""
        if self.transport.is_closing():
            return
        outcome = handoff.hand_over(owner, self._descriptor(), data)
        if outcome is Outcome.TAKEN:
            # The other worker has a descriptor of its own; closing ours ends nothing.
            self.transport.abort()
        elif outcome is Outcome.GONE:
            self.transport.resume_reading()
            super().data_received(data)  # it is answered like any id that nobody knows
        elif pause > LAST_PAUSE:
            self.transport.write(_BUSY)
            self.transport.close()
        else:
            self.transport.pause_reading()
            self.loop.call_later(pause, self._pass_on, owner, data, 2 * pause)

    def _descriptor(self) -> int:
        return int(self.transport.get_extra_info("socket").fileno())

    def _take_over(self, connection: socket.socket, data: bytes) -> None:
        """Go on with a connection that another worker has begun to read."""
        connection.setblocking(False)
        protocol = HttpProtocol(config=self.config, server_state=self.server_state, app_state=self.app_state)
        protocol._begun = data

        async def attach() -> None:
            await self.loop.connect_accepted_socket(lambda: protocol, connection)
            if _is_stopping:  # uvicorn has told all connections that it knew of; this one comes late
                protocol.shutdown()

        task = self.loop.create_task(attach())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _stay_paused(self) -> None:
        # uvloop begins to read after `connection_made`, even if that asked for a pause.
        if self.flow.read_paused and not self.transport.is_closing():
            self.transport.pause_reading()
