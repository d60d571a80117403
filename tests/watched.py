"""`manage.py` for a server that a test looks into: it tells on request what it holds in memory.

The server is the real one; beside it a thread answers `Site.report`. Two patiences are shortened so
that tests need not wait them out.
"""

import asyncio
import json
import os
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import django
import uvicorn.server
from django.core.management import execute_from_command_line

from realtime import publish
from realtime.doors import StraightWebSocket
from realtime.uvicorn_protocols import WebSocketProtocol

CONNECT_WITHIN = 2.0
LINGER = 1.0


async def describe() -> dict[str, Any]:
    """Everything that one connection leaves in the engine. Runs on the event loop."""
    from realtime.server import sio

    manager = sio.manager
    return {
        "sockets": len(sio.eio.sockets),
        # A straight websocket, another one's writer or a poll under way: every connection at rest is one.
        "websockets": sum(
            isinstance(each, WebSocketProtocol | StraightWebSocket)
            for state in _states
            for each in state.connections
        ),
        "at_rest": sum(each.is_straight or bool(each.queue._getters) for each in sio.eio.sockets.values()),
        "environs": len(sio.environ),
        "callers": sorted(caller.user_id for caller in sio.callers.values()),
        "rooms": {
            f"{namespace} {room}": len(members)
            for namespace, rooms in manager.rooms.items()
            for room, members in rooms.items()
        },
        "rooms_of": len(manager.rooms_of),
        "connections": [len(manager.connections), len(manager.sids)],
        "pending": len(manager.pending),
        "callbacks": len(manager.callbacks),
        "half_read": len(sio._binary_packet),
        "under_way": sum(len(tasks) for tasks in sio._under_way.values()),
        "tasks": dict(sorted(_tasks().items())),
    }


def _tasks() -> Counter[str]:
    """What runs on the loop, by name. A ping sleeps out its interval before it finds nobody there."""
    names = (getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks())
    return Counter(name for name in names if not name.endswith("._send_ping"))


_states: list[uvicorn.server.ServerState] = []


class _State(uvicorn.server.ServerState):
    """uvicorn's list of its connections, where it can be found."""

    def __init__(self) -> None:
        super().__init__()
        _states.append(self)


class _Watch:
    """Answers each line on `connection` with one line."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._loop: asyncio.AbstractEventLoop | None = None  # None: nobody has connected yet

    def serve_with(self, hand_over: Callable[[publish.Message], None]) -> None:
        """Stands in for `publish.serve_with`, which the server calls once its loop runs."""
        self._loop = asyncio.get_running_loop()
        _serve_with(hand_over)

    def answer_for_ever(self) -> None:
        with self._connection, self._connection.makefile("rw") as lines:
            for _ in lines:
                report = {}
                if self._loop is not None:
                    report = asyncio.run_coroutine_threadsafe(describe(), self._loop).result(timeout=5)
                lines.write(json.dumps(report) + "\n")
                lines.flush()


_serve_with = publish.serve_with


def main() -> None:
    django.setup()
    from realtime import protocol

    protocol.CONNECT_WITHIN = CONNECT_WITHIN
    protocol.LINGER = LINGER
    uvicorn.server.ServerState = _State  # type: ignore[misc]
    watch = _Watch(socket.socket(fileno=int(os.environ["WATCH_FD"])))
    publish.serve_with = watch.serve_with
    threading.Thread(target=watch.answer_for_ever, daemon=True).start()
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
