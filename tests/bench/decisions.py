"""How long a moderator's decision takes to the readers: between bare sockets, and from click to page."""

import statistics
import time
from collections.abc import Sequence

from . import machine
from .herd import Herd
from .load import Bench, Helper, Measures
from .servers import Served

WARM = 8  # decisions that do not count: what a server or a page does only once
HEARD_WITHIN = 5.0  # seconds
MOST_FAULTS = 3  # of clicks: each is waited for in vain for long
# Seconds from a click to the next. Nobody may do more than five in a second for long; and in even steps they
# would always, or never, meet what a server does for its desks at intervals.
PAUSES = (0.2, 0.27, 0.22, 0.29, 0.24)
CLICKING = 3  # times as long as other loads: a click waits for a page to be drawn, and a p99 wants many


def over_sockets(
    bench: Bench, served: Served, herd: Herd, moderator: Helper, *, readers: int, at_most: int
) -> Measures:
    """The next decision is made when every reader has heard of the one before."""
    answered: list[float] = []
    complete: list[float] = []
    faults = 0
    ends = cpu = database = own = began = 0.0
    for number in range(WARM + at_most):
        if number == WARM:
            cpu, database, own = served.cpu_seconds(), bench.database_cpu_seconds(), _own(herd, moderator)
            began = time.monotonic()
            ends = began + bench.seconds
        elif ends and time.monotonic() > ends:
            break
        decision = moderator.ask("decide")
        heard = herd.hear(readers, seconds=HEARD_WITHIN)
        if not decision["ok"] or heard["events"] != readers:
            faults += 1
        elif number >= WARM:
            answered.append((decision["answered"] - decision["sent"]) / 1e6)
            complete.append((heard["last"] - decision["sent"]) / 1e6)
    wall = time.monotonic() - began
    if not complete:
        raise RuntimeError("no decision reached the readers")
    used = served.cpu_seconds() - cpu
    return {
        "cpu_per_decision_us": used / len(complete) * 1e6,
        "database_cpu_per_decision_us": (bench.database_cpu_seconds() - database) / len(complete) * 1e6,
        **_times("answered", answered),
        **_times("heard", complete),
        "server_cpu_share": used / wall,
        "herd_cpu_share": (_own(herd, moderator) - own) / wall,
        "faults": float(faults),
    }


def in_a_browser(bench: Bench, served: Served, herd: Herd, moderator: Helper, *, at_most: int) -> Measures:
    """The next click is made when the reader's page has been drawn with the comment of the one before, and
    no sooner than a person would."""
    there: list[float] = []
    drawn: list[float] = []
    problems: list[str] = []
    ends = cpu = own = began = 0.0
    for number in range(WARM + at_most):
        if number == WARM:
            cpu, own, began = served.cpu_seconds(), _own(herd, moderator), time.monotonic()
            ends = began + bench.seconds * CLICKING
        elif ends and time.monotonic() > ends:
            break
        clicked = time.monotonic()
        came = moderator.ask("click")
        time.sleep(max(0.0, clicked + PAUSES[number % len(PAUSES)] - time.monotonic()))
        if isinstance(came, str):
            problems.append(came)
            if len(problems) == MOST_FAULTS:
                break
        elif number >= WARM:
            there.append(came["there"])
            drawn.append(came["drawn"])
    wall = time.monotonic() - began
    if not there:
        raise RuntimeError(f"no click reached the reader's page: {problems}")
    return {
        **_times("click", there),
        **_times("click_drawn", drawn),
        "clicks": float(len(there)),
        "clicks_server_cpu_share": (served.cpu_seconds() - cpu) / wall,
        "browser_cpu_share": (_own(herd, moderator) - own) / wall,
        "faults": float(len(problems)),
    }


def _own(herd: Herd, moderator: Helper) -> float:
    """CPU seconds of what is beside the server on the other core, the browser included."""
    return machine.cpu_seconds([herd.pid]) + moderator.cpu_seconds()


def _times(name: str, milliseconds: Sequence[float]) -> Measures:
    return {
        f"{name}_p50_ms": statistics.median(milliseconds),
        f"{name}_p99_ms": sorted(milliseconds)[round(0.99 * (len(milliseconds) - 1))],
        f"{name}_max_ms": max(milliseconds),
    }
