"""What `serve` adds to uvicorn's protocols: a way to drop a connection, and a way to leave in peace.

This module is imported by workers before Django is set up, so it must not import the rest of realtime.
"""

import logging
import socket
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

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


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A websocket that the application can abort and drain."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                # uvicorn would write a traceback for it.
                logger.warning("closed a connection that sent text which is not UTF-8")
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def abort(self) -> None:
        """Drop the connection and what waits to be sent, without asking the other side."""
        self.transport.abort()

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
