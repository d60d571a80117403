"""With several workers on one port, a polling client's connections reach the worker that knows it.

The kernel deals connections out at random, but all requests of one polling client must meet in one
process. So a connection id carries its worker's number; a worker that reads somebody else's id in a
request hands the whole connection over, file descriptor and the bytes read so far, through a Unix
socket. The client notices nothing and later requests on the same connection are at the right place.

Imported before Django is set up; must not import the rest of realtime.
"""

import asyncio
import contextlib
import logging
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger("postroom.realtime")

# `serve` names a folder here when there are several workers.
FOLDER_VARIABLE = "POSTROOM_HANDOFF_FOLDER"
# uvloop reads at most 256 KiB at once, and one message has to hold them.
MAX_BYTES = 262_144
_OWNER = re.compile(rb"[A-Z]+ /socket\.io/\?(?:[^ \r\n]*&)?sid=([0-9]+)\.")

Accept = Callable[[socket.socket, bytes], None]


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


def hand_over(owner: int, descriptor: int, data: bytes) -> bool:
    """Give a connection to another worker; False where it is not there any more."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MAX_BYTES)
        try:
            sender.connect(str(_address(owner)))
            socket.send_fds(sender, [data], [descriptor])
        except OSError as problem:
            logger.debug("worker %s takes no connection: %s", owner, problem)
            return False
    return True


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
    try:
        data, descriptors, _, _ = socket.recv_fds(receiver, MAX_BYTES, 1)
    except OSError as problem:
        logger.warning("a connection from another worker was lost: %s", problem)
        return
    for descriptor in descriptors:
        accept(socket.socket(fileno=descriptor), data)


def _address(worker: int) -> Path:
    return Path(os.environ[FOLDER_VARIABLE]) / f"{worker}.sock"
