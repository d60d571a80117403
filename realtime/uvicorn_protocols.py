"""What `serve` adds to uvicorn's protocols: a way to drop a connection, and a way to leave in peace.

This module is imported by workers before Django is set up, so it must not import the rest of realtime.
"""

import logging
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

logger = logging.getLogger("postroom.realtime")

# Under this name a connection offers itself in `scope["extensions"]`.
EXTENSION = "postroom.connection"

# What to do once when the process is told to stop. Connections are not closed by uvicorn, which would
# cut off answers under way and bring everybody back at the same moment; these close them.
on_stop: list[Callable[[], None]] = []


def _stop() -> None:
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
    """HTTP that lets polling clients drain too."""

    def shutdown(self) -> None:
        _stop()
        super().shutdown()
