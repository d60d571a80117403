"""Rooms that a socket is in from the start, because of what its person belongs to: a group's, say.

They are asked for at the handshake, and anew when what somebody belongs to has changed. Only rooms that were
given here are taken away again; which others a socket enters is its own business.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .batch import Batch
from .session import user_room

if TYPE_CHECKING:
    from .requests import Caller
    from .server import Server

# Asked for many users at once, in a database thread: for each, in their order, the rooms of a namespace.
Lodging = Callable[[Sequence[int]], Sequence[Sequence[str]]]


class Lodgings:
    """The rooms given to the sockets of one process."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._ask: dict[str, Batch[int, Sequence[str]]] = {}
        self._given: dict[str, set[str]] = {}  # by sid
        # Handshakes that are under way, by sid; and those that may have been answered before a change.
        self._arriving: dict[str, tuple[int, str]] = {}
        self._outdated: set[str] = set()

    def add(self, namespace: str, lodging: Lodging) -> None:
        self._ask[namespace] = Batch[int, Sequence[str]](lodging)

    async def ask(self, caller: "Caller") -> Sequence[str]:
        """Which rooms somebody who arrives is to be in; `give` and `look_again` follow, or `forget`."""
        if caller.namespace not in self._ask:
            return ()
        self._arriving[caller.sid] = (caller.user_id, caller.namespace)
        return await self._ask[caller.namespace](caller.user_id)

    def give(self, caller: "Caller", rooms: Sequence[str]) -> None:
        """Have a socket be in these rooms, and in none that it was given before and are not among them; one
        that it has left itself it is not put into again."""
        before, now = self._given.get(caller.sid, set()), set(rooms)
        there = self._server.manager.get_rooms(caller.sid, caller.namespace)
        for room in before - now:
            self._server.manager.basic_leave_room(caller.sid, caller.namespace, room)
        for room in now - before - set(there):
            self._server.manager.basic_enter_room(caller.sid, caller.namespace, room)
        if now:
            self._given[caller.sid] = now
        else:
            self._given.pop(caller.sid, None)

    async def look_again(self, caller: "Caller") -> None:
        """The handshake is over: if something has changed while it was under way, ask anew."""
        self._arriving.pop(caller.sid, None)
        if caller.sid in self._outdated:
            self._outdated.discard(caller.sid)
            await self.move(caller.user_id, caller.namespace)

    async def move(self, user_id: int, namespace: str) -> None:
        """Ask again which rooms somebody is in from the start: what they belong to has changed."""
        arriving = self._arriving.items()
        self._outdated |= {sid for sid, arrival in arriving if arrival == (user_id, namespace)}
        if not self._server.manager.sids_in(user_room(user_id), namespace=namespace):
            return  # every process hears of it, also of thousands who are in another one, or in none
        rooms = await self._ask[namespace](user_id)
        for sid in self._server.manager.sids_in(user_room(user_id), namespace=namespace):
            caller = self._server.callers.get(sid)
            if caller is not None:
                self.give(caller, rooms)

    def forget(self, sid: str) -> None:
        self._given.pop(sid, None)
        self._arriving.pop(sid, None)
        self._outdated.discard(sid)
