"""What a whole site takes: three of them, what breaks first, cells, a million readers."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from .costs import ASSUMED, Costs
from .fitting import current
from .limits import CONNECTIONS_PER_PROCESS, growth, heartbeat_seconds, passed_at, rooms_per_process
from .site import (
    CELLS,
    MACHINE_CORES,
    MACHINE_GIB,
    MILLION,
    PROCESSES_PER_MACHINE,
    SITES,
    TARGET,
    Load,
    Site,
    best_layout,
    layout,
    machines,
    processes_of,
    rooms_of,
    typical_cell,
)
from .wording import number, percent, table

ONE_BUS_SIZES = (10_000, 30_000, 100_000, 200_000, 300_000, 1_000_000)
COMMENTS = 1_500  # that a simulated room hears
SMALL_SITES = (
    Site("many posts, people read", 1, 200, comments_per_hour=0.2),
    Site("many posts, people talk", 1, 200, comments_per_hour=2),
    Site("one post, people read", 1, 1, comments_per_hour=0.2),
    Site("one post, people talk", 1, 1, comments_per_hour=2),
)

Columns = Sequence[tuple[Site, Sequence[Load]]]


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


def limits() -> str:
    rows = [
        ("more than was simulated" if at is None else number(at), limit.part, limit.takes, limit.then)
        for limit, at in passed_at(current())
    ]
    return table(("passed at readers", "part", "what it takes", "what to do then"), rows, words=4)


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
        "work of a heartbeat",
    )
    return table(head, rows, words=0)


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


def million() -> str:
    found = best_layout(current(), MILLION)
    bought = machines(current(), found)
    largest, typical = max(found, key=lambda cell: cell.processes), typical_cell(found)
    rows = [
        (
            f"{bought.proxies}",
            "proxies that end TLS, one of them to spare",
            f"{bought.proxies_for}; {bought.gbit:.0f} Gbit/s in all, and"
            f" {number(MILLION.readers / (bought.proxies - 1))} readers each when one is away",
        ),
        (
            f"{bought.servers}",
            f"machines for {processes_of(found)} processes, {PROCESSES_PER_MACHINE} on each",
            f"CPU at {TARGET:.0%}; {number(MILLION.readers / processes_of(found))} sockets each, on average",
        ),
        (
            f"{len(found)}",
            "cells",
            f"a typical one has {typical.processes} processes for {number(typical.readers)} readers, the one"
            f" with the largest room {largest.processes} for {number(largest.readers)}",
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
