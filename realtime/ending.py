"""Ending sockets together with what they stand on.

Three ways lead here: a session's row is deleted (`end_room`), a user was changed (`recheck_room`), and
the sweep, for all that no signal reports: expiry, or rows changed behind Django's back. A session that
goes on under another key takes its sockets along (`drop_room`).
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from . import metrics
from .database import in_database
from .events import ConnectionEvent, EndReason
from .requests import refusal_events
from .session import Identity, identify

if TYPE_CHECKING:
    from .requests import Caller
    from .server import Server

VERIFIED_AT_ONCE = 1_000
# How long a handshake may take, in seconds, to be verified again after something happened to its rooms.
REMEMBERED = 30.0
# Whoever changes the password stays logged in: that session is signed anew right after the user was
# saved. So a signature that does not fit is looked at again after a moment, in seconds.
SIGNED_WITHIN = 0.3


def farewell(namespace: str) -> str:
    """The packet that ends a namespace for a client."""
    return "1" if namespace == "/" else f"1{namespace},"


class Endings:
    """The sockets of one process, and when they must go."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._tasks: set[asyncio.Task[None]] = set()
        # Rooms whose sockets were ended or verified lately: a handshake that was under way meanwhile
        # may have read the session before and entered the room after.
        self._touched: dict[str, float] = {}

    def end_room(self, room: str, reason: str) -> None:
        """Close every connection of this process that is in `room`, after telling it why."""
        self._touched[room] = time.monotonic()
        for caller in self._callers_in(room):
            self._end(caller, reason)

    def drop_room(self, room: str) -> None:
        """Drop the transports in `room` without a farewell: their clients come back, with a new key."""
        self._touched[room] = time.monotonic()
        for connection in {caller.connection for caller in self._callers_in(room)}:
            socket = self._server.eio.sockets.get(connection)
            if socket is not None:
                socket.leave()

    def recheck_room(self, room: str) -> None:
        """Verify the sessions of this process's sockets in `room` and end those that do not stand."""
        self._touched[room] = time.monotonic()
        callers = self._callers_in(room)
        if callers:
            task = asyncio.create_task(self._verify(callers))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def evict(self, room: str) -> None:
        """Put every socket of this process out of `room`, and out of what is beside it where it is told in
        other words; the connections stay."""
        for caller in self._callers_in(room):
            caller.leave(room)
        manager = self._server.manager
        for namespace in manager.echoes:
            for beside in manager.local_rooms(f"{room}/", namespace=namespace):
                for sid in manager.sids_in(beside, namespace=namespace):
                    manager.basic_leave_room(sid, namespace, beside)

    async def verify_late(self, caller: "Caller", rooms: Iterable[str]) -> None:
        """Verify a socket once more that was admitted while something happened to its rooms."""
        if any(room in self._touched for room in rooms):
            await self._verify([caller])

    async def sweep(self) -> None:
        """Verify every session of this process."""
        callers = list(self._server.callers.values())
        for start in range(0, len(callers), VERIFIED_AT_ONCE):
            await self._verify(callers[start : start + VERIFIED_AT_ONCE])
        now = time.monotonic()
        self._touched = {room: at for room, at in self._touched.items() if now - at < REMEMBERED}

    async def _verify(self, callers: "Sequence[Caller]") -> None:
        unsigned = []
        for caller, reason in await self._fallen(callers):
            if reason == EndReason.PASSWORD_CHANGED:
                unsigned.append(caller)
            else:
                self._end(caller, reason)
        if unsigned:
            await asyncio.sleep(SIGNED_WITHIN)
            for caller, reason in await self._fallen(unsigned):
                self._end(caller, reason)
        await self._ask_doors(callers)

    async def _ask_doors(self, callers: "Sequence[Caller]") -> None:
        """Put those out of a namespace who may not be in it any more."""
        for namespace, door in self._server.doors.items():
            inside = [each for each in callers if each.namespace == namespace]
            refusals = await asyncio.gather(*(door(each.user_id) for each in inside))
            for caller, refusal in zip(inside, refusals, strict=True):
                if refusal is not None and caller.sid in self._server.callers:
                    self._server.put_out(caller, refusal)

    async def _fallen(self, callers: "Sequence[Caller]") -> "list[tuple[Caller, EndReason]]":
        """Those whose sessions do not stand, each with the reason; of the others what is new is noted."""
        found = await in_database(identify, [caller.session_key for caller in callers])
        for caller, each in zip(callers, found, strict=True):
            if isinstance(each, Identity) and caller.sid in self._server.callers:
                self._server.know_as(caller, each)
        reasons = [
            each if isinstance(each, EndReason) else EndReason.BANNED if each.bar is not None else None
            for each in found
        ]
        pairs = zip(callers, reasons, strict=True)
        return [(caller, reason) for caller, reason in pairs if reason is not None]

    def _callers_in(self, room: str) -> "list[Caller]":
        """A person's or a session's sockets in all namespaces, or those of one namespace's room."""
        manager = self._server.manager
        sids = [sid for namespace in refusal_events for sid in manager.sids_in(room, namespace=namespace)]
        return [self._server.callers[sid] for sid in sids if sid in self._server.callers]

    def _end(self, caller: "Caller", reason: str) -> None:
        socket = self._server.eio.sockets.get(caller.connection)
        if caller.sid not in self._server.callers or socket is None:
            return
        # One session stands behind all namespaces of a connection.
        callers = self._server.callers_on(caller.connection)
        for each in callers:
            self._server.tell(each, ConnectionEvent.SESSION_ENDED, {"reason": str(reason)})
            self._server.post(each.connection, farewell(each.namespace))
        socket.refuse()
        for each in callers:
            self._server.forget(each)
        metrics.ended.labels(str(reason)).inc()
