"""What the model stands on: the run, the points it is held against, its costs and its assumptions."""

from dataclasses import fields

from .costs import ASSUMED, Assumed
from .fitting import KINDS, current
from .measured import load
from .points import Point, factor, points, typical_factor, worst_factor
from .wording import number, table

COSTS_IN_WORDS = {
    "request": ("a comment read, checked, encoded, confirmed", "us"),
    "transaction": ("a transaction that writes comments", "us"),
    "comment": ("each comment in it", "us"),
    "post": ("each further post in it", "us"),
    "write": ("a write to one socket, 500 in the process", "us"),
    "growth": ("the same with ten times as many sockets", "times"),
    "event": ("each event in a write, for each socket", "us"),
    "together": ("of comments in flight, share that leaves in one write", ""),
    "database_transaction": ("PostgreSQL: a transaction", "us"),
    "database_comment": ("PostgreSQL: each comment in it", "us"),
    "database_post": ("PostgreSQL: each further post in it", "us"),
    "wait_ms": ("waiting for the database and for threads", "ms"),
    "stretch": ("by the clock, work takes this much longer than its CPU time", "times"),
    "join": ("a reader who comes: session, room, history that others share", "us"),
    "join_back": ("a reader who comes back: what changed", "us"),
    "join_alone": ("a reader whose history nobody shares", "us"),
    "connection_kib": ("a connection, idle", "KiB"),
    "process_mib": ("a process without connections", "MiB"),
    "event_bytes": ("an event with a comment of 200 characters", "bytes"),
    "history_bytes": ("the newest page", "bytes"),
    "back_bytes": ("what a reader missed who comes back", "bytes"),
}


def about() -> str:
    kept = load().about
    return table(("the run", ""), [(name, str(value)) for name, value in kept.items()], words=2)


def measured_points() -> str:
    rows = [
        (
            each.kind.name,
            _case(each),
            f"{number(each.measured)} {each.kind.unit}",
            number(each.predicted),
            f"{each.error:+.0%}",
            f"{each.unseen_error:+.0%}",
        )
        for each in points()
    ]
    return table(("figure", "case", "measured", "model", "error", "error if unseen"), rows, words=2)


def _case(point: Point) -> str:
    case = point.case
    name = f"{case.kind}-{case.size}"
    return f"`{name}`" if case.contestant == "postroom" else f"`{name}`, {case.contestant}"


def errors() -> str:
    worst = max(points(), key=lambda each: factor(each.error))
    return (
        f"Half of all points are within a factor of {typical_factor():.2f}, and within"
        f" {typical_factor(unseen=True):.2f}"
        f" where the model was made without the point it is held against. The worst is {worst.kind.name} in"
        f" {_case(worst)}: a factor of {worst_factor():.1f}; unseen the worst is"
        f" {worst_factor(unseen=True):.1f}."
    )


def fitted() -> str:
    found = current()
    searched = {name for kind in KINDS for name in kind.costs}
    rows = [
        (f"`{name}`", words, _source(name, searched), f"{number(getattr(found, name))} {unit}".strip())
        for name, (words, unit) in COSTS_IN_WORDS.items()
    ]
    return table(("cost", "of", "from", "value"), rows, words=3)


def _source(name: str, searched: set[str]) -> str:
    if name in searched:
        return "found by the search"
    if name == "join_alone" and not any(case.kind == "history" for case in load().cases):
        return "assumed: this run has no case for it"
    return "measured alone"


def assumed() -> str:
    rows = [
        (
            f"`{each.name}`",
            str(each.metadata["why"]),
            f"{number(getattr(ASSUMED, each.name))} {each.metadata['unit']}".strip(),
        )
        for each in fields(Assumed)
    ]
    return table(("assumed", "what and why", "value"), rows, words=2)
