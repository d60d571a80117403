"""Rooms that sockets are in from the start: asked for as they arrive, and when something changes."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from realtime.lodging import Lodgings
from realtime.requests import Caller
from realtime.server import Server, sio
from tests.callers import StandIn


class Bus:
    """The rooms of this process, by namespace and socket."""

    def __init__(self) -> None:
        self.rooms: dict[tuple[str, str], list[str]] = {}

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return list(self.rooms[namespace, sid])

    def sids_in(self, room: str, *, namespace: str) -> list[str]:
        return [sid for (where, sid), rooms in self.rooms.items() if where == namespace and room in rooms]

    def basic_enter_room(self, sid: str, namespace: str, room: str) -> None:
        self.rooms[namespace, sid].append(room)

    def basic_leave_room(self, sid: str, namespace: str, room: str) -> None:
        self.rooms[namespace, sid].remove(room)


class Process:
    """A server with nothing in it but rooms. `groups` is what the database says."""

    def __init__(self) -> None:
        self.manager = Bus()
        self.callers: dict[str, Caller] = {}
        self.groups: dict[int, list[str]] = {}
        self.asked = 0
        self.lodgings = Lodgings(cast(Server, self))
        self.lodgings.add("/groups", self.read)

    def read(self, user_ids: Sequence[int]) -> list[list[str]]:
        self.asked += 1
        return [list(self.groups.get(user_id, ())) for user_id in user_ids]

    def admit(self, user_id: int, sid: str, namespace: str) -> Caller:
        caller = cast(Caller, StandIn(user_id, sid=sid, namespace=namespace))
        self.manager.rooms[namespace, sid] = [f"user_{user_id}"]
        self.callers[sid] = caller
        return caller

    async def enter(self, user_id: int, sid: str = "a", namespace: str = "/groups") -> Caller:
        """A handshake, as the server does it."""
        rooms = await self.lodgings.ask(cast(Caller, StandIn(user_id, sid=sid, namespace=namespace)))
        caller = self.admit(user_id, sid, namespace)
        self.lodgings.give(caller, rooms)
        await self.lodgings.look_again(caller)
        return caller

    def rooms_of(self, sid: str = "a", namespace: str = "/groups") -> list[str]:
        _, *rooms = self.manager.rooms[namespace, sid]
        return sorted(rooms)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    async def in_no_thread(ask: object, *arguments: object) -> object:
        await asyncio.sleep(0.02)
        return ask(*arguments)  # type: ignore[operator]

    monkeypatch.setattr("realtime.batch.in_database", in_no_thread)
    return Process()


async def test_whoever_belongs_to_nothing_is_in_no_room(process: Process) -> None:
    process.groups = {2: ["group_1"]}
    await process.enter(1)
    await process.enter(2, "b")

    assert (process.rooms_of("a"), process.rooms_of("b")) == ([], ["group_1"])


async def test_a_namespace_without_such_rooms_is_left_alone(process: Process) -> None:
    """Also when something changes while somebody enters it."""
    process.groups = {1: ["group_1"]}
    arriving = [
        asyncio.create_task(process.enter(1, sid, where)) for sid, where in (("a", "/"), ("b", "/groups"))
    ]
    await asyncio.sleep(0.01)
    process.groups = {1: ["group_2"]}
    process.manager.rooms["/", "a"].append("post_1")
    await process.lodgings.move(1, "/groups")
    await asyncio.gather(*arriving)

    assert process.rooms_of("a", "/") == ["post_1"]
    assert process.rooms_of("b") == ["group_2"]


async def test_what_changes_during_a_handshake_is_not_missed(process: Process) -> None:
    process.groups = {1: ["group_1"]}
    arriving = cast(Caller, StandIn(1, sid="a", namespace="/groups"))
    rooms = await process.lodgings.ask(arriving)
    process.groups = {1: ["group_2"]}
    await process.lodgings.move(1, "/groups")
    caller = process.admit(1, "a", "/groups")
    process.lodgings.give(caller, rooms)
    assert process.rooms_of() == ["group_1"]
    await process.lodgings.look_again(caller)

    assert process.rooms_of() == ["group_2"]


async def test_of_who_is_not_here_nothing_is_asked(process: Process) -> None:
    """A group of many thousands that is emptied, in a process where two of them are."""
    process.groups = {1: ["group_1"]}
    await process.enter(1)
    asked = process.asked
    process.groups = {}
    for user_id in range(1, 50):
        await process.lodgings.move(user_id, "/groups")

    assert process.asked == asked + 1
    assert process.rooms_of() == []


async def test_a_change_touches_only_rooms_that_were_given(process: Process) -> None:
    process.groups = {1: ["group_1", "lobby"]}
    caller = await process.enter(1)
    process.manager.basic_enter_room("a", "/groups", "post_1")
    process.manager.basic_leave_room("a", "/groups", "lobby")
    process.groups = {1: ["group_2", "lobby"]}
    await process.lodgings.move(1, "/groups")

    assert process.rooms_of() == ["group_2", "post_1"]
    assert caller.sid in process.callers


async def test_nothing_is_asked_about_who_is_not_here(process: Process) -> None:
    await process.enter(1, "b", "/")
    await process.lodgings.move(1, "/groups")
    await process.lodgings.move(2, "/groups")

    assert process.asked == 0


async def test_nothing_is_kept_of_who_is_gone(process: Process) -> None:
    process.groups = {1: ["group_1"]}
    await process.enter(1)
    refused = cast(Caller, StandIn(1, sid="b", namespace="/groups"))
    await process.lodgings.ask(refused)
    await process.lodgings.move(1, "/groups")
    for sid in ("a", "b"):
        process.lodgings.forget(sid)

    lodgings = process.lodgings
    assert (lodgings._given, lodgings._arriving, lodgings._outdated) == ({}, {}, set())


async def test_the_server_keeps_nothing_of_a_socket_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    namespace = "/notifications"
    monkeypatch.setitem(sio.eio.sockets, "a connection", object())
    sid = sio.manager.pre_connect("a connection", namespace)
    caller = cast(Caller, StandIn(1, sid=sid, namespace=namespace))
    sio.lodgings.give(caller, ["everybody"])
    assert sid in sio.manager.sids_in("everybody", namespace=namespace)

    sio.forget(caller)

    assert sid not in sio.manager.sids_in("everybody", namespace=namespace)
    assert sid not in sio.lodgings._given
