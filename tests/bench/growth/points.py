"""The model held against what was measured, figure by figure."""

import statistics
from functools import lru_cache
from typing import NamedTuple

from .costs import Costs
from .fitting import KINDS, Kind, costs_from, current, points_of
from .measured import Case, Measured, load


class Point(NamedTuple):
    """A measured figure and what the model says; `unseen` is what it says when it was made without it."""

    kind: Kind
    case: Case
    measured: float
    predicted: float
    unseen: float

    @property
    def error(self) -> float:
        return self.predicted / self.measured - 1

    @property
    def unseen_error(self) -> float:
        return self.unseen / self.measured - 1


def factor(error: float) -> float:
    """How many times too large or too small; 1 is exact."""
    ratio = 1 + error
    return max(ratio, 1 / ratio)


@lru_cache(maxsize=1)
def points() -> list[Point]:
    """All points of the kept figures."""
    measured = load()
    return [_point(kind, case, current(), measured) for kind in KINDS for case in points_of(kind, measured)]


def _point(kind: Kind, case: Case, costs: Costs, measured: Measured) -> Point:
    predicted = kind.predict(costs, case)
    unseen = kind.predict(costs_from(measured, without=case), case)
    assert predicted is not None
    assert unseen is not None
    return Point(kind, case, case.figures[kind.measure], predicted, unseen)


def typical_factor(*, unseen: bool = False) -> float:
    """The median over all points of how many times the model is off."""
    return statistics.median(factor(each.unseen_error if unseen else each.error) for each in points())


def worst_factor(*, unseen: bool = False) -> float:
    return max(factor(each.unseen_error if unseen else each.error) for each in points())
