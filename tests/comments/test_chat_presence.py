"""Who came and who left a room of the chat: told so that nobody can tell who else is there."""

import asyncio
import json
from typing import Any, cast

import pytest

from comments.chat import live
from comments.chat.live import GRACE, Live
from realtime.server import Server
from tests.tasks import patience

ROOM = "post_1"


class Process:
    """A server with nothing in it but the sockets of one room, and who may be named there."""

    def __init__(self) -> None:
        self.manager = self.presence = self.delivery = self
        self.rooms: dict[str, dict[str, dict[str, Any]]] = {"/chat": {}}
        self.callers: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self.told: dict[str, list[str]] = {}
        self.live = Live(cast(Server, self))

    def people(self, room: str) -> tuple[int, list[str]]:
        return len(self.names), list(self.names.values())

    def named(self, room: str) -> dict[int, str]:
        return dict(self.names)

    def add_to(self, sockets: list[str], encoded: str) -> None:
        event, payload = json.loads(encoded.removeprefix("2/chat,"))
        for sid in sockets:
            self.told[sid].append(f"{event} {payload['name']}")

    def enter(self, sid: str, name: str = "") -> None:
        """Without a name it is somebody who is not counted: invisible, or an onlooker."""
        self.live.entering(ROOM, "tea", sid)
        self.told.setdefault(sid, [])
        self.rooms["/chat"].setdefault(ROOM, {})[sid] = sid
        if name:
            self.names[len(name)] = name
        self.live.look(ROOM)

    def leave(self, sid: str, name: str = "") -> None:
        del self.rooms["/chat"][ROOM][sid]
        self.names.pop(len(name), None)
        self.live.look(ROOM)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def let_the_grace_pass(self, *processes: Process) -> None:
        self.now += GRACE
        for process in processes:
            process.live.look(ROOM)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(live, "time", clock)
    return clock


@pytest.fixture
def process() -> Process:
    return Process()


async def test_who_leaves_is_told_to_those_who_saw_them(process: Process, clock: Clock) -> None:
    process.enter("reader")
    process.enter("page", "Beta")
    process.leave("page", "Beta")
    assert process.told["reader"] == ["user_joined Beta"]
    clock.let_the_grace_pass(process)

    assert process.told["reader"] == ["user_joined Beta", "user_left Beta"]


async def test_who_is_back_at_once_was_never_gone(process: Process, clock: Clock) -> None:
    process.enter("reader")
    process.enter("page", "Beta")
    process.leave("page", "Beta")
    process.enter("page", "Beta")
    clock.let_the_grace_pass(process)

    assert process.told["reader"] == ["user_joined Beta"]


@pytest.mark.parametrize("comes_back", [False, True])
async def test_a_newcomer_cannot_tell_whether_somebody_unseen_is_there(
    comes_back: bool, clock: Clock
) -> None:
    """Beta goes just before the newcomer comes; whoever is there unseen still waits for her."""
    alone, beside = Process(), Process()
    beside.enter("unseen")
    for process in (alone, beside):
        process.enter("page", "Beta")
        process.leave("page", "Beta")
        process.enter("newcomer")
        if comes_back:
            process.enter("page", "Beta")
    clock.let_the_grace_pass(alone, beside)

    expected = ["user_joined Beta"] if comes_back else []
    assert alone.told["newcomer"] == beside.told["newcomer"] == expected


async def test_whoever_enters_once_more_is_no_newcomer(process: Process, clock: Clock) -> None:
    process.enter("reader")
    process.enter("page", "Beta")
    process.leave("page", "Beta")
    process.enter("reader")
    clock.let_the_grace_pass(process)

    assert process.told["reader"] == ["user_joined Beta", "user_left Beta"]


async def test_however_often_somebody_looks_one_timer_waits(
    process: Process, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    look = Live.look

    def count(self: Live, room: str) -> None:
        nonlocal looks
        looks += 1
        look(self, room)

    monkeypatch.setattr(live, "GRACE", 0.05)
    monkeypatch.setattr(Live, "look", count)
    process.enter("reader")
    process.enter("page", "Beta")
    process.leave("page", "Beta")
    for _ in range(50):
        process.live.look(ROOM)
    before = looks
    clock.now = GRACE
    async with patience(10):
        while process.told["reader"][-1] != "user_left Beta":
            await asyncio.sleep(0.01)

    assert looks == before + 1
