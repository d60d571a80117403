"""How many connections one address may have in this process: a bound on those that were let in, and one on
those at the door.

They are counted apart, because anybody can open a transport and say nothing for `CONNECT_WITHIN` seconds.
Turning newcomers away while the door is crowded would let one such script lock out everybody behind the
same address. So a newcomer takes the place of the oldest that has not asked to be let in: a reader asks
within a moment of arriving and loses nothing, a script that waits loses its places. Only where all of them
have asked, as when thousands come back while the database is slow, do newcomers have to wait.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from .protocol import Socket


def address_of(scope: dict[str, Any]) -> str:
    """Whose request this is: `serve` has put the reader's own address here if a trusted proxy named it."""
    return str((scope.get("client") or ("unknown",))[0])


class Addresses:
    """The connections of one process by address."""

    def __init__(self) -> None:
        self._admitted: Counter[str] = Counter()
        self._waiting: dict[str, dict[str, Socket]] = {}  # by connection id, in the order of their coming

    def wait(self, address: str, socket: "Socket") -> None:
        """A connection is at the door."""
        self.leave(address, socket)
        self._waiting.setdefault(address, {})[socket.sid] = socket

    def admit(self, address: str, socket: "Socket") -> None:
        """It was let in."""
        self.leave(address, socket)
        self._admitted[address] += 1
        socket.admitted = True

    def leave(self, address: str, socket: "Socket") -> None:
        """It is gone from wherever it was."""
        if socket.admitted:
            socket.admitted = False
            self._admitted[address] -= 1
            if not self._admitted[address]:
                del self._admitted[address]
        elif address in self._waiting:
            self._waiting[address].pop(socket.sid, None)
            if not self._waiting[address]:
                del self._waiting[address]

    def is_full(self, address: str) -> bool:
        """Whether no more of an address may be let in."""
        return self._admitted[address] >= int(settings.SOCKETS_PER_ADDRESS)

    def is_crowded(self, address: str) -> bool:
        """Whether a newcomer would find no place at the door, and nobody to take it from."""
        waiting = self._waiting.get(address, {})
        return len(waiting) >= _places_at_the_door() and all(socket.asking for socket in waiting.values())

    def crowded_out(self, address: str) -> "Socket | None":
        """Who has to go for the newcomer."""
        waiting = self._waiting.get(address, {})
        if len(waiting) <= _places_at_the_door():
            return None
        socket = next((socket for socket in waiting.values() if not socket.asking), None)
        if socket is not None:
            self.leave(address, socket)
        return socket


def _places_at_the_door() -> int:
    return int(settings.SOCKETS_PER_ADDRESS // 2)
