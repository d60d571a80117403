"""Which part breaks first as a site grows, and at how many readers: one bus, as it comes out of the box."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from .costs import HEARTBEAT_EVERY, Costs
from .site import (
    DATABASE_TARGET,
    MACHINE_CORES,
    MACHINE_GBIT,
    MILLION,
    MOST_SOCKETS,
    PROXY_TARGET,
    TARGET,
    Load,
    Rooms,
    Site,
    cell_for,
    load,
    proxy_cores,
    rooms_of,
)

READERS_PER_ROOM = 20
# What the parts grant where nobody has changed anything.
LOCAL_PORTS = 60_999 - 32_768
DATABASE_CONNECTIONS, CONNECTIONS_PER_PROCESS = 100, 16


def grown(readers: int) -> Site:
    """The same site with more readers: rooms grow with them."""
    rooms = max(1, readers // READERS_PER_ROOM)
    return replace(MILLION, name=f"{readers:,} readers", readers=readers, rooms=rooms)


@dataclass(frozen=True, slots=True)
class Limit:
    """`passed` says whether this part has more than it takes, of a `Growth`."""

    part: str
    takes: str
    then: str
    passed: "Callable[[Growth], bool]"


@dataclass(frozen=True, slots=True)
class Growth:
    """A site of some size. `cell` is what its processes do with one bus, None where no number of them is
    enough; `plain` what as few processes as can hold the sockets would do, for parts that see all of them.
    """

    costs: Costs
    site: Site
    cell: Load | None
    plain: Load

    @property
    def processes(self) -> int:
        return (self.cell or self.plain).processes


def growth(costs: Costs, readers: int) -> Growth:
    site = grown(readers)
    rooms = rooms_of(site)
    fewest = max(1, math.ceil(readers / MOST_SOCKETS))
    return Growth(costs, site, cell_for(costs, site, rooms), load(costs, site, rooms, fewest))


def rooms_per_process(growth: Growth) -> float:
    """In how many rooms a process has somebody, on average."""
    return sum(room.count * _chance(room, growth.processes) for room in rooms_of(growth.site))


def _chance(room: Rooms, processes: int) -> float:
    """That somebody of a room is in a given process."""
    return float(1 - (1 - 1 / processes) ** room.readers)


def heartbeat_seconds(load: Load) -> float:
    """How long a process works for its heartbeat, once in `HEARTBEAT_EVERY`, with requests in between."""
    return load.cpu["heartbeat"] * HEARTBEAT_EVERY


LIMITS = [
    Limit(
        "one process",
        f"{TARGET:.0%} of its core, so that bursts have the rest, or {MOST_SOCKETS:,} sockets",
        "a second process, and with it PostgreSQL and Redis",
        lambda growth: growth.processes > 1,
    ),
    Limit(
        "ports between a proxy and one port of the server",
        f"{LOCAL_PORTS:,} by default",
        "a port for each process, `ip_local_port_range`, a second address",
        lambda growth: growth.site.readers > LOCAL_PORTS,
    ),
    Limit(
        "PostgreSQL's connections",
        f"{DATABASE_CONNECTIONS} by default; a process takes up to {CONNECTIONS_PER_PROCESS}",
        "`max_connections`, then a pooler",
        lambda growth: growth.processes * CONNECTIONS_PER_PROCESS > DATABASE_CONNECTIONS,
    ),
    Limit(
        "one proxy's cores",
        f"{PROXY_TARGET:.0%} of {MACHINE_CORES}",
        "a second proxy",
        lambda growth: proxy_cores(growth.plain) > MACHINE_CORES * PROXY_TARGET,
    ),
    Limit(
        "one proxy's network",
        f"{PROXY_TARGET:.0%} of {MACHINE_GBIT:g} Gbit/s",
        "a second proxy",
        lambda growth: growth.plain.bytes_out * 8 / 1e9 > MACHINE_GBIT * PROXY_TARGET,
    ),
    Limit(
        "the bus, as work for each process",
        "half of all that the processes do",
        "rooms placed in cells, a bus for each",
        lambda growth: growth.cell is None or growth.cell.cpu.get("bus", 0) > growth.cell.cpu_share / 2,
    ),
    Limit(
        "the bus, for good",
        "no number of processes is enough",
        "rooms placed in cells: nothing else helps",
        lambda growth: growth.cell is None,
    ),
    Limit(
        "one Redis",
        "half its core",
        "comes with the cells: one for each",
        lambda growth: growth.cell is None or growth.cell.redis > 0.5,
    ),
    Limit(
        "PostgreSQL's cores",
        f"{DATABASE_TARGET:.0%} of {MACHINE_CORES}",
        "a larger machine; replicas for pages; posts divided among databases last",
        lambda growth: growth.plain.database > MACHINE_CORES * DATABASE_TARGET,
    ),
]
SIZES = [round(500 * 1.15**step, -2) for step in range(61)]


@lru_cache(maxsize=4)
def passed_at(costs: Costs) -> list[tuple[Limit, int | None]]:
    """Each limit and the readers at which it is first passed, in that order; None where none were enough."""
    found: dict[str, int] = {}
    for size in SIZES:
        here = growth(costs, int(size))
        for limit in LIMITS:
            if limit.part not in found and limit.passed(here):
                found[limit.part] = here.site.readers
    pairs = [(limit, found.get(limit.part)) for limit in LIMITS]
    return sorted(pairs, key=lambda pair: pair[1] or 10**9)
