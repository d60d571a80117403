"""A whole site on many processes: what each second costs, and how many processes and machines that takes.

Readers are spread over rooms by Zipf's law and stay for a while; some of them write. A room lives in a
*cell*: some processes that share one bus, each with the same share of the room's readers. With one cell
every process hears everything, which is what `serve` with one `REDIS_URL` does.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from . import costs as c
from .costs import ASSUMED, Costs

MICRO = 1e6
# Half a core on average leaves the other half to bursts: a heartbeat, a comment to a large room, readers who
# come back. At half the load whoever comes waits about as long as a piece of work takes; then soon longer.
TARGET = 0.5
# As many sockets as were measured in one process, and a little more; beyond that the model only guesses.
MOST_SOCKETS = 10_000
# A machine as one rents it: six processes, one core for the kernel's network, one to spare.
MACHINE_CORES, MACHINE_GIB, PROCESSES_PER_MACHINE = 8, 16, 6
MACHINE_GBIT = 5.0
PROXY_TARGET = 0.6
DATABASE_TARGET = 0.5
MOST_PROCESSES = 512  # in one cell
SEED = 1
INDIVIDUALS = 300  # rooms that are looked at one by one; smaller ones in groups of like size


@dataclass(frozen=True, slots=True)
class Site:
    """How many read, where, how long (seconds), and how much each writes in an hour; all of it assumed.

    `coming_back` is the share of joins that ask only for what changed.
    """

    name: str
    readers: int
    rooms: int
    zipf: float = 1.0
    stay: float = 300.0
    comments_per_hour: float = 1.0
    coming_back: float = 0.3


VIRAL = Site("one post, 20,000 readers", 20_000, 1, stay=180, comments_per_hour=3)
BUSY_SITE = Site("100,000 readers, 5,000 rooms", 100_000, 5_000)
MILLION = Site("1,000,000 readers, 50,000 rooms", 1_000_000, 50_000)
SITES = (VIRAL, BUSY_SITE, MILLION)


@dataclass(frozen=True, slots=True)
class Rooms:
    """`count` rooms with so many `readers` each."""

    readers: float
    count: float = 1.0


@lru_cache(maxsize=16)
def rooms_of(site: Site) -> list[Rooms]:
    """The largest one by one, the others grouped where they are alike."""
    weights = [rank**-site.zipf for rank in range(1, site.rooms + 1)]
    each = site.readers / sum(weights)
    rooms = [Rooms(weight * each) for weight in weights[:INDIVIDUALS]]
    groups: dict[int, list[float]] = defaultdict(list)
    for weight in weights[INDIVIDUALS:]:
        groups[round(math.log(weight * each) * 8)].append(weight * each)
    rooms += [Rooms(sum(sizes) / len(sizes), len(sizes)) for sizes in groups.values()]
    return rooms


def placed(site: Site, cells: int) -> list[list[Rooms]]:
    """The rooms of each cell, placed as a hash of the post's id places them: at random, but always alike."""
    chance = random.Random(SEED)
    found: list[list[Rooms]] = [[] for _ in range(cells)]
    for room in rooms_of(site):
        if room.count == 1:
            found[chance.randrange(cells)].append(room)
        else:
            for cell in found:
                cell.append(replace(room, count=room.count / cells))
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """What one cell does in a second.

    `cpu` is of one of its processes, in cores, by kind of work. `sent` and `heard` are messages on its bus;
    `database` cores, `redis` cores; `bytes_out` to all its readers; `queue_ms` how long work waits on average
    because other work is under way.
    """

    processes: int
    readers: float
    cpu: dict[str, float]
    comments: float
    transactions: float
    joins: float
    writes: float
    deliveries: float
    sent: float
    heard: float
    bytes_out: float
    database: float
    redis: float
    queue_ms: float

    @property
    def cpu_share(self) -> float:
        return sum(self.cpu.values())

    @property
    def sockets(self) -> float:
        return self.readers / self.processes


def load(costs: Costs, site: Site, rooms: Iterable[Rooms], processes: int) -> Load:
    """What a cell of so many processes has to do for these rooms."""
    rooms = list(rooms)
    readers = sum(room.readers * room.count for room in rooms)
    sockets = readers / processes
    write = costs.write_among(sockets)
    work: dict[str, float] = defaultdict(float)  # microseconds per second of the whole cell
    sent = repeated = writes = deliveries = posts_read = snapshots = squares = 0.0
    for room in rooms:
        n, count = room.readers, room.count
        here = processes * (1 - (1 - 1 / processes) ** n) if processes > 1 else 1.0  # processes that have it
        each = n / here
        comments, changes = n * site.comments_per_hour / 3600, 2 * n / site.stay
        at_once = max(1.0, comments * each * write / MICRO)
        work["delivery"] += count * comments * n * (write / at_once + costs.event)
        writes += count * comments * n / at_once
        deliveries += count * comments * n
        squares += count * comments / at_once * here * (each * write) ** 2
        # However many come and go, a process tells its readers once in so long, and the others as often.
        pause = c.PRESENCE_EVERY * max(1.0, each / c.PRESENCE_SOCKETS)
        told = changes / (1 + changes * pause)
        own = changes / here
        work["presence"] += count * here * told * (ASSUMED.encode + each * write)
        writes += count * n * told
        squares += count * here * told * (each * write) ** 2
        if processes > 1:
            sent += count * (comments + here * own / (1 + own * pause))
            repeated += count * here / c.PRESENCE_REPEATED
        work["heartbeat"] += count * (here * ASSUMED.encode + n * write) / c.HEARTBEAT_EVERY
        writes += count * n / c.HEARTBEAT_EVERY
        posts_read += count * here / c.HEARTBEAT_EVERY
        # A history is encoded anew when somebody joins after a change.
        snapshots += count * min(n / site.stay, comments * here)
    # All rooms of a process have their heartbeat in the same turn of its loop.
    squares += processes * (sockets * write) ** 2 / c.HEARTBEAT_EVERY
    joins, comments = readers / site.stay, readers * site.comments_per_hour / 3600
    batch = _batch(costs, comments / processes)
    work["joins"] += joins * _join(costs, site) + snapshots * (
        costs.join_alone - min(costs.join, costs.join_alone)
    )
    squares += joins * costs.join**2
    work["writing"] += comments * costs.writing(batch, posts=batch)
    ping = write + ASSUMED.pong
    work["pings"] += readers * (ping / c.PING_EVERY + ASSUMED.tick / c.TICK_EVERY)
    writes += readers / c.PING_EVERY
    work["sweep"] += readers * ASSUMED.verify / c.SWEEP_EVERY
    asked = joins * ASSUMED.budgets_per_join + comments * ASSUMED.budgets_per_comment
    work["rate limits"] += asked * ASSUMED.budget
    heard = 0.0
    if processes > 1:
        pulses = processes / c.PULSE_EVERY
        packets = sent + pulses + repeated / c.MESSAGES_AT_ONCE
        heard = sent + pulses + repeated
        work["bus"] += packets * (ASSUMED.bus_send + processes * ASSUMED.bus_hear)
        work["bus"] += repeated * (1 + processes) * ASSUMED.bus_each
        redis = (
            packets * (ASSUMED.redis_publish + processes * ASSUMED.redis_copy) + asked * ASSUMED.redis_budget
        ) / MICRO
    else:
        redis = asked * ASSUMED.redis_budget / MICRO
    cpu = {kind: value / MICRO / processes for kind, value in work.items()}
    share = sum(cpu.values())
    # Pollaczek and Khinchine: half the mean square of the work, over what is left of the core.
    waits = squares / processes / MICRO**2 / (2 * max(0.02, 1 - share))
    return Load(
        processes=processes,
        readers=readers,
        cpu=cpu,
        comments=comments,
        transactions=comments / batch,
        joins=joins,
        writes=writes,
        deliveries=deliveries,
        sent=sent + repeated,
        heard=heard,
        bytes_out=writes * ASSUMED.packet_bytes
        + deliveries * costs.event_bytes
        + joins * _history(costs, site),
        database=_database(costs, comments, batch, joins, readers, posts_read) / MICRO,
        redis=redis,
        queue_ms=waits * 1000,
    )


def _join(costs: Costs, site: Site) -> float:
    return costs.join * (1 - site.coming_back) + costs.join_back * site.coming_back


def _history(costs: Costs, site: Site) -> float:
    return costs.history_bytes * (1 - site.coming_back) + costs.back_bytes * site.coming_back


def _batch(costs: Costs, rate: float) -> float:
    """Comments per transaction of a process: those that come while the one before it is under way."""
    fixed = costs.transaction / MICRO + (costs.wait_ms + ASSUMED.fsync_ms) / 1000
    left = 1 - rate * costs.comment / MICRO
    return min(float(c.LARGEST_BATCH), max(1.0, rate * fixed / left if left > 0 else math.inf))


def _database(
    costs: Costs, comments: float, batch: float, joins: float, readers: float, posts_read: float
) -> float:
    return (
        comments * costs.storing(batch, posts=batch)
        + joins * ASSUMED.database_join
        + readers / c.SWEEP_EVERY * ASSUMED.database_verify
        + posts_read * ASSUMED.database_room
    )


def cell_for(costs: Costs, site: Site, rooms: Sequence[Rooms]) -> Load | None:
    """The smallest cell that does this at the target; None where no number of processes does."""
    readers = sum(room.readers * room.count for room in rooms)
    processes = max(1, math.ceil(readers / MOST_SOCKETS))
    while processes <= MOST_PROCESSES:
        found = load(costs, site, rooms, processes)
        if found.cpu_share <= TARGET:
            return found
        processes += max(1, processes // 20)
    return None


def layout(costs: Costs, site: Site, cells: int) -> list[Load] | None:
    """The cells of a whole site; None where one of them does not fit."""
    found = [cell_for(costs, site, rooms) for rooms in placed(site, cells)]
    fitting = [each for each in found if each is not None]
    return fitting if len(fitting) == len(found) else None


CELLS = (1, 2, 4, 8, 16, 24, 32, 48, 64)


@lru_cache(maxsize=16)
def best_layout(costs: Costs, site: Site) -> list[Load]:
    """The layout with the fewest processes, and of two alike the one with fewer cells. Raises ValueError."""
    found = [cells for number in CELLS if (cells := layout(costs, site, number)) is not None]
    if not found:
        raise ValueError(f"{site.name} does not fit")
    return min(found, key=lambda cells: (processes_of(cells), len(cells)))


def processes_of(cells: Iterable[Load]) -> int:
    return sum(cell.processes for cell in cells)


def proxy_cores(load: Load) -> float:
    """Cores that proxies need for a cell."""
    return (load.writes * ASSUMED.proxy_write + load.joins * ASSUMED.proxy_join) / MICRO


def typical_cell(cells: Sequence[Load]) -> Load:
    """The one in the middle."""
    return sorted(cells, key=lambda cell: cell.readers)[len(cells) // 2]


@dataclass(frozen=True, slots=True)
class Machines:
    """What a layout is bought as; `database_cores` and `redis_cores` are used, not bought."""

    servers: int
    proxies: int
    proxies_for: str
    redis: int
    database_cores: float
    redis_cores: float
    gbit: float


def machines(costs: Costs, cells: Sequence[Load]) -> Machines:
    readers = sum(cell.readers for cell in cells)
    gbit = sum(cell.bytes_out for cell in cells) * 8 / 1e9
    by = {
        "memory": readers * ASSUMED.proxy_kib / 2**20 / (MACHINE_GIB * 0.75),
        "CPU": sum(map(proxy_cores, cells)) / (MACHINE_CORES * PROXY_TARGET),
        "network": gbit / (MACHINE_GBIT * PROXY_TARGET),
    }
    needs = max(by, key=lambda name: by[name])
    return Machines(
        servers=math.ceil(processes_of(cells) / PROCESSES_PER_MACHINE),
        # One more than needed, so that one may be away.
        proxies=math.ceil(by[needs]) + 1,
        proxies_for=needs,
        redis=len(cells) if len(cells) > 1 or cells[0].processes > 1 else 0,
        database_cores=sum(cell.database for cell in cells),
        redis_cores=max(cell.redis for cell in cells),
        gbit=gbit,
    )
