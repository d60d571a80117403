"""What one small machine holds, with everything on it: one process, PostgreSQL, the proxy."""

from dataclasses import dataclass, replace

from .costs import ASSUMED, Costs
from .site import TARGET, Load, Site, load, proxy_cores, rooms_of

SMALL_CORES, SMALL_GIB = 2, 4
SMALL_TARGET = 0.7  # of both cores together
SYSTEM_GIB = 1.0  # the system, PostgreSQL, what Python needs beside the sockets


@dataclass(frozen=True, slots=True)
class Small:
    """How many readers a small machine holds with everything on it, and what ends it."""

    site: Site
    readers: int
    ends_at: str
    load: Load
    memory_gib: float
    cores: float


def small_machine(costs: Costs, site: Site) -> Small:
    """The most readers of this kind of site for one process, its database and its proxy on one machine."""
    low, high = 1, 200_000
    while low < high - 1:
        middle = (low + high) // 2
        if _limit(costs, replace(site, readers=middle)) is None:
            low = middle
        else:
            high = middle
    site = replace(site, readers=low)
    found = load(costs, site, rooms_of(site), 1)
    ends_at = _limit(costs, replace(site, readers=low + 1)) or ""
    return Small(site, low, ends_at, found, _small_memory(costs, low), _small_cores(found))


def _limit(costs: Costs, site: Site) -> str | None:
    found = load(costs, site, rooms_of(site), 1)
    if found.cpu_share > TARGET:
        return "the process's core"
    if _small_cores(found) > SMALL_CORES * SMALL_TARGET:
        return "both cores"
    if _small_memory(costs, site.readers) > SMALL_GIB:
        return "memory"
    return None


def _small_cores(found: Load) -> float:
    return found.cpu_share + found.database + found.redis + proxy_cores(found)


def _small_memory(costs: Costs, readers: float) -> float:
    each = costs.connection_kib + ASSUMED.kernel_kib + ASSUMED.proxy_kib
    return SYSTEM_GIB + costs.process_mib / 1024 + readers * each / 2**20
