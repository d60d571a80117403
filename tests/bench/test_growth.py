"""The model comes near what was measured, the document says what the model says, more never costs less."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from comments.sockets import post_in_batch
from realtime import bus, presence, protocol
from tests.project.files import text

from .growth import (
    costs,
    document,
    fitting,
    foundations,
    limits,
    measured,
    process_tables,
    site,
    small,
    tables,
)
from .growth.costs import ASSUMED, Assumed, Costs, names_of
from .growth.fitting import current
from .growth.points import factor, points, typical_factor, worst_factor
from .growth.room import simulate
from .growth.site import MILLION, SITES, best_layout, load, processes_of, rooms_of
from .growth.storm import Storm, come_back

# A model that is further off than this says nothing, and the document must be written anew by hand.
TYPICAL, TYPICAL_UNSEEN, WORST = 1.4, 2.0, 4.0
SCALING = document.DOCUMENT.read_text()


# --- Against the figures ----------------------------------------------------------------------------


def test_the_model_reproduces_what_was_measured() -> None:
    assert len(points()) >= 12
    assert typical_factor() <= TYPICAL
    assert typical_factor(unseen=True) <= TYPICAL_UNSEEN
    assert worst_factor() <= WORST, [each for each in points() if factor(each.error) > WORST]


def test_the_search_finds_costs_that_figures_were_made_of() -> None:
    true = replace(Costs(), transaction=600.0, comment=90.0, write=6.0, growth=1.5, event=0.3)
    sizes = {"one": (1, 500, 8_000), "hot": (1, 500, 8_000), "relay-one": (500, 8_000), "relay-hot": (500,)}
    kind = fitting.KINDS[0]
    cases = [
        measured.Case(name, size, "postroom", {}) for name, many in sizes.items() for size in (*many, 2_000)
    ]
    cases = [case._replace(figures={kind.measure: kind.predict(true, case) or 0}) for case in cases]

    found = fitting.fit(kind, cases, Costs())

    for case in cases:
        assert (kind.predict(found, case) or 0) == pytest.approx(case.figures[kind.measure], rel=0.1)
    assert found.write == pytest.approx(true.write, rel=0.15)


def results(**medians: Mapping[str, Any]) -> dict[str, Any]:
    return {"about": {"cores": "2"}, "medians": medians, "rounds": {}}


def test_an_extract_keeps_what_the_model_needs_and_no_more() -> None:
    kept = json.loads(measured.MEASURED.read_text())

    assert measured.extract({"about": kept["about"], "medians": kept["cases"]}) == kept
    assert measured.MEASURED.stat().st_size < 20_000


def test_a_run_that_measured_too_little_is_refused() -> None:
    with pytest.raises(ValueError, match="no case of the kind one"):
        measured.extract(results(**{"idle-700": {"postroom": {"memory_per_connection_kib": 11.0}}}))


def test_the_model_uses_the_programs_own_numbers() -> None:
    assert costs.PING_EVERY == settings.PING_INTERVAL
    assert costs.HEARTBEAT_EVERY == settings.HEARTBEAT_INTERVAL
    assert costs.SWEEP_EVERY == settings.SWEEP_INTERVAL
    assert costs.DRAIN == settings.DRAIN_SECONDS
    assert limits.CONNECTIONS_PER_PROCESS == settings.DATABASE_THREADS + 12
    assert costs.TICK_EVERY == protocol.TICK
    assert costs.CONNECT_WITHIN == protocol.CONNECT_WITHIN
    assert costs.PRESENCE_EVERY == presence.INTERVAL
    assert costs.PRESENCE_SOCKETS == presence.SOCKETS_PER_INTERVAL
    assert costs.PULSE_EVERY == bus.PULSE_EVERY
    assert costs.MESSAGES_AT_ONCE == bus.MESSAGES_AT_ONCE
    assert post_in_batch._limit == costs.LARGEST_BATCH
    assert f"({costs.PRESENCE_REPEATED}, self._repeat_presence)" in text("realtime/server.py")
    assert "RETRY_FROM = 1000" in text("static/js/postroom/connection.js")


# --- The document -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_table_says_what_the_simulation_says(name: str) -> None:
    assert document.marked(SCALING)[name] == tables.TABLES[name]()


def test_the_document_has_every_table_once() -> None:
    assert sorted(re.findall(r"<!-- growth:([\w-]+) -->", SCALING)) == sorted(tables.TABLES)
    assert SCALING.count("<!-- end -->") == len(tables.TABLES)


@pytest.mark.parametrize("name", ["growth-room.svg", "growth-bus.svg"])
def test_a_plot_shows_what_the_simulation_says(name: str) -> None:
    assert (document.DOCS / "images" / name).read_text() == document.drawings()[name]


def test_no_figure_stands_outside_the_tables() -> None:
    prose = document.MARKED.sub("", SCALING)
    prose = re.sub(r"```.*?```", "", prose, flags=re.DOTALL)
    prose = re.sub(r"`[^`\n]*`", "", prose)

    assert re.findall(r".*\d.*", prose) == []


def test_every_link_of_the_document_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)", SCALING):
        assert (document.DOCS / target).exists(), target


def test_every_setting_that_the_document_names_exists() -> None:
    known = set(re.findall(r"^\| `(\w+)` \|", text("README.md"), re.MULTILINE)) | {"CONNECT_WITHIN"}
    prose = re.sub(r"```.*?```", "", document.MARKED.sub("", SCALING), flags=re.DOTALL)
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", prose))

    assert named - {"TCP_USER_TIMEOUT"} <= known


def test_every_assumption_and_every_cost_is_listed() -> None:
    assert set(foundations.COSTS_IN_WORDS) == set(names_of(Costs))
    for name in names_of(Assumed):
        assert f"| `{name}` |" in foundations.assumed()


def test_the_settings_are_enough_for_the_layout() -> None:
    cells = best_layout(current(), MILLION)
    bought = site.machines(current(), cells)
    per_proxy = MILLION.readers / (bought.proxies - 1)
    files = int(re.findall(r"LimitNOFILE=(\d+)", SCALING)[0])
    connections = int(re.findall(r"worker_connections (\d+)", SCALING)[0])
    tracked = int(re.findall(r"nf_conntrack_max = (\d+)", SCALING)[0])

    assert files >= 2 * max(cell.sockets for cell in cells)
    assert connections * site.MACHINE_CORES >= 2 * per_proxy
    assert files >= 2 * per_proxy / site.MACHINE_CORES
    assert tracked >= 2 * per_proxy
    assert f"worker_rlimit_nofile {files};" in SCALING


def test_what_the_document_says_in_words_is_so() -> None:
    """Each sentence that would be wrong if a new run turned it round."""
    passed = {limit.part: at or 10**9 for limit, at in limits.passed_at(current())}
    cells = best_layout(current(), MILLION)
    bought = site.machines(current(), cells)

    # One bus ends before a million, cells carry it, and PostgreSQL is enough for more.
    assert passed["the bus, for good"] < MILLION.readers < passed["PostgreSQL's cores"]
    assert passed["the bus, as work for each process"] <= passed["the bus, for good"]
    assert passed["one process"] < passed["the bus, as work for each process"]
    assert len(cells) > 1
    # Cells that are too few or too many need more processes.
    sizes = {n: processes_of(found) for n in site.CELLS if (found := site.layout(current(), MILLION, n))}
    assert sizes[min(sizes)] > min(sizes.values()) < sizes[max(sizes)]
    # A site whose readers are spread evenly needs a fraction.
    assert processes_of(best_layout(current(), replace(MILLION, zipf=0.8))) < 0.8 * processes_of(cells)
    # Proxies are a good part of the machines.
    assert 0.15 < bought.proxies / (bought.proxies + bought.servers) < 0.6
    # A small machine ends at the one core of its process.
    assert {small.small_machine(current(), each).ends_at for each in process_tables.SMALL_SITES} == {
        "the process's core"
    }
    # Of PostgreSQL's work joins are the largest part.
    joins = sum(cell.joins for cell in cells) * ASSUMED.database_join / 1e6
    assert joins > bought.database_cores / 3
    # Comments cost less in a hot room.
    calm, hot = (simulate(current(), readers=2_000, rate=rate, comments=800) for rate in (0.5, 128))
    assert hot.per_delivery_us < calm.per_delivery_us / 2


# --- Sense ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SITES, ids=lambda each: each.name)
def test_more_readers_never_cost_less(kind: site.Site) -> None:
    before = 0.0
    for readers in (1_000, 5_000, 20_000, 100_000, 400_000):
        grown = replace(kind, readers=readers)
        found = load(current(), grown, rooms_of(grown), 20)
        assert found.cpu_share > before
        assert sum(found.cpu.values()) == found.cpu_share
        before = found.cpu_share


def test_more_comments_never_cost_less() -> None:
    for figure in ("cpu_share", "deliveries", "bytes_out", "database", "sent"):
        sites = [replace(MILLION, readers=50_000, comments_per_hour=rate) for rate in (0.1, 1, 10, 100)]
        values = [getattr(load(current(), each, rooms_of(each), 20), figure) for each in sites]
        assert values == sorted(values), figure


def test_a_site_that_grows_never_needs_fewer_processes() -> None:
    found = [limits.growth(current(), readers) for readers in (1_000, 10_000, 30_000, 100_000)]
    processes = [each.processes for each in found]

    assert processes == sorted(processes)


def test_every_reader_and_every_room_is_somewhere() -> None:
    for kind in SITES:
        for cells in (1, 8):
            placed = [room for cell in site.placed(kind, cells) for room in cell]
            assert sum(room.count for room in placed) == pytest.approx(kind.rooms)
            assert sum(room.readers * room.count for room in placed) == pytest.approx(kind.readers)


def test_a_hot_room_sends_more_at_once_and_delivers_for_less() -> None:
    found = [simulate(Costs(), readers=2_000, rate=rate, comments=800) for rate in (1, 10, 100, 400)]

    assert [each.events_per_write for each in found] == sorted(each.events_per_write for each in found)
    assert found[-1].per_delivery_us < found[0].per_delivery_us / 3
    assert all(each.busy <= 1 + 1e-9 for each in found)
    assert all(each.p50_ms <= each.p99_ms for each in found)


def test_larger_rooms_wait_longer() -> None:
    found = [simulate(current(), readers=readers, rate=1, comments=300) for readers in (100, 1_000, 10_000)]

    assert [each.p50_ms for each in found] == sorted(each.p50_ms for each in found)


def test_one_process_has_no_bus_and_two_have() -> None:
    alone, both = (load(current(), SITES[1], rooms_of(SITES[1]), number) for number in (1, 2))

    assert "bus" not in alone.cpu
    assert both.cpu["bus"] > 0


def test_everybody_comes_back_and_a_larger_crowd_later() -> None:
    crowds = [Storm("", readers, 5.0) for readers in (500, 2_000, 8_000)]
    found = [come_back(replace(current(), join_back=1_000), each) for each in crowds]

    assert [each.everybody for each in found] == sorted(each.everybody for each in found)
    for each in found:
        assert each.half <= each.nearly_all <= each.everybody
        assert each.attempts >= 1


def test_nobody_gets_in_while_the_process_is_away() -> None:
    assert come_back(current(), Storm("", 500, 1.0, away=10)).half > 10


def test_a_crowd_that_is_too_large_is_not_simulated_for_ever() -> None:
    assert come_back(replace(current(), join_back=50_000), Storm("", 5_000, 1.0)).everybody == math.inf


def test_what_is_assumed_has_a_reason() -> None:
    assert all(getattr(ASSUMED, name) > 0 for name in names_of(Assumed))
    assert Path(document.DOCUMENT).exists()
