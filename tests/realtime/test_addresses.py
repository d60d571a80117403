"""Many connections from one address: who has to go, and who has to wait."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytest_django.fixtures import Settings

from realtime.addresses import Addresses
from realtime.protocol import Engine, Socket

OFFICE = "10.0.0.7"


@pytest.fixture(autouse=True)
def small_numbers(settings: Settings) -> None:
    settings.SOCKETS_PER_ADDRESS = 4


def connection(sid: str) -> Socket:
    return cast(Socket, SimpleNamespace(sid=sid, asking=False, admitted=False))


def waiting(held: Addresses, *sids: str) -> list[Socket]:
    sockets = [connection(sid) for sid in sids]
    for socket in sockets:
        held.wait(OFFICE, socket)
    return sockets


def test_a_newcomer_takes_the_place_of_the_oldest_who_says_nothing() -> None:
    held = Addresses()
    first, second = waiting(held, "first", "second")
    assert held.crowded_out(OFFICE) is None
    first.asking = True

    waiting(held, "third")

    assert held.crowded_out(OFFICE) is second
    assert held.crowded_out(OFFICE) is None


def test_a_newcomer_waits_where_everybody_has_asked() -> None:
    held = Addresses()
    first, second = waiting(held, "first", "second")
    assert not held.is_crowded(OFFICE)

    first.asking = second.asking = True

    assert held.is_crowded(OFFICE)
    assert not held.is_crowded("10.0.0.8")
    held.admit(OFFICE, first)
    assert not held.is_crowded(OFFICE)


def test_an_address_is_full_until_somebody_leaves(settings: Settings) -> None:
    settings.SOCKETS_PER_ADDRESS = 2
    held = Addresses()
    first, second = waiting(held, "first", "second")
    held.admit(OFFICE, first)
    assert not held.is_full(OFFICE)
    held.admit(OFFICE, second)
    assert held.is_full(OFFICE)
    assert not held.is_full("10.0.0.8")

    held.leave(OFFICE, first)
    held.leave(OFFICE, first)

    assert not held.is_full(OFFICE)


def test_nothing_is_kept_of_an_address_that_is_gone() -> None:
    held = Addresses()
    first, second = waiting(held, "first", "second")
    held.admit(OFFICE, first)
    held.wait(OFFICE, first)  # it has left its namespace
    held.admit(OFFICE, second)

    held.leave(OFFICE, first)
    held.leave(OFFICE, second)

    assert not held._admitted
    assert not held._waiting


async def turned_away(kind: str) -> list[dict[str, Any]]:
    """What a handshake from a crowded address is answered."""
    engine = Engine(async_mode="asgi")
    engine.is_crowded = lambda address: address == OFFICE
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    transport = b"websocket" if kind == "websocket" else b"polling"
    scope = {
        "type": kind,
        "client": (OFFICE, 1),
        "headers": [],
        "query_string": b"EIO=4&transport=" + transport,
        "path": "/socket.io/",
    }
    await engine.handle_request(scope if kind == "websocket" else {**scope, "method": "GET"}, receive, send)
    assert not engine.sockets
    return said


async def test_a_handshake_from_a_crowded_address_is_told_when_to_come_back() -> None:
    start, _ = await turned_away("http")
    assert start["status"] == 429
    assert (b"retry-after", b"5") in start["headers"]


async def test_a_websocket_from_a_crowded_address_is_not_opened() -> None:
    assert await turned_away("websocket") == [{"type": "websocket.close", "code": 1008}]
