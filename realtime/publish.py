"""The one door through which facts leave.

Whoever changes the database calls `publish_on_commit` inside the transaction. The message is encoded
there and then; it goes to this process's sockets and, over the bus, to every other process, after the
commit. A failure to publish is logged and harms nothing: readers find the gap by its version.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction

from .delivery import encode_event

logger = logging.getLogger("postroom.realtime")

Message = dict[str, Any]


def _not_served(message: Message) -> None:
    """A management command, say: no sockets here, and the bus is opened for this one message."""
    from .bus import send_from_outside

    send_from_outside(message)


# Set by the server of this process once its loop runs; may be called from any thread.
_hand_over: Callable[[Message], None] = _not_served


def serve_with(hand_over: Callable[[Message], None]) -> None:
    """Make `hand_over` take what this process publishes from now on."""
    global _hand_over
    _hand_over = hand_over


def publish_on_commit(event: str, payload: Any, *, room: str, namespace: str = "/", covers: int = 1) -> None:
    """Tell everyone in `room` once the current transaction has committed; never if it does not.

    A payload with a `version` is one change of the room, or stands for the last `covers` of them.
    """
    message: Message = {
        "method": "event",
        "room": room,
        "namespace": namespace,
        "packet": encode_event(event, payload, namespace=namespace),
    }
    if "version" in payload:
        message["version"] = payload["version"]
    if covers > 1:
        message["covers"] = covers
    # A lambda, because Django names the function when it logs a failure, and a partial has no name.
    transaction.on_commit(lambda: _publish(message), robust=True)


def notify_on_commit(method: str, **details: Any) -> None:
    """Have every process's listener of `method` (see `Bus.listeners`) know after the commit.

    For what a process works out for itself before its sockets hear of it. Like an event it may get lost.
    """
    message: Message = {"method": method, **details}
    transaction.on_commit(lambda: _publish(message), robust=True)


def end_sockets(room: str, reason: str) -> None:
    """Close every socket in `room`, in every process, after telling it `reason`."""
    _publish({"method": "end", "room": room, "reason": reason})


def end_sockets_on_commit(room: str, reason: str) -> None:
    """Do that once the current transaction has committed: before, a socket could come back."""
    transaction.on_commit(lambda: end_sockets(room, reason), robust=True)


def drop_sockets(room: str) -> None:
    """Drop every transport in `room`, in every process, so that its client comes back with the cookie
    it has by then."""
    _publish({"method": "drop", "room": room})


def evict_sockets_on_commit(room: str) -> None:
    """Put every socket out of `room`, in every process, once the current transaction has committed."""
    transaction.on_commit(lambda: _publish({"method": "evict", "room": room}), robust=True)


def recheck_sockets(room: str) -> None:
    """Have every process verify the sessions of its sockets in `room` now."""
    _publish({"method": "recheck", "room": room})


def _publish(message: Message) -> None:
    _hand_over(message)
