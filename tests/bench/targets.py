"""What the figures are held against: ratios within one run, so that the machine's own speed drops out, and
what a moderator feels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .load import Measures

Medians = Mapping[str, Mapping[str, Measures]]  # case -> contestant -> measure

# "As fast as" leaves room for what two measurements of the same thing differ by.
AS_FAST = 1.1


@dataclass(frozen=True, slots=True)
class Target:
    """`value` is None where its cases were not measured. Without a bound it is told, not judged."""

    what: str
    value: Callable[[Medians], float | None]
    at_most: float | None = None
    at_least: float | None = None
    unit: str = "x"

    @property
    def bound(self) -> str:
        if self.at_most is not None:
            return f"<= {self.at_most:g} {self.unit}"
        return f">= {self.at_least:g} {self.unit}" if self.at_least is not None else ""

    def verdict(self, medians: Medians) -> str:
        value = self.value(medians)
        if value is None:
            return "not measured"
        if self.at_most is None and self.at_least is None:
            return ""
        good = value <= self.at_most if self.at_most is not None else value >= (self.at_least or 0)
        return "reached" if good else "NOT REACHED"


def _figure(medians: Medians, case: str, contestant: str, measure: str) -> float | None:
    return medians.get(case, {}).get(contestant, {}).get(measure)


def _ratio(
    case: str,
    measure: str,
    *,
    ours: str = "postroom",
    theirs: str = "node",
    other_case: str | None = None,
) -> Callable[[Medians], float | None]:
    def value(medians: Medians) -> float | None:
        a = _figure(medians, case, ours, measure)
        b = _figure(medians, other_case or case, theirs, measure)
        return a / b if a is not None and b else None

    return value


def _longer_across(medians: Medians) -> float | None:
    across = _figure(medians, "workers-2000", "two workers", "alone_elsewhere_p50_ms")
    alone = _figure(medians, "workers-2000", "one worker", "alone_p50_ms")
    return None if across is None or alone is None else across - alone


def _told(case: str, measure: str) -> Callable[[Medians], float | None]:
    return lambda medians: _figure(medians, case, "postroom", measure)


def _old_posts() -> list[Target]:
    targets = []
    for comments in ("10000", "100000"):
        for measure, what in (("page_ms", "page"), ("join_p50_ms", "join")):
            value = _ratio(f"history-{comments}", measure, theirs="postroom", other_case="history-100")
            words = f"a post with {int(comments):,} comments: {what} / with 100"
            targets.append(Target(words, value, at_most=AS_FAST))
    return targets


TARGETS = [
    Target(
        "one comment, 500 readers, delivery alone: server CPU per delivery / Node's",
        _ratio("relay-one-500", "cpu_per_delivery_us"),
        at_most=0.75,
    ),
    Target("the same with the write of the comment", _ratio("one-500", "cpu_per_delivery_us")),
    Target(
        "one comment, 500 readers, delivery alone: server CPU per delivery / the kernel's limit",
        _ratio("relay-one-500", "cpu_per_delivery_us", theirs="kernel"),
        at_most=1.4,
    ),
    Target(
        "16 in flight, 500 readers, delivery alone: deliveries per second / Node's",
        _ratio("relay-hot-500", "deliveries_per_second"),
        at_least=5,
    ),
    Target(
        "16 in flight, 500 readers, delivery alone: p99 until delivered / Node's",
        _ratio("relay-hot-500", "p99_ms"),
        at_most=0.25,
    ),
    Target(
        "one comment, 8,000 readers, delivery alone: p50 until delivered / Node's",
        _ratio("relay-one-8000", "p50_ms"),
        at_most=0.65,
    ),
    Target("the same with the write of the comment", _ratio("one-8000", "p50_ms")),
    Target(
        "20 readers: comments accepted per second / Node's with one INSERT each",
        _ratio("accepted-20", "accepted_per_second"),
        at_least=1.5,
    ),
    Target(
        "hot room, 500 readers: comments accepted and delivered per second / Node's",
        _ratio("hot-500", "deliveries_per_second"),
        at_least=4,
    ),
    Target(
        "idle memory per connection at 8,000, session known / Node's",
        _ratio("idle-8000", "memory_per_connection_kib"),
        at_most=1,
    ),
    Target(
        "5,000 readers come (session, join, newest page): joins per second / Node's",
        _ratio("reconnect-5000", "joins_per_second"),
        at_least=1,
    ),
    Target(
        "5,000 readers come back (session, join, what they missed): joins per second / Node's",
        _ratio("reconnect-5000", "again_joins_per_second"),
        at_least=1,
    ),
    # Two workers on two cores leave none to the load generator, the database and Redis: by the clock both
    # are slowed down by what only measures them. So their own CPU time is judged, and the clock is told.
    Target(
        "two workers over Redis: deliveries per second of the busiest worker's core / one worker's",
        _ratio("workers-2000", "deliveries_per_core_second", ours="two workers", theirs="one worker"),
        at_least=1.7,
    ),
    Target(
        "the same by the clock, on two cores with the load generator and the database",
        _ratio("workers-2000", "deliveries_per_second", ours="two workers", theirs="one worker"),
    ),
    Target(
        "p50 across two processes less p50 in one, one comment at a time",
        _longer_across,
        at_most=3,
        unit="ms",
    ),
    *_old_posts(),
    Target(
        "2,000 readers lose the connection and come back: events to one who follows 1,000 of them",
        _told("statuses-2000", "back_events_per_follower"),
        at_most=0,
        unit="events",
    ),
    # By the clock of the machine at hand: what a moderator feels has no other server to be held against.
    Target(
        "p50 from a moderator's click to an open page, among 500 readers",
        _told("decision-500", "click_p50_ms"),
        at_most=50,
        unit="ms",
    ),
    Target("the same until the page is drawn", _told("decision-500", "click_drawn_p50_ms"), unit="ms"),
]
