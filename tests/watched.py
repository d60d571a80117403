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
from concurrent.futures import Future
from typing import Any

import django
from django.core.management import execute_from_command_line

CONNECT_WITHIN = 2.0
LINGER = 1.0


def describe() -> dict[str, Any]:
    """Everything that one connection leaves in the engine. Runs on the event loop."""
    from realtime.server import sio

    manager = sio.manager
    waiting = [*manager.pending_connect.values(), *manager.pending_disconnect.values()]
    return {
        "sockets": len(sio.eio.sockets),
        "environs": len(sio.environ),
        "callers": sorted(caller.user_id for caller in sio.callers.values()),
        "rooms": {
            f"{namespace} {room}": len(members)
            for namespace, rooms in manager.rooms.items()
            for room, members in rooms.items()
            if room not in sio.callers
        },
        "rooms_of": len(manager.rooms_of),
        "pending": sum(len(sids) for sids in waiting),
        "callbacks": len(manager.callbacks),
        "half_read": len(sio._binary_packet),
        "under_way": sum(len(tasks) for tasks in sio._under_way.values()),
        "tasks": dict(sorted(_tasks().items())),
    }


def _tasks() -> Counter[str]:
    """What runs on the loop, by name. A ping sleeps out its interval before it finds nobody there."""
    names = (getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks())
    return Counter(name for name in names if not name.endswith("._send_ping"))


def _answer_for_ever(connection: socket.socket) -> None:
    from realtime.server import sio

    with connection, connection.makefile("rw") as lines:
        for _ in lines:
            sender = sio.manager._sender
            report: dict[str, Any] = {}
            if sender is not None:  # else nobody has connected yet
                outcome: Future[dict[str, Any]] = Future()
                sender.get_loop().call_soon_threadsafe(lambda to=outcome: to.set_result(describe()))
                report = outcome.result(timeout=5)
            lines.write(json.dumps(report) + "\n")
            lines.flush()


def main() -> None:
    django.setup()
    from realtime import protocol, server

    server.CONNECT_WITHIN = CONNECT_WITHIN
    protocol.LINGER = LINGER
    connection = socket.socket(fileno=int(os.environ["WATCH_FD"]))
    threading.Thread(target=_answer_for_ever, args=[connection], daemon=True).start()
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
