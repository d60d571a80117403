"""Who is typing in a room: a few names and a number, told at a bounded rate, forgotten by itself.

A page says every few seconds that its reader types, and when they stop; whoever is not heard of again for
`EXPIRES` seconds has stopped. However many type, a room hears one event per `INTERVAL`, or fewer if it is
large, and each process tells the others as often. Whoever types hears of the others only.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from .delivery import encode_event
from .presence import SOCKETS_PER_INTERVAL, may_be_named
from .session import user_room

if TYPE_CHECKING:
    from .requests import Caller
    from .server import Server

INTERVAL = 1.0  # seconds between two events of a room
# The first word after a silence comes sooner: it is what makes a room feel alive.
AT_FIRST = 0.15
EXPIRES = 7.0  # pages repeat it every three seconds
NAMES_SHOWN = 3
# Whoever types is told of the others, in events of their own. Beyond so many in one process they hear nothing
# more: nobody reads along who writes, and what a room costs stays bounded.
TYPISTS_TOLD = 50
# Of so many at most a process tells the others the names; one more than is shown, for whoever is among them.
PEOPLE_SENT = NAMES_SHOWN + 1

Describe = Callable[[str, int, list[str]], tuple[str, Any]]


@dataclass(slots=True)
class _Room:
    """Who types here, by id: name and until when that holds; and what the other processes say."""

    here: dict[int, tuple[str, float]] = field(default_factory=dict)
    elsewhere: dict[str, tuple[int, dict[str, str], float]] = field(default_factory=dict)
    told_at: float = 0.0
    sent_at: float = 0.0
    timer: asyncio.TimerHandle | None = None
    # Whether the other processes have still to be told of a change here.
    is_changed_here: bool = False
    # Whom others are typing for, as far as they were told: the typists' sockets, and whether all the others.
    typists_told: set[str] = field(default_factory=set)
    is_told: bool = False

    @property
    def is_quiet(self) -> bool:
        return not self.here and not self.elsewhere

    @property
    def is_settled(self) -> bool:
        """Nobody types, and everybody knows."""
        return self.is_quiet and not (self.is_changed_here or self.is_told or self.typists_told)


class Typists:
    """`describe(room, count, names)` makes the event; rooms of other prefixes have no typists."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._describe: dict[str, Describe] = {}
        self._rooms: dict[str, _Room] = {}

    def watch(self, prefix: str, describe: Describe) -> None:
        self._describe[prefix] = describe

    def types(self, room: str, caller: "Caller", *, is_typing: bool) -> None:
        """Somebody types, or has stopped. Nothing comes of it from outside the room, nor for whoever does not
        want to be seen."""
        if not may_be_named(caller) or not any(room.startswith(prefix) for prefix in self._describe):
            return
        if not is_typing:
            self.left(room, caller)
        elif caller.sid in self._server.manager.sids_in(room, namespace=caller.namespace):
            found = self._rooms.setdefault(room, _Room())
            is_new = caller.user_id not in found.here
            found.here[caller.user_id] = (caller.name, time.monotonic() + EXPIRES)
            # The others forget whom they do not hear of again.
            if is_new or time.monotonic() - found.sent_at > EXPIRES / 2:
                found.is_changed_here = True
                self._tell_soon(room, found)

    def left(self, room: str, caller: "Caller") -> None:
        """Somebody has stopped typing, or left the room, in one of their tabs."""
        found = self._rooms.get(room)
        if found is not None and found.here.pop(caller.user_id, None) is not None:
            found.is_changed_here = True
            self._tell_soon(room, found)

    def heard(self, message: dict[str, Any]) -> None:
        """Another process tells who types in one of its rooms. That is kept for a moment even where nobody is
        to hear it: else whoever comes next could tell by it whether somebody has been here unseen."""
        room, host = message["room"], message["host"]
        found = self._rooms.setdefault(room, _Room())
        if message["count"]:
            found.elsewhere[host] = (message["count"], message["people"], time.monotonic() + EXPIRES)
        else:
            found.elsewhere.pop(host, None)
        self._tell_soon(room, found)

    def people(self, room: str, *, but: int | None = None) -> tuple[int, list[str]]:
        """How many type in a room, in all processes, and the first few names; without one of them."""
        found = self._rooms.get(room, _Room())
        names = {str(user_id): name for user_id, (name, _) in found.here.items()}
        count = len(names)
        for number, people, _ in found.elsewhere.values():
            count += number - sum(user_id in names for user_id in people)
            names |= {user_id: name for user_id, name in people.items() if user_id not in names}
        if but is not None and str(but) in names:
            del names[str(but)]
            count -= 1
        return count, list(islice(names.values(), NAMES_SHOWN))

    @property
    def _namespaces(self) -> tuple[str, ...]:
        """Where a room may be heard of: in the default namespace, and where that has an echo."""
        return ("/", *self._server.manager.echoes)

    def _tell_soon(self, room: str, found: _Room) -> None:
        sockets = len(self._server.manager.rooms.get("/", {}).get(room, ()))
        pause = INTERVAL * max(1.0, sockets / SOCKETS_PER_INTERVAL)
        self._tell_after(max(AT_FIRST, found.told_at + pause - time.monotonic()), room, found)

    def _tell_after(self, delay: float, room: str, found: _Room) -> None:
        loop = asyncio.get_running_loop()
        if found.timer is not None:
            if found.timer.when() <= loop.time() + delay:
                return
            found.timer.cancel()
        found.timer = loop.call_later(delay, self._tell, room)

    def _tell(self, room: str) -> None:
        found = self._rooms[room]
        found.timer = None
        now = time.monotonic()
        for user_id, (_, until) in list(found.here.items()):
            if until <= now:
                del found.here[user_id]
                found.is_changed_here = True
        for host, (_, _, until) in list(found.elsewhere.items()):
            if until <= now:
                del found.elsewhere[host]
        if found.is_settled:
            del self._rooms[room]
            return
        if found.is_changed_here:
            self._send(room, found)
        found.told_at = now
        self._deliver(room, found)
        if found.is_quiet:
            # It is kept for a while, or the next one to type would be told at once, again and again.
            self._tell_soon(room, found)
            return
        # Nobody says that somebody is not heard of any more: look when it is time.
        ends = [until for _, until in found.here.values()] + [
            until for _, _, until in found.elsewhere.values()
        ]
        self._tell_after(max(INTERVAL, min(ends) - now), room, found)

    def _send(self, room: str, found: _Room) -> None:
        found.is_changed_here = False
        found.sent_at = time.monotonic()
        people = {str(user_id): name for user_id, (name, _) in islice(found.here.items(), PEOPLE_SENT)}
        self._server.manager.send(
            {"method": "typists", "room": room, "count": len(found.here), "people": people}
        )

    def _deliver(self, room: str, found: _Room) -> None:
        manager = self._server.manager
        count, _ = self.people(room)
        told: set[str] = set()
        for namespace in self._namespaces:
            if room in manager.rooms.get(namespace, {}):
                told |= self._deliver_in(namespace, room, found, count)
        found.typists_told = told
        found.is_told = count > 0

    def _deliver_in(self, namespace: str, room: str, found: _Room, count: int) -> set[str]:
        """Tell those of one namespace; which typists know by now that others type."""
        manager = self._server.manager
        members = manager.rooms[namespace][room]
        ids = {*found.here, *(int(each) for _, people, _ in found.elsewhere.values() for each in people)}
        typists = {
            sid
            for user_id in ids
            for sid in manager.sids_in(user_room(user_id), namespace=namespace)
            if sid in members
        }
        _, names = self.people(room)
        if count or found.is_told:
            others = [socket for sid, socket in members.items() if sid not in typists]
            manager.delivery.add_to(others, self._encoded(namespace, room, count, names))
        # Whoever has just stopped is among the others again, and is told with them.
        told = found.typists_told & typists
        for sid in islice(typists, TYPISTS_TOLD):
            caller = self._server.callers.get(sid)
            if caller is None:
                continue
            count_of_others, names = self.people(room, but=caller.user_id)
            if count_of_others or sid in told:
                caller.tell_encoded(self._encoded(namespace, room, count_of_others, names))
            (told.add if count_of_others else told.discard)(sid)
        return told

    def _encoded(self, namespace: str, room: str, count: int, names: list[str]) -> str:
        for prefix, describe in self._describe.items():
            if room.startswith(prefix):
                return encode_event(*describe(room, count, names), namespace=namespace)
        raise LookupError(room)
