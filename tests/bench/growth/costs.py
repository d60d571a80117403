"""What each kind of work costs: found in the measured figures, or assumed with a reason.

CPU times are microseconds of the server's own time, user and system, as the bench counts it: over loopback,
without TLS, with rate limits off and PostgreSQL's fsync off.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache

from .measured import Case, Measured, load

# The program's own numbers; a test compares them with the code.
PING_EVERY = 25.0
HEARTBEAT_EVERY = 15.0
SWEEP_EVERY = 30.0
TICK_EVERY = 1.0
PRESENCE_EVERY = 1.0
PRESENCE_SOCKETS = 2_000
PRESENCE_REPEATED = 30.0
PULSE_EVERY = 1.0
MESSAGES_AT_ONCE = 100
OUTBOX_LIMIT = 1_000
LARGEST_BATCH = 100
DRAIN = 5.0
CONNECT_WITHIN = 20.0
# Sockets of the smallest process whose writes were measured; smaller ones are taken to cost the same.
SMALLEST = 500
# What the bench keeps in flight.
HOT, BUSY = 16, 64
ROOM_OF_MANY = 8  # readers in each of many rooms


@dataclass(frozen=True, slots=True)
class Costs:
    """Fitted: the values here are where the search begins, and stay where nothing measured tells.

    CPU in microseconds: `request` is a comment read, checked, encoded and confirmed; `transaction`,
    `comment` and `post` are writing one transaction, each comment in it, each further post in it; `write` is
    one write to a socket in a process of 500, `growth` the factor by which it rises with ten times as many
    sockets; `event` is each event in a write, for each socket. `together` is the share of comments in flight
    that leave in the same write.
    """

    request: float = 150.0
    transaction: float = 1_000.0
    comment: float = 150.0
    post: float = 100.0
    write: float = 8.0
    growth: float = 1.2
    event: float = 0.2
    together: float = 0.5
    # PostgreSQL's CPU in microseconds.
    database_transaction: float = 600.0
    database_comment: float = 60.0
    database_post: float = 40.0
    # By the clock: milliseconds in which a comment waits for the database and for threads to wake up, and how
    # much longer than its CPU time work takes.
    wait_ms: float = 2.0
    stretch: float = 1.5
    # Taken as measured.
    join: float = 1_000.0
    join_back: float = 1_000.0
    join_alone: float = 3_000.0
    connection_kib: float = 12.0
    process_mib: float = 105.0
    event_bytes: float = 710.0
    history_bytes: float = 30_000.0
    back_bytes: float = 12_000.0

    def write_among(self, sockets: float) -> float:
        """One write, where the process has so many sockets: more of them fit less well into its caches."""
        return float(self.write * max(self.growth, 1.0) ** math.log10(max(sockets, SMALLEST) / SMALLEST))

    def in_one_write(self, in_flight: float) -> float:
        """How many of the comments that come together leave in the same write."""
        return max(1.0, min(1.0, self.together) * in_flight)

    def delivering(self, readers: float, *, sockets: float, at_once: float = 1.0) -> float:
        """CPU of one event for so many readers, where `at_once` of them share a write."""
        return readers * (self.write_among(sockets) / at_once + self.event)

    def writing(self, batch: float, *, posts: float = 1.0) -> float:
        """CPU of one comment, `batch` of which share a transaction that touches so many posts."""
        return (
            self.request
            + self.comment
            + (self.transaction + max(0.0, min(posts, batch) - 1) * self.post) / batch
        )

    def storing(self, batch: float, *, posts: float = 1.0) -> float:
        """PostgreSQL's CPU for the same."""
        more = max(0.0, min(posts, batch) - 1) * self.database_post
        return self.database_comment + (self.database_transaction + more) / batch


def _assume(value: float, unit: str, why: str) -> float:
    found: float = field(default=value, metadata={"unit": unit, "why": why})
    return found


@dataclass(frozen=True, slots=True)
class Assumed:
    """Not measured by the bench. Each stands with its reason in the document."""

    bus_send: float = _assume(
        120, "us", "one publish through channels-redis, tried by hand, not by the bench"
    )
    bus_hear: float = _assume(
        200, "us", "one message heard by a process, its own included; tried by hand in the same way"
    )
    bus_each: float = _assume(10, "us", "each further message that travels in the same one")
    pong: float = _assume(15, "us", "reading a pong: a read from the kernel and one call")
    tick: float = _assume(0.2, "us", "the clock looks at each socket once a second")
    encode: float = _assume(15, "us", "a presence or heartbeat as JSON and as a frame")
    verify: float = _assume(60, "us", "one session of a sweep: a row, its signature and the password's hash")
    budget: float = _assume(150, "us", "one rate limit asked of Redis; the bench lifts them")
    budgets_per_join: float = _assume(3, "", "one lock, one handshake, one join")
    budgets_per_comment: float = _assume(2, "", "one for the writer, one for the writer under this post")
    kernel_kib: float = _assume(6, "KiB", "an idle TCP connection in the kernel, which the bench cannot see")
    proxy_kib: float = _assume(
        50, "KiB", "a TLS connection in nginx, its buffers, and both ends in the kernel"
    )
    proxy_write: float = _assume(15, "us", "one message through nginx, encrypted")
    proxy_join: float = _assume(1_500, "us", "a TLS handshake and the upgrade; resumed sessions cost less")
    packet_bytes: float = _assume(
        100, "bytes", "headers of frame, TLS record, TCP, IP and Ethernet per write"
    )
    redis_publish: float = _assume(10, "us", "Redis: one message in")
    redis_copy: float = _assume(3, "us", "Redis: one message out to one process")
    redis_budget: float = _assume(15, "us", "Redis: one rate limit")
    database_join: float = _assume(300, "us", "PostgreSQL: a join's share of the queries that answer it")
    database_verify: float = _assume(10, "us", "PostgreSQL: a session and its user in a sweep")
    database_room: float = _assume(5, "us", "PostgreSQL: one post of a heartbeat")
    fsync_ms: float = _assume(2, "ms", "a commit that reaches the disk; the bench does without")
    comment_bytes: float = _assume(
        1_200,
        "bytes",
        "a comment of 200 characters: text, HTML, five indexes, dead versions of the post's row",
    )


ASSUMED = Assumed()

Point = tuple[str, Case]
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
    """Until the last reader has a comment, p50, milliseconds: all that is in flight passes through one core."""
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


def names_of(kind: type[Costs] | type[Assumed]) -> list[str]:
    return [each.name for each in fields(kind)]
