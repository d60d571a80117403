"""Who is on the site: one word per person over all sockets and processes, told once a tick."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, cast

import pytest

from realtime import statuses
from realtime.requests import Caller
from realtime.server import Server
from realtime.statuses import SILENT, Status, Statuses
from tests.callers import StandIn
from tests.clock import Clock, pass_by

ONLINE, AWAY, OFFLINE = Status.ONLINE, Status.AWAY, Status.OFFLINE


class Bus:
    """Keeps what would leave for the other processes; it is told how long each of them is silent."""

    def __init__(self) -> None:
        self.host_id = "m"
        self.is_deaf = False
        self.sent: list[dict[str, Any]] = []
        self.silent: dict[str, float] = {}

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def silent_for(self, host: str) -> float:
        return self.silent.get(host, 0.0)


class Process:
    """A server with nothing in it but people and their statuses."""

    def __init__(self) -> None:
        self.manager = Bus()
        self.people: dict[int, list[Caller]] = defaultdict(list)
        self.statuses = Statuses(cast(Server, self))
        self.told: list[dict[int, Status]] = []
        self.last_here: list[set[int]] = []
        self.statuses.listeners.append(self.listen)

    def listen(self, changed: Mapping[int, Status], last_here: Collection[int]) -> None:
        self.told.append(dict(changed))
        self.last_here.append(set(last_here))

    def callers_of(self, user_id: int) -> list[Caller]:
        return self.people[user_id]

    def callers_on(self, connection: str) -> list[Caller]:
        return [each for callers in self.people.values() for each in callers if each.connection == connection]

    def enter(self, user_id: int, connection: str = "", **more: Any) -> Caller:
        caller = cast(Caller, StandIn(user_id, connection=connection or f"c{user_id}", **more))
        self.people[user_id].append(caller)
        self.statuses.touched(caller)
        return caller

    def leave(self, caller: Caller) -> None:
        self.people[caller.user_id].remove(caller)
        self.statuses.left(caller)

    def become(self, caller: Caller, **more: Any) -> None:
        for name, value in more.items():
            setattr(caller, name, value)
        self.statuses.touched(caller)

    @property
    def said(self) -> list[dict[str, Any]]:
        """What was said of people, without asking and answering."""
        return [m for m in self.manager.sent if "ask" not in m and "part" not in m]


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Process:
    monkeypatch.setattr(statuses, "TICK", 0.02)
    monkeypatch.setattr(statuses, "GRACE", 0.2)
    monkeypatch.setattr(statuses, "SPREAD", 0.01)
    return Process()


async def a_tick() -> None:
    await pass_by(0.06)


async def the_grace() -> None:
    await pass_by(0.3)


def from_elsewhere(host: str = "b", **said: Any) -> dict[str, Any]:
    return {"method": "statuses", "host": host, **said}


# --- Who is not to be seen ------------------------------------------------------------------------


async def test_whoever_is_invisible_or_not_to_be_named_is_never_spoken_of(process: Process) -> None:
    process.enter(71, status="invisible")
    process.enter(72, is_shown=False)
    process.enter(73)
    await a_tick()
    process.statuses.repeat()

    assert process.told == [{73: ONLINE}]
    assert [process.statuses.of(pk) for pk in (71, 72)] == [OFFLINE, OFFLINE]
    assert [m.get("online") for m in process.manager.sent] == [[73], [73]]
    assert not any(str(pk) in str(process.manager.sent) for pk in (71, 72))


async def test_whoever_becomes_invisible_leaves_as_whoever_leaves(process: Process) -> None:
    hiding, leaving = process.enter(1), process.enter(2)
    await a_tick()
    process.become(hiding, status="invisible")
    process.leave(leaving)
    await a_tick()
    assert (process.statuses.of(1), process.statuses.of(2)) == (ONLINE, ONLINE), "for a grace"
    await the_grace()

    assert process.told == [{1: ONLINE, 2: ONLINE}, {1: OFFLINE, 2: OFFLINE}]
    assert process.last_here == [set(), {1, 2}]
    process.become(hiding, status="online")
    await a_tick()
    assert process.told[2:] == [{1: ONLINE}]


async def test_what_somebody_does_while_they_become_invisible_puts_nothing_off(process: Process) -> None:
    hiding, first = process.enter(1, "tab 1"), process.enter(2)
    await a_tick()
    process.leave(first)
    process.become(hiding, status="invisible")
    await pass_by(0.12)
    another = process.enter(1, "tab 2", status="invisible")
    await a_tick()
    process.leave(another)
    process.leave(hiding)
    process.enter(2, status="invisible")
    await pass_by(0.1)

    assert process.told == [{1: ONLINE, 2: ONLINE}, {1: OFFLINE, 2: OFFLINE}]


async def test_whoever_is_invisible_for_less_than_the_grace_was_never_gone(process: Process) -> None:
    caller = process.enter(1)
    await a_tick()
    process.become(caller, status="invisible")
    await a_tick()
    process.become(caller, status="online")
    await the_grace()
    process.leave(caller)
    await a_tick()
    assert process.statuses.of(1) == ONLINE
    await the_grace()

    assert process.told == [{1: ONLINE}, {1: OFFLINE}]


async def test_one_socket_that_knows_of_it_makes_somebody_invisible(process: Process) -> None:
    """A change reaches somebody's sockets one after the other."""
    process.enter(1, "first")
    process.enter(1, "second", status="invisible")
    await a_tick()

    assert process.told == []


async def test_whoever_leaves_invisibly_leaves_no_trace(process: Process) -> None:
    caller = process.enter(1, status="invisible")
    await a_tick()
    process.leave(caller)
    await the_grace()

    assert process.told == []
    assert process.manager.sent == []
    assert process.last_here == []


# --- Once, however many tabs ----------------------------------------------------------------------


async def test_three_tabs_are_online_once_and_offline_once(process: Process) -> None:
    tabs = [process.enter(1, f"tab {n}") for n in range(3)]
    await a_tick()
    for tab in tabs:
        process.leave(tab)
        await a_tick()
    assert process.statuses.of(1) == ONLINE, "for a grace"
    await the_grace()

    assert process.told == [{1: ONLINE}, {1: OFFLINE}]
    assert process.last_here == [set(), {1}]
    assert [(m.get("online"), m.get("offline")) for m in process.said] == [([1], None), (None, [1])]


async def test_a_reload_is_no_flicker(process: Process) -> None:
    for _ in range(3):
        caller = process.enter(1)
        await a_tick()
        process.leave(caller)
        await a_tick()
    process.enter(1)
    await the_grace()

    assert process.told == [{1: ONLINE}]
    assert len(process.said) == 1


async def test_somebody_who_only_passes_through_within_a_tick_was_not_here(process: Process) -> None:
    process.leave(process.enter(1))
    await the_grace()

    assert process.told == []


async def test_a_grace_begins_anew_with_each_leaving(process: Process) -> None:
    caller = process.enter(1)
    await a_tick()
    process.leave(caller)
    await pass_by(0.12)
    process.leave(process.enter(1))
    await pass_by(0.12)
    assert process.statuses.of(1) == ONLINE
    await the_grace()
    assert process.told == [{1: ONLINE}, {1: OFFLINE}]


# --- Away -----------------------------------------------------------------------------------------


async def test_somebody_is_away_where_they_move_at_none_of_their_pages(process: Process) -> None:
    first, second = process.enter(1, "first"), process.enter(1, "second")
    process.statuses.idles(first, on=True)
    await a_tick()
    assert process.statuses.of(1) == ONLINE
    process.statuses.idles(second, on=True)
    await a_tick()
    assert process.statuses.of(1) == AWAY
    process.statuses.idles(first, on=False)
    await a_tick()
    assert process.told == [{1: ONLINE}, {1: AWAY}, {1: ONLINE}]


async def test_a_new_page_is_one_at_which_somebody_moves(process: Process) -> None:
    caller = process.enter(1, "first")
    process.statuses.idles(caller, on=True)
    await a_tick()
    process.leave(caller)
    process.enter(1, "first")
    await a_tick()

    assert process.told == [{1: AWAY}, {1: ONLINE}]


async def test_two_namespaces_of_a_connection_idle_together(process: Process) -> None:
    readers, own = process.enter(1, "same"), process.enter(1, "same", namespace="/notifications")
    process.statuses.idles(own, on=True)
    await a_tick()
    process.leave(readers)
    await a_tick()

    assert process.told == [{1: AWAY}]


async def test_whoever_chose_to_be_away_is_however_they_move(process: Process) -> None:
    process.enter(1, "first", status="away")
    process.enter(1, "second")
    await a_tick()

    assert process.told == [{1: AWAY}]


async def test_a_socket_that_is_gone_does_not_idle(process: Process) -> None:
    caller = process.enter(1, is_connected=False)
    process.statuses.idles(caller, on=True)
    await a_tick()

    assert process.told == [{1: ONLINE}]


# --- Several processes ----------------------------------------------------------------------------


async def test_somebody_in_two_processes_is_there_until_they_left_both(process: Process) -> None:
    caller = process.enter(1)
    process.statuses.heard(from_elsewhere(online=[1, 2]))
    await a_tick()
    assert process.told == [{1: ONLINE, 2: ONLINE}]
    process.leave(caller)
    await the_grace()
    assert process.statuses.of(1) == ONLINE
    process.statuses.heard(from_elsewhere(offline=[1]))
    await a_tick()

    assert process.told == [{1: ONLINE, 2: ONLINE}, {1: OFFLINE}]
    assert process.last_here[-1] == {1}, "both note it, rather than neither"


async def test_whoever_moves_anywhere_is_not_away(process: Process) -> None:
    process.statuses.idles(process.enter(1), on=True)
    process.statuses.heard(from_elsewhere("a", away=[1]))
    process.statuses.heard(from_elsewhere("b", online=[1]))
    await a_tick()
    process.statuses.heard(from_elsewhere("b", away=[1]))
    await a_tick()

    assert process.told == [{1: ONLINE}, {1: AWAY}]


async def test_what_another_process_says_is_not_said_again(process: Process) -> None:
    process.statuses.heard(from_elsewhere(online=[1]))
    await a_tick()

    assert process.said == []


async def test_all_that_a_process_says_takes_the_place_of_what_it_said(process: Process) -> None:
    process.statuses.heard(from_elsewhere(online=[1, 2], part=0, parts=1))
    await a_tick()
    process.statuses.heard(from_elsewhere(online=[2], away=[3], part=0, parts=1))
    await a_tick()

    assert process.told == [{1: ONLINE, 2: ONLINE}, {1: OFFLINE, 3: AWAY}]


async def test_it_counts_once_all_its_parts_are_there(process: Process) -> None:
    process.statuses.heard(from_elsewhere(online=[1, 2], part=0, parts=1))
    await a_tick()
    process.statuses.heard(from_elsewhere(online=[1], part=0, parts=2))
    await a_tick()
    assert process.statuses.of(2) == ONLINE
    process.statuses.heard(from_elsewhere(online=[3], part=1, parts=2))
    await a_tick()
    assert process.told[-1] == {2: OFFLINE, 3: ONLINE}

    process.statuses.heard(from_elsewhere(online=[4], part=0, parts=3))
    process.statuses.heard(from_elsewhere(online=[5], part=2, parts=3))  # one got lost
    await a_tick()
    assert len(process.told) == 2


async def test_of_many_all_is_said_in_parts(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statuses, "PEOPLE_AT_ONCE", 40)
    for user_id in range(1, 101):
        process.enter(user_id)
    await a_tick()
    process.manager.sent.clear()
    process.statuses.repeat()
    sent, other = process.manager.sent, Process()
    for message in sent:
        other.statuses.heard({**message, "host": "x"})
    await a_tick()

    assert [(m["part"], m["parts"], len(m["online"])) for m in sent] == [(0, 3, 40), (1, 3, 40), (2, 3, 20)]
    assert other.told == [dict.fromkeys(range(1, 101), ONLINE)]


async def test_nobody_at_all_is_said_too(process: Process) -> None:
    process.statuses.heard(from_elsewhere(online=[1], part=0, parts=1))
    await a_tick()
    process.statuses.heard(from_elsewhere(part=0, parts=1))
    await a_tick()
    assert process.told == [{1: ONLINE}, {1: OFFLINE}]

    process.statuses.repeat()
    assert process.manager.sent[-1] == {"method": "statuses", "part": 0, "parts": 1}


async def test_whoever_asks_is_answered_once_by_everybody(process: Process) -> None:
    process.enter(1)
    await a_tick()
    for host in ("a", "b", "c"):
        process.statuses.heard(from_elsewhere(host, ask=True))
    await a_tick()

    answers = [m for m in process.manager.sent if "part" in m]
    assert answers == [{"method": "statuses", "online": [1], "part": 0, "parts": 1}]


async def test_an_unknown_process_is_asked_for_the_rest(process: Process) -> None:
    process.statuses.heard(from_elsewhere(online=[1]))
    process.statuses.heard(from_elsewhere(online=[2]))
    await a_tick()

    assert [m for m in process.manager.sent if m.get("ask")] == [{"method": "statuses", "ask": True}]


async def test_after_a_loss_on_the_bus_both_sides_compare(process: Process) -> None:
    await process.statuses.compare()
    await a_tick()

    assert [set(m) - {"method"} for m in process.manager.sent] == [{"part", "parts"}, {"ask"}]


# --- A process that dies --------------------------------------------------------------------------


@pytest.fixture
def later(clock: Clock) -> Any:
    """Lets time pass for what looks at the clock, and looks as often as the server would."""

    async def look_on(process: Process, seconds: float) -> None:
        for _ in range(int(seconds / statuses.LOOK)):
            clock.now += statuses.LOOK
            await process.statuses.look()

    return look_on


async def test_what_a_dead_process_said_counts_no_more(process: Process, later: Any) -> None:
    caller = process.enter(1)
    process.statuses.heard(from_elsewhere(online=[1, 2]))
    process.statuses.heard(from_elsewhere("c", online=[3]))
    await a_tick()
    process.manager.silent = {"b": SILENT + 1}
    await later(process, 30)
    await a_tick()

    assert process.told == [{1: ONLINE, 2: ONLINE, 3: ONLINE}, {2: OFFLINE}]
    assert process.statuses.of(1) == ONLINE
    process.leave(caller)


async def test_whoever_came_back_elsewhere_in_time_was_never_gone(process: Process, later: Any) -> None:
    process.statuses.heard(from_elsewhere(online=[1]))
    await a_tick()
    process.enter(1)
    await a_tick()
    process.manager.silent = {"b": SILENT + 1}
    await later(process, 30)
    await a_tick()

    assert process.told == [{1: ONLINE}]


@pytest.mark.parametrize(("other", "notes"), [("a", set()), ("z", {1})])
async def test_one_of_those_who_are_left_notes_who_went_with_it(
    process: Process, later: Any, other: str, notes: set[int]
) -> None:
    process.statuses.heard(from_elsewhere("dead", online=[1]))
    process.statuses.heard(from_elsewhere(other, online=[2]))
    await a_tick()
    process.manager.silent = {"dead": SILENT + 1}
    await later(process, 30)
    await a_tick()

    assert process.told[-1] == {1: OFFLINE}
    assert process.last_here[-1] == notes


async def test_whoever_is_deaf_or_was_stopped_does_not_take_it_for_silence(
    process: Process, later: Any, clock: Clock
) -> None:
    process.statuses.heard(from_elsewhere(online=[1]))
    await a_tick()
    process.manager.silent = {"b": SILENT + 1}
    process.manager.is_deaf = True
    await later(process, 60)
    process.manager.is_deaf = False
    await later(process, 10)
    clock.now += 900
    await process.statuses.look()
    await a_tick()

    assert process.told == [{1: ONLINE}]


# --- A storm --------------------------------------------------------------------------------------


async def test_thousands_who_come_are_told_in_one_go(process: Process) -> None:
    for user_id in range(1, 3001):
        process.enter(user_id)
    await a_tick()

    assert [len(told) for told in process.told] == [3000]
    assert [len(m["online"]) for m in process.said] == [3000]


async def test_thousands_who_lose_their_connection_and_come_back_are_no_news(process: Process) -> None:
    callers = [process.enter(user_id) for user_id in range(1, 2001)]
    await a_tick()
    for caller in callers:
        process.leave(caller)
    await a_tick()
    for user_id in range(1, 2001):
        process.enter(user_id)
    await the_grace()

    assert len(process.told) == 1
    assert len(process.said) == 1


async def test_nothing_is_kept_of_who_is_gone(process: Process, later: Any) -> None:
    caller = process.enter(1)
    process.statuses.idles(caller, on=True)
    await a_tick()
    process.leave(caller)
    await the_grace()
    await later(process, SILENT + 20)

    found = process.statuses
    for kept in (found._here, found._leaving, found._left, found._merged, found._idle):
        assert not kept
