"""Changes of a room go out in the order of their versions, if what is missing comes soon."""

from typing import Any

import pytest

from realtime.order import InOrder
from tests.clock import Clock, pass_by

WAIT = 0.5


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


async def test_what_comes_in_order_does_not_wait(order: InOrder, delivered: list[int]) -> None:
    take(order, 3, 4, 5)
    assert delivered == [3, 4, 5]


async def test_what_comes_early_waits_for_what_is_missing(order: InOrder, delivered: list[int]) -> None:
    order.seen("/", "post_1", 2)
    take(order, 5, 4)
    assert delivered == []
    take(order, 3)
    assert delivered == [3, 4, 5]


async def test_who_comes_later_changes_nothing_for_those_who_are_here(
    order: InOrder, delivered: list[int]
) -> None:
    order.seen("/", "post_1", 2)
    order.seen("/", "post_1", 4)
    take(order, 4, 3)
    assert delivered == [3, 4]


async def test_it_does_not_wait_for_long(order: InOrder, delivered: list[int]) -> None:
    take(order, 1, 5, 3)
    await pass_by(WAIT * 1.1)
    assert delivered == [1, 3, 5]
    take(order, 4, 6)
    assert delivered == [1, 3, 5, 4, 6]


async def test_each_missing_change_has_its_own_time(order: InOrder, delivered: list[int]) -> None:
    take(order, 1, 3)
    await pass_by(WAIT * 0.8)
    take(order, 2, 5)
    await pass_by(WAIT * 0.8)  # longer after the first one than anything is held
    assert delivered == [1, 2, 3]
    take(order, 4)
    assert delivered == [1, 2, 3, 4, 5]


async def test_while_nothing_can_come_it_does_not_wait_at_all(order: InOrder, delivered: list[int]) -> None:
    take(order, 1)
    take(order, 3, 2, may_wait=False)
    assert delivered == [1, 3, 2]


async def test_rooms_do_not_wait_for_each_other(order: InOrder, delivered: list[int]) -> None:
    take(order, 1, 3)
    order.take(message(8, "post_2"), may_wait=True)
    assert delivered == [1, 8]


async def test_an_empty_room_is_forgotten(order: InOrder, delivered: list[int]) -> None:
    take(order, 1, 3)
    order.forget("/", "post_1")
    take(order, 7)
    await pass_by(WAIT * 1.1)
    assert delivered == [1, 7]
