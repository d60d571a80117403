"""Who is in a room: counted per process, merged over the bus, told at most once a second per room.

However many come and go, a room hears one `presence` per second, or fewer if it is large, and each process
sends one message per second and room. A process that dies without a word is forgotten when its last one has
aged. Who does not want to be named is counted like everybody, and their name does not leave the process.

Whoever is invisible is not here at all, for anybody: to become so is told in the same words and at the same
pace as leaving, and whatever they do after it is told to nobody, or the others could tell the two apart.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from .delivery import encode_event
from .statuses import Status, may_be_seen

if TYPE_CHECKING:
    from .requests import Caller
    from .server import Server

INTERVAL = 1.0  # seconds between two presences of a room
# In a room with more sockets than these (in one process) presences become rarer in proportion, so that a
# room never costs more than so many deliveries a second, however many come and go.
SOCKETS_PER_INTERVAL = 2_000
NAMES_SHOWN = 5
# Beyond this many people a process sends only their number; two processes may then count one person
# twice, which nobody can see in a number of that size.
PEOPLE_SENT = 200
REMEMBERED = 90.0  # seconds after which a silent process counts for nothing

# What is repeated goes out in portions, in rooms and in seconds between them: thousands at once would push
# everything else out of the queue to the other processes.
ROOMS_AT_ONCE = 50
ROOMS_PAUSE = 0.02

Describe = Callable[[str, int, list[str]], tuple[str, Any]]


def may_be_named(caller: "Caller") -> bool:
    """Whether others may be told who this is. Whoever may not is never said to be typing, and is counted
    among those who are here, without a name; whoever is invisible just now is not even counted."""
    return may_be_seen(caller)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    count: int
    people: dict[str, str]  # id -> name, empty for who is only counted
    heard_at: float

    def says_as(self, before: "_Elsewhere") -> bool:
        """Whether this is what was said before, the names in the same order, and that still counted."""
        same = (self.count, list(self.people.items())) == (before.count, list(before.people.items()))
        return same and (not before.count or self.heard_at - before.heard_at < REMEMBERED)


_NOBODY = _Elsewhere(0, {}, 0.0)


class Presence:
    """`describe(room, count, names)` makes the event; rooms of other prefixes are not counted."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._describe: dict[str, Describe] = {}
        # Called with each room that has changed, as often as it is told.
        self.listeners: list[Callable[[str], None]] = []
        # Everybody whose sockets are here; of these, who is here for themselves alone.
        self._here: dict[str, Counter[int]] = defaultdict(Counter)
        self._hidden: dict[str, set[int]] = defaultdict(set)
        # Those who may be named: what is not in here can be told to nobody.
        self._names: dict[str, dict[int, str]] = defaultdict(dict)
        self._elsewhere: dict[str, dict[str, _Elsewhere]] = defaultdict(dict)
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._local_only: set[str] = set()

    def watch(self, prefix: str, describe: Describe) -> None:
        """Count the people of the rooms whose names begin with `prefix`."""
        self._describe[prefix] = describe

    def entered(self, room: str, caller: "Caller") -> None:
        if self._watched(room):
            before = self._shown(room, caller.user_id)
            self._here[room][caller.user_id] += 1
            self._name(room, caller)
            if before is not None or self._shown(room, caller.user_id) is not None:
                self._changed_here(room)

    def left(self, room: str, caller: "Caller") -> None:
        here = self._here.get(room)
        if here is None or caller.user_id not in here:
            return
        before = self._shown(room, caller.user_id)
        here[caller.user_id] -= 1
        if here[caller.user_id] <= 0:
            del here[caller.user_id]
            self._names[room].pop(caller.user_id, None)
            self._hidden[room].discard(caller.user_id)
        if before is not None:
            self._changed_here(room)
        elif not here and room not in self._waiting:
            self._forget(room)

    def renamed(self, room: str, caller: "Caller") -> None:
        """Somebody who is in a room is called otherwise from now on, not named any more, or named again; or
        they have become invisible, or are so no more."""
        if caller.user_id in self._here.get(room, ()):
            before = self._shown(room, caller.user_id)
            self._name(room, caller)
            if self._shown(room, caller.user_id) != before:
                self._changed_here(room)

    def people(self, room: str) -> tuple[int, list[str]]:
        """How many people are in a room, in all processes, and the names of the first few.

        Whoever enters is told; so this takes as long in a room of thousands as in one of ten.
        """
        here, named = self._here.get(room, Counter()), self._names.get(room, {})
        count = len(here) - len(self._hidden.get(room, ()))
        elsewhere: dict[str, str] = {}
        now = time.monotonic()
        for other in self._elsewhere.get(room, {}).values():
            if now - other.heard_at < REMEMBERED:
                elsewhere.update(other.people)
                count += other.count - len(other.people)
        # Whoever is invisible here has left here, and is elsewhere as long as it is said there: nothing else
        # would be told of whoever has left.
        for user_id in [each for each in elsewhere if self._shown(room, int(each)) is not None]:
            del elsewhere[user_id]
        names = islice(chain(named.values(), filter(None, elsewhere.values())), NAMES_SHOWN)
        return count + len(elsewhere), list(names)

    def named(self, room: str) -> dict[int, str] | None:
        """Everybody in a room who may be named, in all processes; None: too many to be known."""
        named = dict(self._names.get(room, {}))
        now = time.monotonic()
        for other in self._elsewhere.get(room, {}).values():
            if now - other.heard_at < REMEMBERED:
                if len(other.people) < other.count:
                    return None
                named |= {int(pk): name for pk, name in other.people.items() if name}
        return named

    def heard(self, message: dict[str, Any]) -> None:
        """Another process tells who is in one of its rooms."""
        room, host = message["room"], message["host"]
        before = self._elsewhere[room].pop(host, _NOBODY)
        said = _Elsewhere(message["count"], message["people"], time.monotonic())
        if said.count:
            self._elsewhere[room][host] = said
        if not self._elsewhere[room]:
            del self._elsewhere[room]
        # What is only repeated is told to nobody, or it would show that somebody is there who is not named.
        if not said.says_as(before):
            self._changed_elsewhere(room)

    async def repeat(self) -> None:
        """Tell the other processes again, so that a lost message or a dead process does no lasting harm."""
        for number, room in enumerate(list(self._here), start=1):
            if room in self._here:
                self._send(room)
            if number % ROOMS_AT_ONCE == 0:
                await asyncio.sleep(ROOMS_PAUSE)
        now = time.monotonic()
        for room, others in list(self._elsewhere.items()):
            for host, other in list(others.items()):
                if now - other.heard_at >= REMEMBERED:
                    del others[host]
                    self._changed_elsewhere(room)
            if not others:
                del self._elsewhere[room]

    def _shown(self, room: str, user_id: int) -> str | None:
        """As what others see somebody who is here: empty for who is only counted, None for who is not."""
        if user_id not in self._here.get(room, ()) or user_id in self._hidden.get(room, ()):
            return None
        return self._names.get(room, {}).get(user_id, "")

    def _name(self, room: str, caller: "Caller") -> None:
        if caller.status == Status.INVISIBLE:
            self._hidden[room].add(caller.user_id)
        else:
            self._hidden[room].discard(caller.user_id)
        if may_be_named(caller):
            self._names[room][caller.user_id] = caller.name
        else:
            self._names[room].pop(caller.user_id, None)

    def _watched(self, room: str) -> bool:
        return any(room.startswith(prefix) for prefix in self._describe)

    def _changed_here(self, room: str) -> None:
        self._local_only.discard(room)
        self._changed(room)

    def _changed_elsewhere(self, room: str) -> None:
        if room not in self._waiting:
            self._local_only.add(room)
            self._changed(room)

    def _changed(self, room: str) -> None:
        if room not in self._waiting:
            loop = asyncio.get_running_loop()
            sockets = self._here[room].total() if room in self._here else 0
            pause = INTERVAL * max(1.0, sockets / SOCKETS_PER_INTERVAL)
            self._waiting[room] = loop.call_later(pause, self._tell, room)

    def _tell(self, room: str) -> None:
        del self._waiting[room]
        if room in self._local_only:
            self._local_only.discard(room)
        else:
            self._send(room)
        if not self._here.get(room):
            self._forget(room)
        for listener in self.listeners:
            listener(room)
        # Also to those who only listen, whether or not somebody is here whom they know nothing of.
        if not self._server.manager.is_heard("/", room):
            return
        for prefix, describe in self._describe.items():
            if room.startswith(prefix):
                event, payload = describe(room, *self.people(room))
                self._server.manager.deliver(room, encode_event(event, payload))

    def _forget(self, room: str) -> None:
        for known in (self._here, self._names, self._hidden):
            known.pop(room, None)

    def _send(self, room: str) -> None:
        here, hidden = self._here.get(room, Counter()), self._hidden.get(room, set())
        names, count = self._names.get(room, {}), len(here) - len(hidden)
        people: dict[str, str] = {}
        if count <= PEOPLE_SENT:
            # The names in the order in which they are told here: whoever was invisible comes last.
            people = {str(pk): name for pk, name in names.items()}
            # Who is not named is known to the other processes by number, or they would count them twice.
            people |= {str(pk): "" for pk in here if pk not in hidden and pk not in names}
        self._server.manager.send({"method": "presence", "room": room, "count": count, "people": people})
