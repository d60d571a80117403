"""The tables of docs/scaling.md, by name. Every figure in the document is in one of them."""

from collections.abc import Callable

from . import foundations, process_tables, site_tables
from .fitting import current
from .limits import passed_at
from .points import typical_factor, worst_factor
from .process_tables import SMALL_SITES
from .site import MILLION, best_layout, machines, processes_of
from .small import SMALL_CORES, SMALL_GIB, small_machine
from .wording import number


def summary() -> str:
    calm, busy = (small_machine(current(), site).readers for site in (SMALL_SITES[0], SMALL_SITES[3]))
    found = best_layout(current(), MILLION)
    bought = machines(current(), found)
    passed = {limit.part: at for limit, at in passed_at(current())}
    for_good = passed["the bus, for good"]
    ends = "beyond what was simulated" if for_good is None else f"at about {number(for_good)} readers"
    return "\n".join(
        [
            f"- A machine with {SMALL_CORES} cores and {SMALL_GIB} GiB, everything on it, holds from"
            f" {number(busy)} readers (all in one post, talking) to {number(calm)} (over many posts,"
            " reading).",
            "- More processes carry more readers until the bus, which every process hears in full, takes all"
            f" they have: {ends}. That cannot be bought off with processes or a larger Redis.",
            f"- Rooms placed in cells carry a million: {processes_of(found)} processes on"
            f" {bought.servers} machines, {len(found)} cells, {bought.proxies} proxies, one PostgreSQL.",
            f"- The model is off by a factor of {typical_factor():.2f} at a typical measured point and"
            f" {worst_factor():.1f} at the worst. What it says of a million is an order, not a promise.",
        ]
    )


TABLES: dict[str, Callable[[], str]] = {
    "summary": summary,
    "about": foundations.about,
    "points": foundations.measured_points,
    "errors": foundations.errors,
    "costs": foundations.fitted,
    "assumed": foundations.assumed,
    "room": process_tables.room,
    "viral": process_tables.viral,
    "small": process_tables.small,
    "storm": process_tables.storm,
    "scenarios": site_tables.scenarios,
    "sites": site_tables.sites,
    "drivers": site_tables.drivers,
    "limits": site_tables.limits,
    "one-bus": site_tables.one_bus,
    "cells": site_tables.cells,
    "million": site_tables.million,
    "doubling": site_tables.doubling,
}
