"""Telling followers: who is here, what changed, and nobody else."""

import asyncio
import json
from typing import Any, cast

import pytest

from accounts import last_seen
from accounts.status.events import NAMESPACE
from accounts.status.live import SINGLY, Live
from realtime.batch import Trips
from realtime.requests import Caller
from realtime.server import Server
from realtime.statuses import Status
from tests.callers import StandIn

ONLINE, OFFLINE = Status.ONLINE, Status.OFFLINE


class Manager:
    def __init__(self) -> None:
        self.members: dict[str, list[str]] = {}
        self.delivered: list[tuple[str, Any]] = []
        self.packets: list[str] = []

    def sids_in(self, room: str, *, namespace: str) -> list[str]:
        return self.members.get(room, []) if namespace == NAMESPACE else []

    def deliver(self, room: str, encoded: str, *, namespace: str) -> None:
        assert namespace == NAMESPACE
        self.packets.append(encoded)
        self.delivered.append((room, json.loads(encoded.removeprefix(f"2{NAMESPACE},"))))


class Process:
    """A server with nothing in it but rooms."""

    def __init__(self) -> None:
        self.manager = Manager()
        self.arrivals = Trips()


class Company:
    """Followers in one process, whose follows are `follows`."""

    def __init__(self, follows: dict[int, set[int]]) -> None:
        self.follows = follows
        self.reads: list[list[int]] = []
        self.process = Process()
        self.live = Live(cast(Server, self.process))
        self.live._read.run = self._followed

    def _followed(self, user_ids: Any) -> list[frozenset[int]]:
        self.reads.append(list(user_ids))
        return [frozenset(self.follows.get(user_id, set())) for user_id in user_ids]

    def enter(self, user_id: int, sid: str = "", *, namespace: str = NAMESPACE) -> Caller:
        sid = sid or f"sid{user_id}"
        if namespace == NAMESPACE:
            self.process.manager.members.setdefault(f"user_{user_id}", []).append(sid)
        caller = cast(Caller, StandIn(user_id, sid=sid, namespace=namespace))
        self.live.arrived(caller)
        return caller

    def leave(self, caller: Caller) -> None:
        self.live.forgotten(caller)
        self.process.manager.members[f"user_{caller.user_id}"].remove(caller.sid)

    @property
    def heard(self) -> list[tuple[str, str, Any]]:
        return [
            (room, name, [each["userId"] for each in payload.get("statuses", [payload])])
            for room, (name, payload) in self.process.manager.delivered
        ]


async def settled() -> None:
    """Until nothing is under way any more."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


async def company(follows: dict[int, set[int]], *here: int) -> Company:
    found = Company(follows)
    for user_id in here:
        found.enter(user_id)
    await settled()
    return found


async def test_only_followers_who_are_here_hear_of_it() -> None:
    found = await company({1: {7}, 2: {8}, 3: set(), 4: {7}}, 1, 2, 3)

    found.live.changed({7: ONLINE, 9: ONLINE}, set())

    assert found.heard == [("user_1", "friend_status_changed", ["7"])]
    assert found.process.manager.delivered[0][1][1] == {"userId": "7", "status": "online", "lastSeen": None}


async def test_whoever_is_only_in_a_post_is_no_follower_yet() -> None:
    found = Company({1: {7}})
    found.enter(1, namespace="/")
    await settled()
    found.live.changed({7: ONLINE}, set())

    assert found.heard == []
    assert found.reads == []


async def test_a_change_is_encoded_once_for_all_who_hear_it() -> None:
    found = await company({pk: {7} for pk in range(1, 101)}, *range(1, 101))

    found.live.changed({7: OFFLINE}, set())

    assert len(found.heard) == 100
    assert len({id(packet) for packet in found.process.manager.packets}) == 1
    assert found.process.manager.delivered[0][1][1]["lastSeen"] is not None


async def test_many_changes_are_one_event_for_each_follower() -> None:
    people = set(range(1000, 3000))
    found = await company({1: people, 2: {1000, 1001}, 3: {5}}, 1, 2, 3)

    found.live.changed(dict.fromkeys(people, ONLINE), set())

    by_room = {room: (name, len(ids)) for room, name, ids in found.heard if room == "user_1"}
    assert by_room == {"user_1": ("friend_statuses", 2000)}
    assert [each for each in found.heard if each[0] == "user_2"] == [
        ("user_2", "friend_status_changed", ["1000"]),
        ("user_2", "friend_status_changed", ["1001"]),
    ]
    assert len(found.heard) == 1 + 2
    assert SINGLY >= 2


async def test_a_storm_of_followers_is_read_together_and_each_once() -> None:
    found = Company({pk: {7} for pk in range(500)})
    for user_id in range(500):
        found.enter(user_id, "first")
        found.enter(user_id, "second")
    await settled()

    assert len(found.reads) < 30
    found.live.changed({7: ONLINE}, set())
    assert len(found.heard) == 500


async def test_with_the_last_socket_a_follower_is_forgotten() -> None:
    found = Company({1: {7}})
    sockets = [found.enter(1, "first"), found.enter(1, "second")]
    await settled()
    found.leave(sockets[0])
    found.live.changed({7: ONLINE}, set())
    assert len(found.heard) == 1
    found.leave(sockets[1])

    found.live.changed({7: OFFLINE}, set())
    assert len(found.heard) == 1
    assert found.live._follows == found.live._followers == {}


async def test_whoever_goes_while_they_are_looked_up_leaves_nothing_behind() -> None:
    found = Company({1: {7}})
    found.leave(found.enter(1))
    await settled()

    assert found.live._follows == found.live._followers == {}


async def test_a_follow_counts_from_the_moment_it_is_known() -> None:
    found = await company({1: {7}}, 1)
    found.live.follows_changed(1, 8, on=True)
    found.live.follows_changed(1, 7, on=False)
    found.live.follows_changed(2, 8, on=True)  # who is not here

    found.live.changed({7: ONLINE, 8: ONLINE}, set())

    assert found.heard == [("user_1", "friend_status_changed", ["8"])]


async def test_a_follow_that_is_decided_while_a_follower_is_read_is_not_missed() -> None:
    found = Company({1: {7}})
    found.enter(1)
    found.live.follows_changed(1, 8, on=True)
    found.live.follows_changed(1, 7, on=False)
    await settled()

    found.live.changed({7: ONLINE, 8: ONLINE}, set())

    assert found.heard == [("user_1", "friend_status_changed", ["8"])]


async def test_a_follow_that_got_lost_on_the_bus_is_found_again() -> None:
    found = await company({1: {7}}, 1)
    found.follows[1] = {8}
    await found.live.reload()

    found.live.changed({7: ONLINE, 8: ONLINE}, set())

    assert found.heard == [("user_1", "friend_status_changed", ["8"])]


async def test_who_went_is_noted_together_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[list[int]] = []
    monkeypatch.setattr(last_seen, "note", lambda seen: noted.append(sorted(seen)))
    found = await company({})
    found.live.changed({7: OFFLINE, 8: OFFLINE, 9: ONLINE}, {7, 9})
    found.live.changed({6: OFFLINE}, {6})
    await found.live.note()
    await found.live.note()

    assert noted == [[6, 7]]
