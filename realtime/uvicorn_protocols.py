"""What `serve` adds to uvicorn's protocols: a straight way to and from a websocket, a way to drop a
connection, and a way to leave in peace.

This module is imported by workers before Django is set up, so it must not import the rest of realtime.
"""

import logging
import socket
from collections.abc import Callable
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from . import handoff

logger = logging.getLogger("postroom.misbehaviour")

# Under this name a connection offers itself in `scope["extensions"]`.
EXTENSION = "postroom.connection"

# What to do once when the process is told to stop. Connections are not closed by uvicorn, which would
# cut off answers under way and bring everybody back at the same moment; these close them.
on_stop: list[Callable[[], None]] = []
_is_stopping = False


def _stop() -> None:
    global _is_stopping
    _is_stopping = True
    for act in on_stop:
        act()


class Receiver(Protocol):
    """Who takes the messages of a connection that has been adopted."""

    def message_received(self, message: str | bytes) -> None: ...
    def writing_paused(self) -> None: ...
    def writing_resumed(self) -> None: ...
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

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text":
            try:
                text = b"".join(self.frames).decode()
            except UnicodeDecodeError:
                # uvicorn would write a traceback for it.
                logger.warning("closed a connection that sent text which is not UTF-8")
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        if self.receiver is None:
            super().send_receive_event_to_app()
            return
        message = text if self.curr_msg_data_type == "text" else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
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
        _stop()


class HttpProtocol(HttpToolsProtocol):
    """HTTP that lets polling clients drain too, and passes on those of other workers."""

    _listening = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not HttpProtocol._listening:
            HttpProtocol._listening = True
            handoff.listen(self.loop, self._take_over)

    def data_received(self, data: bytes) -> None:
        between_requests = self.cycle is None or self.cycle.response_complete
        owner = handoff.owner_of(data) if between_requests and not self.pipeline else None
        if owner is not None and handoff.hand_over(owner, self._descriptor(), data):
            # The other worker has a descriptor of its own; closing ours ends nothing.
            self.transport.abort()
            return
        super().data_received(data)

    def _descriptor(self) -> int:
        return int(self.transport.get_extra_info("socket").fileno())

    def _take_over(self, connection: socket.socket, data: bytes) -> None:
        """Go on with a connection that another worker has begun to read."""
        connection.setblocking(False)
        protocol = HttpProtocol(config=self.config, server_state=self.server_state, app_state=self.app_state)

        async def attach() -> None:
            await self.loop.connect_accepted_socket(lambda: protocol, connection)
            protocol.data_received(data)
            if _is_stopping:  # uvicorn has told all connections that it knew of; this one comes late
                protocol.shutdown()

        task = self.loop.create_task(attach())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def shutdown(self) -> None:
        _stop()
        super().shutdown()
