"""When memory is given back to the system."""

import gc
from typing import Any

from realtime.memory import WORTH_IT, YOUNG, Housekeeper, settle


class Loop:
    """Nothing but garbage collection frees it."""

    def __init__(self) -> None:
        self.myself: Any = self


def test_a_crowd_that_stays_is_left_alone() -> None:
    housekeeper = Housekeeper()
    assert [housekeeper.look(number) for number in (0, WORTH_IT * 4, WORTH_IT * 4, WORTH_IT * 3)] == [
        False
    ] * 4


def test_a_few_sockets_are_not_worth_it() -> None:
    housekeeper = Housekeeper()
    assert [housekeeper.look(number) for number in (WORTH_IT - 1, 0, 0)] == [False] * 3


def test_once_most_have_left_it_collects_a_few_times_and_rests() -> None:
    housekeeper = Housekeeper()
    housekeeper.look(WORTH_IT * 4)
    gc.disable()
    try:
        Loop()
        assert housekeeper.look(WORTH_IT)
        # Not `isinstance`: it asks lazy objects of other tests what they are.
        assert not any(type(thing) is Loop for thing in gc.get_objects())
    finally:
        gc.enable()
    assert [housekeeper.look(0) for _ in range(3)] == [True, True, False]


def test_what_start_up_made_is_not_looked_at_again() -> None:
    thresholds = gc.get_threshold()
    try:
        settle()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] == YOUNG
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
