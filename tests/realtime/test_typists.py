"""Who types in a room: told to the others at a bounded rate, in all processes, and forgotten by itself."""

import json
from typing import Any, cast

import pytest

from realtime import typists
from realtime.protocol import Socket
from realtime.requests import Caller
from realtime.server import Server
from realtime.session import user_room
from realtime.typists import Typists
from tests.callers import StandIn
from tests.clock import Clock, pass_by

ROOM = "post_1"


class Bus:
    """The rooms of this process, and what would leave for its sockets and for the other processes."""

    def __init__(self) -> None:
        self.rooms: dict[str, dict[str, dict[str, Any]]] = {"/": {}}
        self.echoes: dict[str, Any] = {}
        self.sent: list[dict[str, Any]] = []
        self.told: list[tuple[list[str], Any]] = []
        self.delivery = self

    def sids_in(self, room: str, *, namespace: str = "/") -> list[str]:
        return list(self.rooms[namespace].get(room, ()))

    def add_to(self, sockets: list[Any], encoded: str) -> None:
        self.told.append((sorted(map(str, sockets)), json.loads(encoded.removeprefix("2"))[1]))

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


class Process:
    """A server with nothing in it but sockets and who types."""

    def __init__(self) -> None:
        self.manager = Bus()
        self.callers: dict[str, StandIn] = {}

    def enter(self, user_id: int, *rooms: str, sid: str = "", is_shown: bool = True) -> Caller:
        sid = sid or f"sid{user_id}"
        caller = StandIn(user_id, f"User {user_id}", sid=sid, is_shown=is_shown)
        self.callers[sid] = caller
        for room in (*rooms, user_room(user_id)):
            self.manager.rooms["/"].setdefault(room, {})[sid] = cast(Socket, sid)
        return cast(Caller, caller)

    def heard(self, caller: Caller) -> list[Any]:
        """What this socket was told, by the room or alone."""
        alone = [payload for _, payload in cast(StandIn, caller).told]
        return alone + [payload for sids, payload in self.manager.told if caller.sid in sids]


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def people(process: Process, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Typists:
    monkeypatch.setattr(typists, "INTERVAL", 0.05)
    monkeypatch.setattr(typists, "AT_FIRST", 0.01)
    found = Typists(cast(Server, process))
    found.watch("post_", lambda room, count, names: ("user_typing", [count, names]))
    return found


async def a_moment(seconds: float = 0.08) -> None:
    await pass_by(seconds)


async def test_whoever_is_not_in_the_room_types_nowhere(people: Typists, process: Process) -> None:
    reader = process.enter(1, ROOM)
    outsider = process.enter(2)

    people.types(ROOM, outsider, is_typing=True)
    people.types("user_1", process.enter(3, "user_1"), is_typing=True)
    await a_moment()

    assert process.heard(reader) == []
    assert process.manager.sent == []


async def test_the_others_are_told_and_not_the_one_who_types(people: Typists, process: Process) -> None:
    owner, reader = process.enter(1, ROOM), process.enter(2, ROOM)
    second_tab = process.enter(1, ROOM, sid="second")

    people.types(ROOM, owner, is_typing=True)
    await a_moment()
    people.types(ROOM, owner, is_typing=False)
    await a_moment()

    assert process.heard(reader) == [[1, ["User 1"]], [0, []]]
    assert process.heard(owner) == [[0, []]] or process.heard(owner) == []
    assert all(payload[0] == 0 for payload in process.heard(second_tab))


async def test_those_who_type_hear_of_each_other(people: Typists, process: Process) -> None:
    one, two = process.enter(1, ROOM), process.enter(2, ROOM)
    reader = process.enter(3, ROOM)

    people.types(ROOM, one, is_typing=True)
    people.types(ROOM, two, is_typing=True)
    await a_moment()

    assert process.heard(one) == [[1, ["User 2"]]]
    assert process.heard(two) == [[1, ["User 1"]]]
    assert process.heard(reader) == [[2, ["User 1", "User 2"]]]


async def test_of_many_three_are_named(people: Typists, process: Process) -> None:
    reader = process.enter(99, ROOM)
    for user_id in range(1, 31):
        people.types(ROOM, process.enter(user_id, ROOM), is_typing=True)
    await a_moment()

    assert process.heard(reader) == [[30, ["User 1", "User 2", "User 3"]]]


async def test_a_room_hears_once_in_a_while_however_fast_they_type(people: Typists, process: Process) -> None:
    reader = process.enter(99, ROOM)
    typing = [process.enter(user_id, ROOM) for user_id in range(1, 6)]

    for _ in range(10):
        for caller in typing:
            people.types(ROOM, caller, is_typing=True)
            people.types(ROOM, caller, is_typing=False)
        await pass_by(0.02)

    assert len(process.heard(reader)) <= 6
    assert len(process.manager.sent) <= 6


async def test_a_large_room_hears_less_often(
    people: Typists, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typists, "SOCKETS_PER_INTERVAL", 2)
    reader = process.enter(99, ROOM)
    typing = [process.enter(user_id, ROOM) for user_id in range(1, 20)]

    people.types(ROOM, typing[0], is_typing=True)
    await a_moment(0.03)
    people.types(ROOM, typing[1], is_typing=True)
    await a_moment(0.2)

    assert process.heard(reader) == [[1, ["User 1"]]]


async def test_whoever_is_not_heard_of_again_has_stopped(
    people: Typists, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typists, "EXPIRES", 0.15)
    owner, reader = process.enter(1, ROOM), process.enter(2, ROOM)

    people.types(ROOM, owner, is_typing=True)
    await a_moment(0.4)

    assert process.heard(reader)[0] == [1, ["User 1"]]
    assert process.heard(reader)[-1] == [0, []]
    await a_moment(0.2)
    assert people._rooms == {}


async def test_whoever_leaves_has_stopped(people: Typists, process: Process) -> None:
    owner, reader = process.enter(1, ROOM), process.enter(2, ROOM)
    people.types(ROOM, owner, is_typing=True)
    await a_moment()

    people.left(ROOM, owner)
    await a_moment()

    assert process.heard(reader) == [[1, ["User 1"]], [0, []]]


async def test_whoever_does_not_want_to_be_seen_is_not(people: Typists, process: Process) -> None:
    reader = process.enter(1, ROOM)
    shy = process.enter(2, ROOM, is_shown=False)

    people.types(ROOM, shy, is_typing=True)
    await a_moment()

    assert process.heard(reader) == []
    assert process.manager.sent == []


async def test_other_processes_hear_names_and_a_number(people: Typists, process: Process) -> None:
    for user_id in range(1, 8):
        people.types(ROOM, process.enter(user_id, ROOM), is_typing=True)
    await a_moment()

    [message] = process.manager.sent
    assert message["count"] == 7
    assert list(message["people"].values()) == ["User 1", "User 2", "User 3", "User 4"]


async def test_those_elsewhere_count_until_they_stop_or_fall_silent(
    people: Typists, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typists, "EXPIRES", 0.3)
    reader = process.enter(1, ROOM)

    def says(host: str, count: int, **names: str) -> None:
        people.heard({"method": "typists", "host": host, "room": ROOM, "count": count, "people": names})

    says("other", 1, **{"8": "User 8"})
    says("third", 5, **{"8": "User 8", "9": "User 9"})
    await a_moment()
    says("other", 0)
    await a_moment()
    assert process.heard(reader)[0][0] == 6 - 1  # one person in two processes
    assert process.heard(reader)[-1] == [5, ["User 8", "User 9"]]

    await a_moment(0.5)

    assert process.heard(reader)[-1] == [0, []]
    assert process.manager.sent == []
    people.heard({"method": "typists", "host": "other", "room": "post_2", "count": 1, "people": {}})
    await a_moment(0.5)
    assert people._rooms == {}


async def test_whoever_comes_hears_the_same_whether_or_not_somebody_was_there_unseen(
    people: Typists, process: Process
) -> None:
    """Of somebody who types elsewhere and stops; somebody invisible is in `post_2`."""
    process.enter(9, "post_2")

    def says(count: int, **names: str) -> None:
        for room in (ROOM, "post_2"):
            people.heard({"method": "typists", "host": "b", "room": room, "count": count, "people": names})

    says(1, **{"8": "User 8"})
    await a_moment()
    first, second = process.enter(1, ROOM), process.enter(2, "post_2")
    says(0)
    await a_moment()

    assert process.heard(first) == process.heard(second)[-1:] == [[0, []]]


async def test_somebody_who_goes_on_is_told_to_the_others_again(
    people: Typists, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typists, "EXPIRES", 0.2)
    owner, reader = process.enter(1, ROOM), process.enter(2, ROOM)

    for _ in range(8):
        people.types(ROOM, owner, is_typing=True)
        await pass_by(0.06)

    assert len(process.manager.sent) >= 3
    assert all(message["count"] == 1 for message in process.manager.sent)
    assert all(payload == [1, ["User 1"]] for payload in process.heard(reader))
