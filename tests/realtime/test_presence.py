"""Who is in a room: people rather than sockets, in all processes, told at most once a second."""

import json
from typing import Any, cast

import pytest

from realtime import presence
from realtime.presence import NAMES_SHOWN, PEOPLE_SENT, REMEMBERED, Presence
from realtime.requests import Caller
from realtime.server import Server
from tests.callers import StandIn
from tests.clock import Clock, pass_by


class Bus:
    """Keeps what would leave for this process's sockets and for the other processes."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.rooms: set[str] = set()  # in which somebody listens

    def is_heard(self, namespace: str, room: str) -> bool:
        return namespace == "/" and room in self.rooms

    def deliver(self, room: str, encoded: str) -> None:
        self.delivered.append((room, json.loads(encoded.removeprefix("2"))))

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


class Process:
    """A server with nothing in it but presence."""

    def __init__(self) -> None:
        self.manager = Bus()


class Watched(Presence):
    """Whoever is in a room listens there, as long as they are in it."""

    def entered(self, room: str, caller: Caller) -> None:
        self._server.manager.rooms.add(room)  # type: ignore[attr-defined]
        super().entered(room, caller)

    def left(self, room: str, caller: Caller) -> None:
        super().left(room, caller)
        if not self._here.get(room):
            self._server.manager.rooms.discard(room)  # type: ignore[attr-defined]


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def people(process: Process, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Presence:
    monkeypatch.setattr(presence, "INTERVAL", 0.05)
    found = Watched(cast(Server, process))
    found.watch("post_", lambda room, count, names: ("presence", [room, count, names]))
    return found


def socket(user_id: int, name: str = "", **more: Any) -> Caller:
    return cast(Caller, StandIn(user_id, name or f"User {user_id}", **more))


def elsewhere(host: str, *names: str, room: str = "post_1", count: int | None = None) -> dict[str, Any]:
    return {
        "method": "presence",
        "host": host,
        "room": room,
        "count": len(names) if count is None else count,
        "people": {name.removeprefix("User "): name for name in names},
    }


async def a_moment() -> None:
    await pass_by(0.08)


async def test_people_are_counted_once_however_many_pages_they_have_open(people: Presence) -> None:
    for user_id in (1, 2, 1, 1):
        people.entered("post_1", socket(user_id))
    assert people.people("post_1") == (2, ["User 1", "User 2"])

    people.left("post_1", socket(1))
    assert people.people("post_1")[0] == 2

    people.left("post_1", socket(1))
    people.left("post_1", socket(1))
    assert people.people("post_1") == (1, ["User 2"])


async def test_an_empty_room_has_nobody(people: Presence) -> None:
    assert people.people("post_1") == (0, [])


async def test_leaving_where_one_never_was_changes_nothing(people: Presence) -> None:
    people.left("post_1", socket(1))
    people.entered("post_1", socket(2))
    people.left("post_1", socket(1))

    assert people.people("post_1") == (1, ["User 2"])


async def test_only_rooms_that_are_watched_are_counted(people: Presence, process: Process) -> None:
    people.entered("user_1", socket(1))
    await a_moment()

    assert people.people("user_1") == (0, [])
    assert process.manager.delivered == []
    assert process.manager.sent == []


async def test_only_the_first_few_names_are_told(people: Presence) -> None:
    for user_id in range(1, 12):
        people.entered("post_1", socket(user_id))

    count, names = people.people("post_1")

    assert count == 11
    assert names == [f"User {number}" for number in range(1, NAMES_SHOWN + 1)]


async def test_a_room_hears_once_however_many_come_and_go(people: Presence, process: Process) -> None:
    for user_id in range(1, 101):
        people.entered("post_1", socket(user_id))
    for user_id in range(1, 100):
        people.left("post_1", socket(user_id))
    assert process.manager.delivered == []
    await a_moment()

    assert process.manager.delivered == [("post_1", ["presence", ["post_1", 1, ["User 100"]]])]
    assert len(process.manager.sent) == 1


async def test_rooms_hear_of_themselves_only(people: Presence, process: Process) -> None:
    people.entered("post_1", socket(1))
    people.entered("post_2", socket(2))
    await a_moment()

    assert process.manager.delivered == [
        ("post_1", ["presence", ["post_1", 1, ["User 1"]]]),
        ("post_2", ["presence", ["post_2", 1, ["User 2"]]]),
    ]


async def test_a_room_that_everyone_left_hears_nothing_but_the_others_do(
    people: Presence, process: Process
) -> None:
    people.entered("post_1", socket(1))
    people.left("post_1", socket(1))
    await a_moment()

    assert process.manager.delivered == []
    assert [(m["room"], m["count"]) for m in process.manager.sent] == [("post_1", 0)]


async def test_people_of_other_processes_are_counted_once_too(people: Presence) -> None:
    people.entered("post_1", socket(1))
    people.heard(elsewhere("b", "User 1", "User 2"))
    people.heard(elsewhere("c", "User 2", "User 3"))

    assert people.people("post_1") == (3, ["User 1", "User 2", "User 3"])


async def test_a_processs_last_word_counts(people: Presence) -> None:
    people.heard(elsewhere("b", "User 1", "User 2"))
    people.heard(elsewhere("b", "User 2"))
    assert people.people("post_1") == (1, ["User 2"])

    people.heard(elsewhere("b"))
    assert people.people("post_1") == (0, [])


async def test_what_another_process_says_is_told_here_and_not_sent_on(
    people: Presence, process: Process
) -> None:
    people.entered("post_1", socket(1))
    await a_moment()
    process.manager.sent.clear()
    process.manager.delivered.clear()

    people.heard(elsewhere("b", "User 2"))
    await a_moment()

    assert process.manager.delivered == [("post_1", ["presence", ["post_1", 2, ["User 1", "User 2"]]])]
    assert process.manager.sent == []


async def test_someone_who_comes_while_another_process_speaks_is_sent_too(
    people: Presence, process: Process
) -> None:
    people.entered("post_1", socket(1))
    await a_moment()
    process.manager.sent.clear()

    people.heard(elsewhere("b", "User 2"))
    people.entered("post_1", socket(3))
    await a_moment()

    assert [message["count"] for message in process.manager.sent] == [2]


async def test_a_process_that_dies_without_a_word_is_forgotten(people: Presence, clock: Clock) -> None:
    people.heard(elsewhere("b", "User 1"))
    clock.now += REMEMBERED + 1

    assert people.people("post_1") == (0, [])
    await people.repeat()
    assert people._elsewhere == {}


async def test_what_is_repeated_is_who_is_here(people: Presence, process: Process) -> None:
    people.entered("post_1", socket(1))
    people.heard(elsewhere("b", "User 2"))
    await people.repeat()

    [message] = process.manager.sent
    assert (message["count"], message["people"]) == (1, {"1": "User 1"})


async def test_of_a_large_crowd_only_the_number_is_sent(people: Presence, process: Process) -> None:
    for user_id in range(PEOPLE_SENT + 1):
        people.entered("post_1", socket(user_id))
    await people.repeat()

    [message] = process.manager.sent
    assert (message["count"], message["people"]) == (PEOPLE_SENT + 1, {})

    people.heard(elsewhere("b", count=500))
    assert people.people("post_1")[0] == PEOPLE_SENT + 501


# --- Who does not want to be named -----------------------------------------------------------------


async def test_who_is_not_shown_is_counted_and_never_named(people: Presence, process: Process) -> None:
    people.entered("post_1", socket(1, is_shown=False))
    people.entered("post_1", socket(2))
    await a_moment()

    assert people.people("post_1") == (2, ["User 2"])
    assert process.manager.delivered == [("post_1", ["presence", ["post_1", 2, ["User 2"]]])]
    # Their name does not even leave the process, and other processes still know whom they count.
    [message] = process.manager.sent
    assert (message["count"], message["people"]) == (2, {"1": "", "2": "User 2"})

    people.left("post_1", socket(1, is_shown=False))
    assert people.people("post_1") == (1, ["User 2"])


async def test_who_is_not_shown_is_counted_once_in_two_processes(people: Presence) -> None:
    people.entered("post_1", socket(1, is_shown=False))
    message = elsewhere("other", "User 1", "User 3")
    message["people"] = {"1": "", "3": "User 3", "4": ""}
    message["count"] = 3
    people.heard(message)

    assert people.people("post_1") == (3, ["User 3"])


async def test_who_changes_their_mind_is_named_again_or_no_more(people: Presence, process: Process) -> None:
    people.entered("post_1", socket(1))
    await a_moment()

    people.renamed("post_1", socket(1, is_shown=False))
    await a_moment()
    people.renamed("post_1", socket(1, "Another name"))
    await a_moment()
    people.renamed("post_1", socket(2, "Somebody who is not here"))
    await a_moment()

    told = [arguments[1][1:] for _, arguments in process.manager.delivered]
    assert told == [[1, ["User 1"]], [1, []], [1, ["Another name"]]]


# --- Who is invisible -----------------------------------------------------------------------------


async def test_who_becomes_invisible_has_left_for_all_others(people: Presence, process: Process) -> None:
    for user_id in (1, 2, 3):
        people.entered("post_1", socket(user_id))
        people.entered("post_2", socket(user_id))
    await a_moment()
    process.manager.delivered.clear()
    process.manager.sent.clear()

    people.left("post_1", socket(1))
    people.renamed("post_2", socket(1, status="invisible"))
    await a_moment()

    assert process.manager.delivered == [
        (room, ["presence", [room, 2, ["User 2", "User 3"]]]) for room in ("post_1", "post_2")
    ]
    left, hidden = process.manager.sent
    assert {**left, "room": "post_2"} == hidden
    assert people.named("post_2") == {2: "User 2", 3: "User 3"}


async def test_whatever_somebody_invisible_does_is_told_to_nobody(people: Presence, process: Process) -> None:
    people.entered("post_1", socket(1))
    await a_moment()
    process.manager.delivered.clear()
    process.manager.sent.clear()

    for _ in range(2):
        people.entered("post_1", socket(2, status="invisible"))
    people.renamed("post_1", socket(2, "Another name", status="invisible"))
    people.renamed("post_1", socket(2, status="invisible", is_shown=False))
    assert people.people("post_1") == (1, ["User 1"])
    for _ in range(2):
        people.left("post_1", socket(2, status="invisible"))
    await a_moment()

    assert process.manager.delivered == []
    assert process.manager.sent == []


async def test_who_is_invisible_alone_hears_of_others_and_is_forgotten(
    people: Presence, process: Process
) -> None:
    people.entered("post_1", socket(1, status="invisible"))
    people.heard(elsewhere("b", "User 2"))
    await a_moment()
    assert process.manager.delivered == [("post_1", ["presence", ["post_1", 1, ["User 2"]]])]
    assert people.named("post_1") == {2: "User 2"}

    people.left("post_1", socket(1, status="invisible"))
    people.heard(elsewhere("b"))
    assert (people._here, people._hidden, people._names) == ({}, {}, {})


async def test_who_is_visible_again_has_come(people: Presence, process: Process) -> None:
    people.entered("post_1", socket(1))
    people.entered("post_1", socket(2, status="invisible"))
    people.renamed("post_1", socket(2, status="away"))
    await a_moment()

    assert process.manager.delivered == [("post_1", ["presence", ["post_1", 2, ["User 1", "User 2"]]])]


async def test_another_process_where_somebody_is_invisible_gives_no_sign(
    people: Presence, process: Process
) -> None:
    """It says again every half minute who is in its rooms; where everybody left it says nothing."""
    other_process = Process()
    other = Presence(cast(Server, other_process))
    other.watch("post_", people._describe["post_"])
    people.entered("post_1", socket(1))
    people.heard(elsewhere("c", "User 3"))
    other.entered("post_1", socket(2, status="invisible"))
    await a_moment()
    process.manager.delivered.clear()

    for _ in range(2):
        await other.repeat()
    for message in other_process.manager.sent:
        people.heard({**message, "host": "b"})
    people.heard(elsewhere("c", "User 3"))
    await a_moment()

    assert other_process.manager.sent
    assert process.manager.delivered == []


async def test_who_was_invisible_comes_last_as_who_was_away(people: Presence, process: Process) -> None:
    """In all processes: in their old place they would never have been gone."""
    for room in ("post_1", "post_2"):
        for user_id in (1, 2):
            people.entered(room, socket(user_id))
    people.entered("post_1", socket(3, is_shown=False))
    people.renamed("post_1", socket(1, status="invisible"))
    people.left("post_2", socket(1))
    await a_moment()
    process.manager.sent.clear()
    people.renamed("post_1", socket(1))
    people.entered("post_2", socket(1))
    await a_moment()

    assert [list(message["people"].items()) for message in process.manager.sent] == [
        [("2", "User 2"), ("1", "User 1"), ("3", "")],
        [("2", "User 2"), ("1", "User 1")],
    ]


async def test_whoever_only_listens_hears_the_same_with_and_without_somebody_invisible(
    people: Presence, process: Process
) -> None:
    """A guest of the lobby, who is not counted; `post_2` is where somebody invisible is."""
    process.manager.rooms |= {"post_1", "post_2"}
    people.entered("post_2", socket(9, status="invisible"))
    told: list[str] = []
    people.listeners.append(told.append)
    for room in ("post_1", "post_2"):
        people.heard(elsewhere("b", "User 7", room=room))
    await a_moment()
    for room in ("post_1", "post_2"):
        people.heard(elsewhere("b", room=room))
    await a_moment()

    said = {room: [what[1][1] for where, what in process.manager.delivered if where == room] for room in told}
    assert said == {"post_1": [1, 0], "post_2": [1, 0]}
    assert told == ["post_1", "post_2"] * 2


async def test_whoever_only_listens_hears_that_the_last_one_left(people: Presence, process: Process) -> None:
    people.entered("post_1", socket(1))
    await a_moment()
    people.left("post_1", socket(1))
    process.manager.rooms.add("post_1")
    await a_moment()

    assert [what[1][1] for _, what in process.manager.delivered] == [1, 0]


async def test_that_a_process_is_forgotten_is_told(
    people: Presence, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.entered("post_1", socket(1))
    people.heard(elsewhere("b", "User 2"))
    await a_moment()
    process.manager.delivered.clear()
    monkeypatch.setattr(presence, "REMEMBERED", 0.0)
    await people.repeat()
    await a_moment()

    assert process.manager.delivered == [("post_1", ["presence", ["post_1", 1, ["User 1"]]])]


async def test_becoming_invisible_in_two_processes_is_leaving_in_both(
    people: Presence, process: Process
) -> None:
    """Each hears of it in its time; whichever is first tells no more than if they had left there."""
    for room in ("post_1", "post_2"):
        people.entered(room, socket(1))
        people.entered(room, socket(2))
        people.heard(elsewhere("b", "User 1", room=room))
    await a_moment()
    process.manager.delivered.clear()

    people.left("post_1", socket(1))
    people.renamed("post_2", socket(1, status="invisible"))
    assert people.named("post_1") == people.named("post_2") == {1: "User 1", 2: "User 2"}
    await a_moment()
    for room in ("post_1", "post_2"):
        people.heard(elsewhere("b", room=room))
    await a_moment()

    heard = {
        room: [what[1][1:] for where, what in process.manager.delivered if where == room]
        for room in ("post_1", "post_2")
    }
    assert heard["post_1"] == heard["post_2"] == [[2, ["User 2", "User 1"]], [1, ["User 2"]]]
