"""A process that leaves takes nobody into a room any more."""

from types import SimpleNamespace
from typing import Any

import pytest

from realtime.errors import ErrorCode, Refused
from realtime.requests import Caller


def caller(entered: list[str], *, draining: bool) -> Caller:
    """Somebody connected, in a room already."""
    manager = SimpleNamespace(
        get_rooms=lambda *_: ["post_1"],
        is_connected=lambda *_: True,
        basic_enter_room=lambda _sid, _namespace, room: entered.append(room),
    )
    server: Any = SimpleNamespace(
        manager=manager,
        eio=SimpleNamespace(draining=draining),
        presence=SimpleNamespace(entered=lambda *_: None),
    )
    return Caller(server, "sid", "connection", "/", 1, "Owner", "session", "key", "en")


def test_a_new_room_is_refused_while_the_process_leaves() -> None:
    entered: list[str] = []

    with pytest.raises(Refused) as refusal:
        caller(entered, draining=True).enter("post_2")

    assert refusal.value.code == ErrorCode.INTERNAL
    assert refusal.value.retry_after == 1
    assert entered == []


def test_a_room_one_is_in_may_be_asked_for_again() -> None:
    caller([], draining=True).enter("post_1")


def test_before_that_everybody_may_enter() -> None:
    entered: list[str] = []
    caller(entered, draining=False).enter("post_2")
    assert entered == ["post_2"]
