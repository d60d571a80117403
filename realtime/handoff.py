"""With several workers on one port, a polling client's connections reach the worker that knows it.

The kernel deals connections out at random, but all requests of one polling client must meet in one
process. So a connection id carries its worker's number; a worker that reads somebody else's id in a
request hands the whole connection over, file descriptor and the bytes read so far, through a Unix
socket. The client notices nothing and later requests on the same connection are at the right place.

Imported before Django is set up; must not import the rest of realtime.
"""

import asyncio
import contextlib
import errno
import logging
import os
import re
import socket
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path

logger = logging.getLogger("postroom.realtime")

# `serve` names a folder here when there are several workers.
FOLDER_VARIABLE = "POSTROOM_HANDOFF_FOLDER"
# uvloop reads at most 256 KiB at once, and one message has to hold them.
MAX_BYTES = 262_144
# Connections that one turn of the loop takes over: as many as the kernel queues by default.
TAKEN_PER_TURN = 10
# What the kernel says when a socket's queue is full: ten messages, where nobody set
# `net.unix.max_dgram_qlen` higher. A burst of readers is more than that.
_FULL = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.ETOOMANYREFS}
_OWNER = re.compile(rb"[A-Z]+ /socket\.io/\?(?:[^ \r\n]*&)?sid=([0-9]+)\.")

Accept = Callable[[socket.socket, bytes], None]


class Outcome(Enum):
    """What became of a connection that was offered to another worker."""

    TAKEN = auto()
    BUSY = auto()  # its queue is full: try again in a moment
    GONE = auto()


def mark(connection_id: str) -> str:
    """A connection id that says which process knows it, where that matters."""
    return f"{os.getpid()}.{connection_id}" if FOLDER_VARIABLE in os.environ else connection_id


def owner_of(data: bytes) -> int | None:
    """The process that a request's first bytes belong to, if that is another one than this."""
    if FOLDER_VARIABLE not in os.environ:
        return None
    found = _OWNER.match(data)
    owner = int(found[1]) if found and len(found[1]) < 10 else os.getpid()
    return None if owner == os.getpid() else owner


def hand_over(owner: int, descriptor: int, data: bytes) -> Outcome:
    """Offer a connection to another worker."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MAX_BYTES)
        try:
            sender.connect(str(_address(owner)))
            socket.send_fds(sender, [data], [descriptor])
        except OSError as problem:
            if problem.errno in _FULL:
                return Outcome.BUSY
            logger.debug("worker %s takes no connection: %s", owner, problem)
            return Outcome.GONE
    return Outcome.TAKEN


def listen(loop: asyncio.AbstractEventLoop, accept: Accept) -> None:
    """Take over the connections that other workers hand to this one."""
    if FOLDER_VARIABLE not in os.environ:
        return
    address = _address(os.getpid())
    with contextlib.suppress(FileNotFoundError):
        address.unlink()  # of a process that had our number before
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.setblocking(False)
    receiver.bind(str(address))
    loop.add_reader(receiver, _receive, receiver, accept)


def _receive(receiver: socket.socket, accept: Accept) -> None:
    for _ in range(TAKEN_PER_TURN):
        try:
            data, descriptors, _, _ = socket.recv_fds(receiver, MAX_BYTES, 1)
        except BlockingIOError:
            return
        except OSError as problem:
            logger.warning("a connection from another worker was lost: %s", problem)
            return
        for descriptor in descriptors:
            accept(socket.socket(fileno=descriptor), data)


def _address(worker: int) -> Path:
    return Path(os.environ[FOLDER_VARIABLE]) / f"{worker}.sock"
