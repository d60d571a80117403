"""In which order the people who are here hear what is new for them."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import OperationalError

from accounts.notifications import live
from accounts.notifications.events import NAMESPACE
from accounts.notifications.inbox import Unread
from accounts.notifications.live import AT_ONCE, FEW, Live
from accounts.notifications.notices import READ
from realtime.server import Server
from tests.tasks import patience


class Tab:
    """All sockets there are: one of everybody."""

    def __init__(self, user_id: int, heard: list[int]) -> None:
        self.language = "en"
        self._user_id = user_id
        self._heard = heard

    def tell(self, event: str, *arguments: Any) -> None:
        self._heard.append(self._user_id)


class Everybody(dict[str, Tab]):
    def __init__(self, heard: list[int]) -> None:
        super().__init__()
        self._heard = heard

    def __contains__(self, room: object) -> bool:
        return True

    def __getitem__(self, sid: str) -> Tab:
        return Tab(int(sid.removeprefix("user_")), self._heard)


def a_server(heard: list[int]) -> Server:
    rooms = Everybody(heard)
    manager = SimpleNamespace(
        rooms={NAMESPACE: rooms}, sids_in=lambda room, namespace: [room], local_rooms=lambda *_, **__: []
    )
    return cast(Server, SimpleNamespace(manager=manager, callers=rooms))


async def heard_all(heard: list[int], number: int, within: float) -> None:
    async with patience(within):
        while len(heard) < number:
            await asyncio.sleep(0.005)


async def test_who_is_told_alone_does_not_wait_for_a_mass(monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[int] = []

    async def read(function: Any, wanted: Mapping[int, Any]) -> Any:
        readings.append(len(wanted))
        await asyncio.sleep(0.05)
        return {user_id: (Unread(1, 1), {}, None) for user_id in wanted}

    monkeypatch.setattr(live, "in_database", read)
    heard: list[int] = []
    tells = Live(a_server(heard))
    mass = range(1, 10 * AT_ONCE + 1)
    tells.noticed([(user_id, "system:1") for user_id in mass])
    await heard_all(heard, AT_ONCE, within=10.0)
    last = mass[-1]
    assert last not in heard

    tells.noticed([(last, "mention:1")])
    await heard_all(heard, AT_ONCE + 1, within=10.0)

    assert heard[AT_ONCE] == last
    assert readings[:2] == [AT_ONCE, 1]
    await heard_all(heard, len(mass), within=10.0)
    assert sorted(heard) == list(mass)  # and once is enough: both things were told together


async def test_a_slow_reading_does_not_silence_what_comes_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = 0.0

    def clock() -> float:
        return asyncio.get_running_loop().time() + ahead

    async def read(function: Any, wanted: Mapping[int, Any]) -> Any:
        nonlocal ahead
        ahead += 30.0
        return {user_id: (Unread(1, 1), {}, None) for user_id in wanted}

    monkeypatch.setattr(live, "in_database", read)
    monkeypatch.setattr(live, "now", clock)
    heard: list[int] = []
    tells = Live(a_server(heard))
    for number in (1, 2):
        tells.noticed([(user_id, READ) for user_id in range(number * 100, number * 100 + FEW + 1)])
        await heard_all(heard, number * (FEW + 1), within=3.0)


async def test_what_could_not_be_read_while_the_database_was_away_is_told_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody compares here: that comes only every minute, and brings no more than a count."""
    is_away, asked = True, []

    async def read(function: Any, wanted: Mapping[int, Any]) -> Any:
        asked.append(wanted)
        if is_away:
            raise OperationalError("the connection is lost")
        return {user_id: (Unread(1, 1), {}, None) for user_id in wanted}

    monkeypatch.setattr(live, "in_database", read)
    heard: list[int] = []
    tells = Live(a_server(heard))
    tells.noticed([(1, "mention:1"), (2, "mention:2")])
    async with patience(30.0):
        while len(asked) < 3:
            await asyncio.sleep(0.01)
    tells.noticed([(1, "mention:3")])
    is_away = False
    await heard_all(heard, 2, within=30.0)

    assert sorted(heard) == [1, 2]
    groups = [each[1][1] for each in asked if 1 in each]
    assert groups[-1] == {"mention:1", "mention:3"}
    assert caplog.text.count("inboxes could not be read") == 1


async def test_an_answer_that_was_overtaken_does_not_count_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(function: Any, wanted: Mapping[int, Any]) -> Any:
        return {user_id: (Unread(2, 2), {}, None) for user_id in wanted}

    monkeypatch.setattr(live, "in_database", read)
    heard: list[int] = []
    tells = Live(a_server(heard))
    tells.knows(1, Unread(1, 1), before=tells.told(1))
    before = tells.told(1)
    tells.noticed([(1, READ)])
    await heard_all(heard, 1, within=10.0)

    tells.knows(1, Unread(1, 1), before=before)

    assert tells.told(1) == Unread(2, 2)
