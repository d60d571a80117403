"""Which moderator looks at which item, in all processes.

Each process tells the others all that its moderators look at whenever that changes, and now and then: so a
lost message or a dead process does no lasting harm, and nothing is added up that could go wrong.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

# Between two messages about changes, in seconds: whoever walks through a queue is told of where they stop.
INTERVAL = 0.3
REPEAT = 30.0
REMEMBERED = 90.0  # seconds after which a silent process counts for nothing
# Moderators of one process that the others hear of. More would not fit under one item anyway.
SENT = 200

Person = tuple[int, str]  # id and name
# Who looks at an item, by its id; nobody twice, in the order of their ids.
Map = dict[int, list[Person]]


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    people: list[tuple[int, int, str]]  # item, person, name
    heard_at: float


class Looking:
    """`send(people)` reaches the other processes, `tell(item, people)` the moderators of this one."""

    def __init__(
        self,
        *,
        send: Callable[[list[tuple[int, int, str]]], None],
        tell: Callable[[int, list[Person]], None],
    ) -> None:
        self._send = send
        self._tell = tell
        self._here: dict[str, tuple[int, int, str]] = {}  # sid -> item, person, name
        self._elsewhere: dict[str, _Elsewhere] = {}
        self._told: Map = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_ours = False  # what changed is to be sent to the others

    def look(self, sid: str, user_id: int, name: str, item: int | None) -> None:
        """A socket looks at an item, or at none."""
        before = self._here.pop(sid, None)
        if item is not None:
            self._here[sid] = (item, user_id, name)
        if self._here.get(sid) != before:
            self._is_ours = True
            self._changed()

    def forget(self, sid: str) -> None:
        """A socket is gone."""
        if self._here.pop(sid, None) is not None:
            self._is_ours = True
            self._changed()

    def heard(self, host: str, people: list[tuple[int, int, str]]) -> None:
        """Another process tells what its moderators look at."""
        if people:
            self._elsewhere[host] = _Elsewhere([(int(a), int(b), str(c)) for a, b, c in people], _now())
        else:
            self._elsewhere.pop(host, None)
        self._changed()

    def repeat(self) -> None:
        """Tell the others again, and forget who has been silent for too long."""
        self._is_ours = self._is_ours or bool(self._here)
        known = self._elsewhere.items()
        self._elsewhere = {host: each for host, each in known if _now() - each.heard_at < REMEMBERED}
        self._changed()

    def now(self) -> Map:
        """Who looks at what."""
        people = list(self._here.values())
        for each in self._elsewhere.values():
            people += each.people
        found: dict[int, dict[int, str]] = {}
        for item, user_id, name in people:
            found.setdefault(item, {})[user_id] = name
        return {item: sorted(by_id.items()) for item, by_id in found.items()}

    def _changed(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._settle)

    def _settle(self) -> None:
        self._timer = None
        if self._is_ours:
            self._is_ours = False
            self._send(list(self._here.values())[:SENT])
        now = self.now()
        for item in self._told.keys() | now.keys():
            people = now.get(item, [])
            if people != self._told.get(item, []):
                self._tell(item, people)
        self._told = now


def _now() -> float:
    return time.monotonic()
