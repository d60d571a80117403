"""Changes of a room go out in the order of their versions, if what is missing comes soon."""

from collections.abc import Callable
from typing import Any

import pytest

from realtime.order import InOrder

WAIT = 10


class Clock:
    """An event loop's, as far as waiting is concerned; it goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[Timer] = []

    def call_later(self, seconds: float, act: Callable[..., None], *arguments: Any) -> "Timer":
        timer = Timer(self.now + seconds, lambda: act(*arguments))
        self._timers.append(timer)
        return timer

    def go_on(self, seconds: float) -> None:
        self.now += seconds
        due = [timer for timer in self._timers if timer.due <= self.now]
        self._timers = [timer for timer in self._timers if timer.due > self.now]
        for timer in sorted(due, key=lambda timer: timer.due):
            if not timer.is_cancelled:
                timer.act()


class Timer:
    def __init__(self, due: float, act: Callable[[], None]) -> None:
        self.due, self.act, self.is_cancelled = due, act, False

    def cancel(self) -> None:
        self.is_cancelled = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("realtime.order.asyncio.get_running_loop", lambda: clock)
    return clock


def message(version: int, room: str = "post_1") -> dict[str, Any]:
    return {"namespace": "/", "room": room, "version": version}


@pytest.fixture
def delivered() -> list[int]:
    return []


@pytest.fixture
def order(delivered: list[int], clock: Clock) -> InOrder:
    return InOrder(lambda message: delivered.append(message["version"]), wait=WAIT)


def take(order: InOrder, *versions: int, may_wait: bool = True) -> None:
    for version in versions:
        order.take(message(version), may_wait=may_wait)


def test_what_comes_in_order_does_not_wait(order: InOrder, delivered: list[int]) -> None:
    take(order, 3, 4, 5)
    assert delivered == [3, 4, 5]


def test_what_comes_early_waits_for_what_is_missing(order: InOrder, delivered: list[int]) -> None:
    order.seen("/", "post_1", 2)
    take(order, 5, 4)
    assert delivered == []
    take(order, 3)
    assert delivered == [3, 4, 5]


def test_who_comes_later_changes_nothing_for_those_who_are_here(order: InOrder, delivered: list[int]) -> None:
    order.seen("/", "post_1", 2)
    order.seen("/", "post_1", 4)
    take(order, 4, 3)
    assert delivered == [3, 4]


def test_it_does_not_wait_for_long(order: InOrder, delivered: list[int], clock: Clock) -> None:
    take(order, 1, 5, 3)
    clock.go_on(WAIT)
    assert delivered == [1, 3, 5]
    take(order, 4, 6)
    assert delivered == [1, 3, 5, 4, 6]


def test_each_missing_change_has_its_own_time(order: InOrder, delivered: list[int], clock: Clock) -> None:
    take(order, 1, 3)
    clock.go_on(WAIT - 1)
    take(order, 2, 5)
    clock.go_on(WAIT - 1)  # longer after the first one than anything is held
    assert delivered == [1, 2, 3]
    take(order, 4)
    assert delivered == [1, 2, 3, 4, 5]


def test_while_nothing_can_come_it_does_not_wait_at_all(order: InOrder, delivered: list[int]) -> None:
    take(order, 1)
    take(order, 3, 2, may_wait=False)
    assert delivered == [1, 3, 2]


def test_rooms_do_not_wait_for_each_other(order: InOrder, delivered: list[int]) -> None:
    take(order, 1, 3)
    order.take(message(8, "post_2"), may_wait=True)
    assert delivered == [1, 8]


def test_an_empty_room_is_forgotten(order: InOrder, delivered: list[int], clock: Clock) -> None:
    take(order, 1, 3)
    order.forget("/", "post_1")
    take(order, 7)
    clock.go_on(WAIT)
    assert delivered == [1, 7]
