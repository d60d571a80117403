"""docs/scaling.md: what stands between its markers is made here, and its plots."""

import re
from pathlib import Path

from tests.bench import plots

from .fitting import current
from .limits import grown, growth
from .room import simulate
from .site import best_layout, processes_of
from .tables import TABLES

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT = DOCS / "scaling.md"
MARKED = re.compile(r"(<!-- growth:([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
ROOM_RATES = [2.0**power for power in range(-2, 9)]
SITE_SIZES = [round(5_000 * 1.3**step) for step in range(21)]


def marked(text: str) -> dict[str, str]:
    """What stands between the markers of a document, by name."""
    return {name: content.rstrip("\n") for _, name, content, _ in MARKED.findall(text)}


def renewed(text: str) -> str:
    """The document with its tables made anew. Raises KeyError for a name that there is no table of."""
    return MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[4]}", text)


def drawings() -> dict[str, str]:
    """The document's plots, by file name."""
    return {"growth-room.svg": _room(), "growth-bus.svg": _bus()}


def write() -> None:
    DOCUMENT.write_text(renewed(DOCUMENT.read_text()))
    for name, drawing in drawings().items():
        (DOCS / "images" / name).write_text(drawing)


def _room() -> str:
    curves = {
        f"{readers:,} readers": [
            (rate, simulate(current(), readers=readers, rate=rate, comments=600).per_delivery_us)
            for rate in ROOM_RATES
        ]
        for readers in (500, 2_000, 8_000)
    }
    title = "One room: what a delivery costs when more is written"
    return plots.lines(title, "comments per second", "us of CPU per delivery, the write included", curves)


def _bus() -> str:
    one: list[tuple[float, float]] = []
    for readers in SITE_SIZES:
        cell = growth(current(), readers).cell
        if cell is not None:
            one.append((readers, cell.processes))
    placed = [(float(each), float(processes_of(best_layout(current(), grown(each))))) for each in SITE_SIZES]
    curves = {"one bus": one, "rooms placed in cells": placed}
    return plots.lines("Processes that a site needs", "readers", "processes", curves)
