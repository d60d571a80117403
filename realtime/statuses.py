"""Who is on the site and whether they are at it: one word for each person, merged over the bus.

However many tabs somebody has open, in however many processes, they are online once; and offline once, when
their last socket has been gone for a short grace, so that a reload is no flicker. Nothing is told at the
moment it happens: each process gathers what changes for a tick, tells the others in one message, and its
listeners once. A storm of thousands who come back is a few messages, and where they were not gone for long
no change at all.

Each process says of its own people only, so nothing can be added up wrongly. It says all of it now and then,
and when somebody asks. A process that dies without a word stops saying that it lives (see `Bus.silent_for`);
then what it said counts no more. Whoever is invisible, or does not want to be named, is never spoken of:
their number does not even leave the process. To become so is to leave, with the same grace: were it told any
sooner, everybody could tell who is still here.
"""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .requests import Caller
    from .server import Server

METHOD = "statuses"  # between processes
# For how long changes are gathered, in seconds. Nobody notices it of a status, and it bounds what a process
# says and hears, however many come and go.
TICK = 1.0
# How long after their last socket somebody still counts as here, in seconds: a reload, a tunnel, a server
# that restarts. It is longer than a page waits before it tries again.
GRACE = 10.0
# A process of which nothing is heard for so long, in seconds, has died; living ones speak every second.
SILENT = 20.0
# How often that is looked at.
LOOK = 5.0
# People in one message; more take several, which count once they are all there.
PEOPLE_AT_ONCE = 2_000
# Whoever is asked for everything answers within so many seconds, not all at once.
SPREAD = 0.5


class Status(StrEnum):
    """What somebody is to others. INVISIBLE is known to themselves alone: to others they are offline."""

    ONLINE = "online"
    AWAY = "away"
    INVISIBLE = "invisible"
    OFFLINE = "offline"


# Told of those whose status is another one now, and which of them were last seen in this process.
Listener = Callable[[Mapping[int, Status], Collection[int]], None]
_TOLD = (Status.ONLINE, Status.AWAY, Status.OFFLINE)


@dataclass(slots=True)
class _Incoming:
    """All that another process says, as far as it has come: so many parts of so many."""

    parts: int = 0
    people: dict[int, Status] = field(default_factory=dict)


class Statuses:
    """The people of one process, and what the others say of theirs."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.listeners: list[Listener] = []
        # What this process says of its own people; nobody is in here as offline or invisible. Who has just
        # left stays in here for the grace, as what they were.
        self._here: dict[int, Status] = {}
        self._idle: set[str] = set()  # connections at which nobody has moved for a while
        # Whose last socket is gone, or who has become invisible -> until when they count as here.
        self._leaving: dict[int, float] = {}
        self._hiding: set[int] = set()  # who of these is invisible: nothing they do from then on is leaving
        self._left: dict[int, float] = {}  # who was here until then
        self._elsewhere: dict[str, dict[int, Status]] = {}
        self._incoming: dict[str, _Incoming] = {}
        self._merged: dict[int, Status] = {}  # as the listeners know it
        self._changed: set[int] = set()  # whose sockets changed
        self._doubted: set[int] = set()  # whose merged status may have
        self._timer: asyncio.TimerHandle | None = None
        self._answer: asyncio.TimerHandle | None = None
        self._question: asyncio.TimerHandle | None = None
        self._looked_at = self._hearing_since = time.monotonic()

    # --- What others may know ----------------------------------------------------------------

    def of(self, user_id: int) -> Status:
        """What somebody is to others. Any thread may ask."""
        return self._merged.get(user_id, Status.OFFLINE)

    def here(self) -> list[int]:
        """Whom this process says to be here."""
        return list(self._here)

    # --- The sockets of this process ---------------------------------------------------------

    def touched(self, caller: "Caller") -> None:
        """Somebody has come, or is known otherwise: what they have chosen, whether they are named."""
        self._changed.add(caller.user_id)
        self._settle_within(TICK)

    def left(self, caller: "Caller") -> None:
        """One of their sockets is gone."""
        if caller.connection in self._idle and not self._server.callers_on(caller.connection):
            self._idle.discard(caller.connection)
        self.touched(caller)

    def idles(self, caller: "Caller", *, on: bool) -> None:
        """Whether somebody moves at this connection. They are away where they move at none."""
        if not caller.is_connected or on == (caller.connection in self._idle):
            return
        (self._idle.add if on else self._idle.discard)(caller.connection)
        self.touched(caller)

    def _now(self, user_id: int) -> Status:
        """What somebody's sockets in this process say. Those may be told of a change one after the other: who
        is invisible at one of them is so at all."""
        callers = self._server.callers_of(user_id)
        if not callers:
            return Status.OFFLINE
        if not all(may_be_seen(caller) for caller in callers):
            return Status.INVISIBLE
        is_away = any(caller.status == Status.AWAY for caller in callers)
        return (
            Status.AWAY
            if is_away or all(each.connection in self._idle for each in callers)
            else Status.ONLINE
        )

    # --- A tick ------------------------------------------------------------------------------

    def _settle_within(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self._settle)

    def _settle(self) -> None:
        self._timer = None
        said = self._judge(time.monotonic())
        if said:
            self._say(said)
            self._doubted |= said.keys()
        self._tell()
        if self._leaving:
            self._settle_within(max(TICK, next(iter(self._leaving.values())) - time.monotonic()))

    def _judge(self, now: float) -> dict[int, Status]:
        """What is to be said otherwise than before about the people of this process."""
        said: dict[int, Status] = {}
        changed, self._changed = self._changed, set()
        for user_id in changed:
            status = self._now(user_id)
            if status in (Status.OFFLINE, Status.INVISIBLE):
                self._leave(user_id, now, is_hiding=status == Status.INVISIBLE)
                continue
            self._stay(user_id)
            if self._here.get(user_id) != status:
                self._here[user_id] = said[user_id] = status
        while self._leaving:
            user_id, until = next(iter(self._leaving.items()))
            if until > now:
                break
            self._stay(user_id)
            del self._here[user_id]
            said[user_id] = Status.OFFLINE
        self._left |= {user_id: now for user_id, status in said.items() if status == Status.OFFLINE}
        return said

    def _leave(self, user_id: int, now: float, *, is_hiding: bool) -> None:
        if user_id not in self._here:
            return
        if user_id not in self._leaving or not (is_hiding or user_id in self._hiding):
            # Whoever leaves anew, having looked in for less than a tick, comes last again.
            self._leaving.pop(user_id, None)
            self._leaving[user_id] = now + GRACE
        if is_hiding:
            self._hiding.add(user_id)

    def _stay(self, user_id: int) -> None:
        self._leaving.pop(user_id, None)
        self._hiding.discard(user_id)

    def _tell(self) -> None:
        """Tell the listeners what is merged otherwise than before."""
        doubted, self._doubted = self._doubted, set()
        told: dict[int, Status] = {}
        for user_id in doubted:
            status = self._merge(user_id)
            if status == self._merged.get(user_id, Status.OFFLINE):
                continue
            told[user_id] = status
            if status == Status.OFFLINE:
                del self._merged[user_id]
            else:
                self._merged[user_id] = status
        if told:
            last_here = {user_id for user_id in told if user_id in self._left}
            for listener in self.listeners:
                listener(told, last_here)

    def _merge(self, user_id: int) -> Status:
        # Who moves in one process is at it, wherever else a page of theirs lies open.
        said = self._here.get(user_id, Status.OFFLINE)
        for people in self._elsewhere.values():
            if said == Status.ONLINE:
                break
            status = people.get(user_id, Status.OFFLINE)
            said = status if status != Status.OFFLINE else said
        return said

    # --- The other processes -----------------------------------------------------------------

    def heard(self, message: dict[str, Any]) -> None:
        """Another process tells what has changed, or all of it; or it asks."""
        host = message["host"]
        if message.get("ask"):
            self._answer_soon()
            return
        people = {int(user_id): status for status in _TOLD for user_id in message.get(status.value, ())}
        if "part" in message:
            self._take_part(host, people, part=int(message["part"]), parts=int(message["parts"]))
            return
        if host not in self._elsewhere:
            # It has started, or was taken for dead: what it said before is not known here.
            self._elsewhere[host] = {}
            self.ask_soon()
        theirs = self._elsewhere[host]
        for user_id, status in people.items():
            if status == Status.OFFLINE:
                theirs.pop(user_id, None)
            else:
                theirs[user_id] = status
        self._doubt(people)

    def _take_part(self, host: str, people: dict[int, Status], *, part: int, parts: int) -> None:
        if part == 0:
            self._incoming[host] = _Incoming()
        incoming = self._incoming.get(host)
        if incoming is None or incoming.parts != part:
            self._incoming.pop(host, None)  # one of them got lost, and it says everything again soon
            return
        incoming.parts += 1
        incoming.people |= people
        if incoming.parts == parts:
            before = self._elsewhere.get(host, {})
            self._elsewhere[host] = self._incoming.pop(host).people
            now = self._elsewhere[host]
            self._doubt(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))

    def _doubt(self, user_ids: Iterable[int]) -> None:
        self._doubted.update(user_ids)
        if self._doubted:
            self._settle_within(TICK)

    def _say(self, people: Mapping[int, Status], **about: Any) -> None:
        by_status: dict[str, list[int]] = {}
        for user_id, status in people.items():
            by_status.setdefault(status.value, []).append(user_id)
        self._server.manager.send({"method": METHOD, **by_status, **about})

    def repeat(self) -> None:
        """Say everything again, in one go, so that nothing that changes comes between its parts."""
        people = list(self._here.items())
        parts = max(1, -(-len(people) // PEOPLE_AT_ONCE))
        for part in range(parts):
            portion = people[part * PEOPLE_AT_ONCE : (part + 1) * PEOPLE_AT_ONCE]
            self._say(dict(portion), part=part, parts=parts)

    def ask_soon(self) -> None:
        """Have the others say everything: when this process starts, and when it has missed something."""
        if self._question is None:
            loop = asyncio.get_running_loop()
            self._question = loop.call_later(TICK, self._ask)

    def _ask(self) -> None:
        self._question = None
        self._server.manager.send({"method": METHOD, "ask": True})

    def _answer_soon(self) -> None:
        if self._answer is None:
            pause = random.uniform(0, SPREAD)  # noqa: S311
            self._answer = asyncio.get_running_loop().call_later(pause, self._give_answer)

    def _give_answer(self) -> None:
        self._answer = None
        self.repeat()

    async def compare(self) -> None:
        """Something got lost on the bus, in whichever direction."""
        self.ask_soon()
        self.repeat()

    async def look(self) -> None:
        """Forget the processes that have died. Whoever cannot hear must not take that for silence."""
        manager, now = self._server.manager, time.monotonic()
        if manager.is_deaf or now - self._looked_at > 2 * LOOK:  # deaf, or stopped itself for a while
            self._hearing_since = now
        self._looked_at = now
        self._left = {user_id: at for user_id, at in self._left.items() if now - at < SILENT + GRACE}
        if now - self._hearing_since < SILENT:
            return
        for host in list(self._elsewhere):
            if manager.silent_for(host) < SILENT:
                continue
            self._incoming.pop(host, None)
            gone = self._elsewhere.pop(host)
            # Whoever is not found elsewhere was there until now. One of the others notes it, and they agree
            # on which: the first by name.
            if manager.host_id <= min(self._elsewhere, default=manager.host_id):
                self._left |= dict.fromkeys(gone, now)
            self._doubt(gone)


def may_be_seen(caller: "Caller") -> bool:
    """Whether others may be told that somebody is here: neither if they are not to be named, nor while they
    are invisible."""
    return caller.is_shown and caller.status != Status.INVISIBLE
