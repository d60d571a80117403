"""The tables of docs/scaling.md, by name. Every figure in the document is in one of them."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

from . import costs as c
from .costs import ASSUMED, Assumed, Costs, current
from .limits import CONNECTIONS_PER_PROCESS, growth, heartbeat_seconds, passed_at, rooms_per_process
from .measured import load as load_measured
from .points import Point, factor, points, typical_factor, worst_factor
from .room import simulate
from .site import (
    CELLS,
    MACHINE_CORES,
    MACHINE_GIB,
    MILLION,
    MOST_SOCKETS,
    PROCESSES_PER_MACHINE,
    SITES,
    SMALL_CORES,
    SMALL_GIB,
    TARGET,
    VIRAL,
    Load,
    Site,
    best_layout,
    layout,
    machines,
    processes_of,
    rooms_of,
    small_machine,
)
from .storm import Storm, come_back

ROOM_SIZES, ROOM_RATES = (500, 2_000, 8_000), (0.5, 2, 8, 32, 128)
VIRAL_PROCESSES = (1, 2, 4, 8, 16)
ONE_BUS_SIZES = (10_000, 30_000, 100_000, 200_000, 300_000, 1_000_000)
COMMENTS = 1_500  # that a simulated room hears
SMALL_SITES = (
    Site("many posts, people read", 1, 200, comments_per_hour=0.2),
    Site("many posts, people talk", 1, 200, comments_per_hour=2),
    Site("one post, people read", 1, 1, comments_per_hour=0.2),
    Site("one post, people talk", 1, 1, comments_per_hour=2),
)


def number(value: float) -> str:
    """Two or three digits that mean something."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        digits = 2 - math.floor(math.log10(abs(value)))
        return f"{round(value, min(0, digits)):,.0f}"
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 1 else f"{value:.2g}"


def percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 or share == 0 else f"{share:.1%}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> str:
    """A Markdown table; the first columns hold words, the others figures."""
    rule = ["---" if column < words else "---:" for column in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])


# --- What stands under it ---------------------------------------------------------------------------


def about() -> str:
    kept = load_measured().about
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
        f"Half of all points are within a factor of {typical_factor():.2f}, and within {typical_factor(unseen=True):.2f}"
        f" where the model was made without the point it is held against. The worst is {worst.kind.name} in"
        f" {_case(worst)}: a factor of {worst_factor():.1f}; unseen the worst is {worst_factor(unseen=True):.1f}."
    )


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


def fitted() -> str:
    found = current()
    searched = {name for kind in c.KINDS for name in kind.costs}
    rows = [
        (
            f"`{name}`",
            words,
            "found by the search" if name in searched else "measured alone",
            f"{number(getattr(found, name))} {unit}".strip(),
        )
        for name, (words, unit) in COSTS_IN_WORDS.items()
    ]
    return table(("cost", "of", "from", "value"), rows, words=3)


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


# --- One process ------------------------------------------------------------------------------------


def room() -> str:
    rows = []
    for readers in ROOM_SIZES:
        for rate in ROOM_RATES:
            found = simulate(current(), readers=readers, rate=rate, comments=COMMENTS)
            rows.append(
                (
                    f"{readers:,}",
                    number(rate),
                    percent(found.busy),
                    number(found.events_per_write),
                    number(found.per_delivery_us),
                    f"{number(found.p50_ms)} ms",
                    f"{number(found.p99_ms)} ms" + ("" if found.keeps_up else ", and rising"),
                )
            )
    head = (
        "readers",
        "comments per second",
        "loop busy",
        "events per write",
        "us per delivery",
        "p50",
        "p99",
    )
    return table(head, rows, words=0)


def small() -> str:
    rows = []
    for site in SMALL_SITES:
        found = small_machine(current(), site)
        rows.append(
            (
                site.name,
                number(found.readers),
                number(found.load.comments),
                number(found.load.deliveries),
                f"{found.cores:.1f} of {SMALL_CORES}",
                f"{found.memory_gib:.1f} of {SMALL_GIB} GiB",
                found.ends_at,
            )
        )
    head = ("site", "readers", "comments per second", "deliveries per second", "cores", "memory", "ends at")
    return table(head, rows)


def storm() -> str:
    rows = []
    for each in storms():
        found = come_back(current(), each)
        rows.append(
            (
                each.name,
                f"{each.readers:,}",
                *(f"{number(at)} s" for at in (found.half, found.nearly_all, found.everybody)),
                number(found.attempts),
            )
        )
    head = ("what happens", "readers for one process", "half are back", "99%", "all", "attempts per reader")
    return table(head, rows)


def storms() -> list[Storm]:
    """A deploy process by process, and what is worse."""
    others = max(1, _typical_cell(best_layout(current(), MILLION)).processes - 1)
    share = math.ceil(MOST_SOCKETS / others)
    return [
        Storm(
            "one process of a cell stops; the others, at work, take its readers",
            share,
            c.DRAIN,
            free=1 - TARGET,
        ),
        Storm("the only process restarts, away for five seconds", MOST_SOCKETS, c.DRAIN, away=5),
        Storm("all lose their readers in the same second", MOST_SOCKETS, 1.0),
        Storm("the same with twice the readers", 2 * MOST_SOCKETS, 1.0),
        Storm("the same with four times the readers", 4 * MOST_SOCKETS, 1.0),
    ]


# --- Many processes ---------------------------------------------------------------------------------


def sites() -> str:
    columns = [(site, best_layout(current(), site)) for site in SITES]
    rows = [
        ("largest room", *(number(rooms_of(site)[0].readers) for site, _ in columns)),
        ("comments per second", *_sums(columns, lambda cell: cell.comments)),
        ("joins per second", *_sums(columns, lambda cell: cell.joins)),
        ("deliveries per second", *_sums(columns, lambda cell: cell.deliveries)),
        ("writes to sockets per second, all kinds", *_sums(columns, lambda cell: cell.writes)),
        ("processes", *(f"{processes_of(cells):,}" for _, cells in columns)),
        ("cells, each with a Redis of its own", *(str(len(cells)) for _, cells in columns)),
        ("cores at work in the processes", *_sums(columns, lambda cell: cell.cpu_share * cell.processes)),
        ("memory of the processes, GiB", *(number(_memory_gib(current(), cells)) for _, cells in columns)),
        (
            "work waits in a process, mean, ms",
            *(number(max(x.queue_ms for x in cells)) for _, cells in columns),
        ),
        ("PostgreSQL, cores", *_sums(columns, lambda cell: cell.database)),
        ("PostgreSQL, transactions that write per second", *_sums(columns, lambda cell: cell.transactions)),
        ("comments stored, GB in a day at this rate", *(number(_stored(cells)) for _, cells in columns)),
        ("busiest Redis, cores", *(number(max(cell.redis for cell in cells)) for _, cells in columns)),
        ("out to readers, Gbit/s", *(number(machines(current(), cells).gbit) for _, cells in columns)),
    ]
    return table(("", *(site.name for site in SITES)), rows)


Columns = Sequence[tuple[Site, Sequence[Load]]]


def _sums(columns: Columns, measure: Callable[[Load], float]) -> list[str]:
    return [number(sum(map(measure, cells))) for _, cells in columns]


def _memory_gib(costs: Costs, cells: Sequence[Load]) -> float:
    readers = sum(cell.readers for cell in cells)
    each = costs.connection_kib + ASSUMED.kernel_kib
    return processes_of(cells) * costs.process_mib / 1024 + readers * each / 2**20


def _stored(cells: Sequence[Load]) -> float:
    return sum(cell.comments for cell in cells) * 86_400 * ASSUMED.comment_bytes / 1e9


def drivers() -> str:
    shares = []
    for site in SITES:
        by_kind: dict[str, float] = defaultdict(float)
        for cell in best_layout(current(), site):
            for kind, share in cell.cpu.items():
                by_kind[kind] += share * cell.processes
        total = sum(by_kind.values())
        shares.append({kind: value / total for kind, value in by_kind.items()})
    kinds = sorted(shares[-1], key=lambda kind: -shares[-1][kind])
    rows = [(kind, *(percent(share.get(kind, 0)) for share in shares)) for kind in kinds]
    return table(("processes' CPU goes to", *(site.name for site in SITES)), rows)


def one_bus() -> str:
    rows = []
    for readers in ONE_BUS_SIZES:
        found = growth(current(), readers)
        cell = found.cell
        if cell is None:
            rows.append((f"{readers:,}", "does not fit", "", "", "", "", ""))
            continue
        rows.append(
            (
                f"{readers:,}",
                str(cell.processes),
                percent(cell.cpu.get("bus", 0) / cell.cpu_share),
                number(cell.heard),
                number(rooms_per_process(found)),
                number(cell.processes * CONNECTIONS_PER_PROCESS),
                f"{number(heartbeat_seconds(cell) * 1000)} ms",
            )
        )
    head = (
        "readers",
        "processes",
        "of their work, the bus",
        "messages that each hears per second",
        "rooms in each",
        "database connections at most",
        "a heartbeat holds the loop",
    )
    return table(head, rows, words=0)


def limits() -> str:
    rows = [
        ("more than was simulated" if at is None else number(at), limit.part, limit.takes, limit.then)
        for limit, at in passed_at(current())
    ]
    return table(("passed at readers", "part", "what it takes", "what to do then"), rows, words=4)


def cells() -> str:
    rows = []
    for count in CELLS:
        found = layout(current(), MILLION, count)
        if found is None:
            rows.append((str(count), "does not fit", "", "", "", ""))
            continue
        bus = sum(cell.cpu.get("bus", 0) * cell.processes for cell in found)
        rows.append(
            (
                str(count),
                str(processes_of(found)),
                str(max(cell.processes for cell in found)),
                percent(bus / sum(cell.cpu_share * cell.processes for cell in found)),
                number(max(cell.heard for cell in found)),
                number(max(cell.redis for cell in found)),
            )
        )
    head = (
        "cells",
        "processes in all",
        "in the largest cell",
        "of their work, the bus",
        "messages heard per second, at most",
        "busiest Redis, cores",
    )
    return table(head, rows, words=0)


def viral() -> str:
    rate = VIRAL.readers * VIRAL.comments_per_hour / 3600
    rows = []
    for processes in VIRAL_PROCESSES:
        found = simulate(
            current(),
            readers=VIRAL.readers // processes,
            rate=rate,
            comments=COMMENTS,
            written_here=1 / processes,
            processes=processes,
        )
        rows.append(
            (
                str(processes),
                f"{VIRAL.readers // processes:,}",
                percent(found.busy),
                number(found.events_per_write),
                f"{number(found.p50_ms)} ms",
                f"{number(found.p99_ms)} ms",
            )
        )
    return table(
        ("processes", "readers in each", "loops busy", "events per write", "p50", "p99"), rows, words=0
    )


def million() -> str:
    found = best_layout(current(), MILLION)
    bought = machines(current(), found)
    largest, typical = max(found, key=lambda cell: cell.processes), _typical_cell(found)
    rows = [
        (
            f"{bought.proxies}",
            "proxies that end TLS, one of them to spare",
            f"{bought.proxies_for}; {bought.gbit:.0f} Gbit/s and {number(MILLION.readers / (bought.proxies - 1))}"
            " connections each when one is away",
        ),
        (
            f"{bought.servers}",
            f"machines for {processes_of(found)} processes, {PROCESSES_PER_MACHINE} on each",
            f"CPU at {TARGET:.0%}; {number(MILLION.readers / processes_of(found))} sockets in a process on average",
        ),
        (
            f"{len(found)}",
            "cells",
            f"a typical one has {typical.processes} processes for {number(typical.readers)} readers, the one with the"
            f" largest room {largest.processes} for {number(largest.readers)}",
        ),
        (
            f"{bought.redis}",
            "Redis, small; several fit on a machine",
            f"the busiest uses {number(bought.redis_cores)} of a core",
        ),
        (
            "1 + 1",
            "PostgreSQL and its standby",
            f"{number(bought.database_cores)} cores at work, {MACHINE_CORES} bought;"
            f" {number(processes_of(found) * CONNECTIONS_PER_PROCESS)} connections at most, hence a pooler",
        ),
    ]
    text = table(("how many", "what", "decided by"), rows, words=3)
    return f"{text}\n\nA machine has {MACHINE_CORES} cores and {MACHINE_GIB} GiB."


def _typical_cell(cells: Sequence[Load]) -> Load:
    return sorted(cells, key=lambda cell: cell.readers)[len(cells) // 2]


def scenarios() -> str:
    rows = [
        (
            site.name,
            f"{site.zipf:g}",
            f"{site.stay:.0f} s",
            number(site.comments_per_hour),
            percent(site.coming_back),
        )
        for site in SITES
    ]
    head = (
        "site",
        "Zipf's exponent",
        "a reader stays",
        "comments per reader and hour",
        "joins that are returns",
    )
    return table(head, rows)


def doubling() -> str:
    """What doubles what, by trying it."""
    base = best_layout(current(), MILLION)
    tried = {
        "as above": MILLION,
        "twice the comments": replace(MILLION, comments_per_hour=2 * MILLION.comments_per_hour),
        "readers stay half as long": replace(MILLION, stay=MILLION.stay / 2),
        "twice the rooms": replace(MILLION, rooms=2 * MILLION.rooms),
        "readers spread more evenly (exponent 0.8)": replace(MILLION, zipf=0.8),
        "half the readers": replace(MILLION, readers=MILLION.readers // 2),
    }
    rows = []
    for name, site in tried.items():
        found = best_layout(current(), site)
        bought = machines(current(), found)
        rows.append(
            (
                name,
                str(processes_of(found)),
                f"{processes_of(found) / processes_of(base):.2f}",
                str(len(found)),
                str(bought.proxies),
                number(bought.gbit),
            )
        )
    return table(("a million readers", "processes", "times", "cells", "proxies", "Gbit/s"), rows)


def summary() -> str:
    calm, busy = (small_machine(current(), site).readers for site in (SMALL_SITES[0], SMALL_SITES[3]))
    found = best_layout(current(), MILLION)
    bought = machines(current(), found)
    passed = {limit.part: at for limit, at in passed_at(current())}
    for_good = passed["the bus, for good"]
    ends = "beyond what was simulated" if for_good is None else f"at about {number(for_good)} readers"
    return "\n".join(
        [
            f"- A machine with {SMALL_CORES} cores and {SMALL_GIB} GiB, everything on it, holds from {number(busy)} readers"
            f" (all in one post, talking) to {number(calm)} (over many posts, reading).",
            "- More processes carry more readers until the bus, which every process hears in full, takes all they"
            f" have: {ends}. That cannot be bought off with processes or a larger Redis.",
            f"- Rooms placed in cells carry a million: {processes_of(found)} processes on {bought.servers} machines,"
            f" {len(found)} cells, {bought.proxies} proxies, one PostgreSQL.",
            f"- The model is off by a factor of {typical_factor():.2f} at a typical measured point and"
            f" {worst_factor():.1f} at the worst. What it says of a million is an order, not a promise.",
        ]
    )


TABLES: dict[str, Callable[[], str]] = {
    "summary": summary,
    "about": about,
    "points": measured_points,
    "errors": errors,
    "costs": fitted,
    "assumed": assumed,
    "room": room,
    "viral": viral,
    "small": small,
    "storm": storm,
    "scenarios": scenarios,
    "sites": sites,
    "drivers": drivers,
    "limits": limits,
    "one-bus": one_bus,
    "cells": cells,
    "million": million,
    "doubling": doubling,
}
