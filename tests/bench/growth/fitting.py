"""The model's view of each case of the bench, and the search for costs that bring it near to all of them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from .costs import ASSUMED, BUSY, HOT, ROOM_OF_MANY, Costs
from .measured import Case, Measured, load

Predict = Callable[[Costs, Case], float | None]


def predict_cpu(costs: Costs, case: Case) -> float | None:
    """Server CPU per comment of a case in which people write, microseconds; in all processes together."""
    readers, sockets = float(case.size), float(case.size)
    if case.kind == "relay-one":
        return costs.request + costs.delivering(readers, sockets=sockets)
    if case.kind == "relay-hot":
        at_once = costs.in_one_write(HOT)
        return costs.request + costs.delivering(readers, sockets=sockets, at_once=at_once)
    if case.kind == "workers":
        return _two_workers(costs, readers) if case.contestant == "two workers" else _hot(costs, readers)
    if case.kind == "one":
        return costs.writing(1) + costs.delivering(readers, sockets=sockets)
    if case.kind == "hot":
        return _hot(costs, readers)
    if case.kind == "accepted":
        batch = BUSY / 2
        at_once = costs.in_one_write(batch)
        return costs.writing(batch) + costs.delivering(readers, sockets=sockets, at_once=at_once)
    if case.kind == "rooms":
        batch = BUSY / 2
        delivery = costs.delivering(ROOM_OF_MANY, sockets=readers * ROOM_OF_MANY)
        return costs.writing(batch, posts=batch) + delivery
    return None


def _hot(costs: Costs, readers: float) -> float:
    # While one half of those in flight is being written, the other half is being read by its authors.
    batch = HOT / 2
    at_once = costs.in_one_write(batch)
    return costs.writing(batch) + costs.delivering(readers, sockets=readers, at_once=at_once)


def _two_workers(costs: Costs, readers: float) -> float:
    batch = HOT / 4
    at_once = costs.in_one_write(batch)
    bus = (ASSUMED.bus_send + 2 * ASSUMED.bus_hear) / batch + 2 * ASSUMED.bus_each
    return costs.writing(batch) + costs.delivering(readers, sockets=readers / 2, at_once=at_once) + bus


def predict_database(costs: Costs, case: Case) -> float | None:
    """PostgreSQL's CPU per comment, microseconds."""
    if case.kind == "one":
        return costs.storing(1)
    if case.kind == "hot" or (case.kind == "workers" and case.contestant == "one worker"):
        return costs.storing(HOT / 2)
    if case.kind == "workers":
        return costs.storing(HOT / 4)
    if case.kind == "accepted":
        return costs.storing(BUSY / 2)
    if case.kind == "rooms":
        return costs.storing(BUSY / 2, posts=BUSY / 2)
    return None


def predict_latency(costs: Costs, case: Case) -> float | None:
    """Until the last reader has a comment, p50, milliseconds: all in flight passes through one core."""
    in_flight = {"one": 1, "relay-one": 1, "hot": HOT, "relay-hot": HOT, "accepted": BUSY, "rooms": BUSY}
    cpu = predict_cpu(costs, case)
    if cpu is None or case.kind not in in_flight:
        return None
    waits = 0.0 if case.kind.startswith("relay") else costs.wait_ms
    return waits + in_flight[case.kind] * cpu / 1000 * costs.stretch


def predict_joins(costs: Costs, case: Case) -> float | None:
    """Joins a second where a core does nothing else."""
    return 1e6 / costs.join if case.kind == "reconnect" else None


def predict_returns(costs: Costs, case: Case) -> float | None:
    """The same of readers who come back and want only what changed."""
    return 1e6 / costs.join_back if case.kind == "reconnect" else None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of measured figure, and which costs it tells about."""

    name: str
    measure: str
    unit: str
    predict: Predict
    costs: tuple[str, ...]


KINDS = [
    Kind(
        "server CPU per comment",
        "cpu_per_comment_us",
        "us",
        predict_cpu,
        ("request", "transaction", "comment", "post", "write", "growth", "event", "together"),
    ),
    Kind(
        "PostgreSQL's CPU per comment",
        "database_cpu_per_comment_us",
        "us",
        predict_database,
        ("database_transaction", "database_comment", "database_post"),
    ),
    Kind(
        "until the last reader has it, p50",
        "last_reader_p50_ms",
        "ms",
        predict_latency,
        ("wait_ms", "stretch"),
    ),
    # Their costs are taken from the CPU time of the same case; these are the clock's word on it.
    Kind("joins per second", "joins_per_second", "/s", predict_joins, ()),
    Kind("coming back, joins per second", "again_joins_per_second", "/s", predict_returns, ()),
]
# How strongly a cost is held where the search began: just enough to settle what no figure tells.
HELD = 0.002


def points_of(kind: Kind, measured: Measured) -> list[Case]:
    """The cases that have such a figure and that the model has an opinion of."""
    begin = Costs()
    return [
        case
        for case in measured.cases
        if case.figures.get(kind.measure, 0) > 0 and kind.predict(begin, case) is not None
    ]


def fit(kind: Kind, cases: Sequence[Case], begin: Costs) -> Costs:
    """The costs with which the model comes closest to all of these at once, by the ratio of the two.

    A search along one cost after the other, in ever smaller steps: no figure is believed more than another,
    because the machine itself drifts between them.
    """
    start = {name: float(getattr(begin, name)) for name in kind.costs}
    known = [(case, math.log(case.figures[kind.measure])) for case in cases]

    def distance(costs: Costs) -> float:
        far = sum(HELD * math.log(getattr(costs, name) / value) ** 2 for name, value in start.items())
        for case, wanted in known:
            predicted = kind.predict(costs, case)
            assert predicted is not None
            far += (math.log(predicted) - wanted) ** 2
        return far

    best, least, step = begin, distance(begin), 0.5
    while step > 0.004:
        improved = False
        for name in kind.costs:
            for factor in (math.exp(step), math.exp(-step)):
                changed: Mapping[str, float] = {name: float(getattr(best, name)) * factor}
                other = replace(best, **changed)
                far = distance(other)
                if far < least - 1e-9:
                    best, least, improved = other, far, True
        if not improved:
            step /= 2
    return best


def costs_from(measured: Measured, *, without: Case | None = None) -> Costs:
    """All costs, found in all cases, or in all but one."""
    costs = _taken(measured)
    for kind in KINDS:
        costs = fit(kind, [case for case in points_of(kind, measured) if case is not without], costs)
    return costs


def _taken(measured: Measured) -> Costs:
    """What needs no search, because one case measures it alone."""
    idle, storm = measured.case("idle").figures, measured.case("reconnect").figures
    try:
        alone = measured.case("history").figures["cpu_per_join_us"]
    except KeyError:
        alone = Costs().join_alone
    sizes = [case.figures["payload_bytes"] for case in measured.cases if "payload_bytes" in case.figures]
    return Costs(
        join=storm["cpu_per_join_us"],
        join_back=storm["again_cpu_per_join_us"],
        join_alone=max(alone, storm["cpu_per_join_us"]),
        connection_kib=idle["memory_per_connection_kib"],
        process_mib=idle["memory_before_mib"],
        event_bytes=sum(sizes) / len(sizes),
        history_bytes=storm["history_bytes"],
        back_bytes=storm["again_history_bytes"],
    )


@lru_cache(maxsize=1)
def current() -> Costs:
    """Those of the kept figures."""
    return costs_from(load())
