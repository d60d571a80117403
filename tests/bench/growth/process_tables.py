"""What one process does: a room, a viral post, a small machine, everybody coming back."""

import math

from .costs import DRAIN
from .fitting import current
from .room import simulate
from .site import (
    MILLION,
    MOST_SOCKETS,
    TARGET,
    VIRAL,
    Site,
    best_layout,
    typical_cell,
)
from .small import SMALL_CORES, SMALL_GIB, small_machine
from .storm import LOOKED_FOR, Storm, come_back
from .wording import number, percent, table

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
VIRAL_PROCESSES = (1, 2, 4, 8, 16)
ONE_BUS_SIZES = (10_000, 30_000, 100_000, 200_000, 300_000, 1_000_000)
COMMENTS = 1_500  # that a simulated room hears
SMALL_SITES = (
    Site("many posts, people read", 1, 200, comments_per_hour=0.2),
    Site("many posts, people talk", 1, 200, comments_per_hour=2),
    Site("one post, people read", 1, 1, comments_per_hour=0.2),
    Site("one post, people talk", 1, 1, comments_per_hour=2),
)
COMMENTS = 1_500  # that a simulated room hears
SMALL_SITES = (
    Site("many posts, people read", 1, 200, comments_per_hour=0.2),
    Site("many posts, people talk", 1, 200, comments_per_hour=2),
    Site("one post, people read", 1, 1, comments_per_hour=0.2),
    Site("one post, people talk", 1, 1, comments_per_hour=2),
)


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
                *(_when(at) for at in (found.half, found.nearly_all, found.everybody)),
                number(found.attempts),
            )
        )
    head = ("what happens", "readers for one process", "half are back", "99%", "all", "attempts per reader")
    return table(head, rows)


def _when(seconds: float) -> str:
    return f"{number(seconds)} s" if math.isfinite(seconds) else f"not in {LOOKED_FOR / 60:.0f} min"


def storms() -> list[Storm]:
    """A deploy process by process, and what is worse."""
    others = max(1, typical_cell(best_layout(current(), MILLION)).processes - 1)
    share = math.ceil(MOST_SOCKETS / others)
    return [
        Storm(
            "one process of a cell stops; the others, at work, take its readers",
            share,
            DRAIN,
            free=1 - TARGET,
        ),
        Storm("the only process restarts, away for five seconds", MOST_SOCKETS, DRAIN, away=5),
        Storm("all lose their readers in the same second", MOST_SOCKETS, 1.0),
        Storm("the same with twice the readers", 2 * MOST_SOCKETS, 1.0),
        Storm("the same with four times the readers", 4 * MOST_SOCKETS, 1.0),
    ]
