"""Results for people and for programs: a table on the terminal, Markdown, JSON, and plots."""

import json
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import plots
from .load import Measures
from .targets import TARGETS, Medians

Rounds = dict[str, dict[str, list[Measures]]]  # case -> contestant -> one entry per round

# Shown in this order, as far as a case has them.
SHOWN: list[tuple[str, str]] = [
    ("cpu_per_delivery_us", "server CPU per delivery, us"),
    ("without_write_us", "the same without the write, us"),
    ("cpu_per_comment_us", "server CPU per comment, us"),
    ("database_cpu_per_comment_us", "database CPU per comment, us"),
    ("deliveries_per_second", "deliveries per second"),
    ("deliveries_per_core_second", "deliveries per second of the busiest process's CPU"),
    ("accepted_per_second", "accepted comments per second"),
    ("click_p50_ms", "from a moderator's click to the reader's page, p50, ms"),
    ("click_p99_ms", "from a moderator's click to the reader's page, p99, ms"),
    ("click_max_ms", "from a moderator's click to the reader's page, max, ms"),
    ("click_drawn_p50_ms", "the same until the page is drawn, p50, ms"),
    ("click_drawn_p99_ms", "the same until the page is drawn, p99, ms"),
    ("clicks", "clicks that were counted"),
    ("cpu_per_decision_us", "without a browser: server CPU per decision, us"),
    ("database_cpu_per_decision_us", "database CPU per decision, us"),
    ("answered_p50_ms", "until the moderator is answered, p50, ms"),
    ("answered_p99_ms", "until the moderator is answered, p99, ms"),
    ("answered_max_ms", "until the moderator is answered, max, ms"),
    ("heard_p50_ms", "until every reader has heard, p50, ms"),
    ("heard_p99_ms", "until every reader has heard, p99, ms"),
    ("heard_max_ms", "until every reader has heard, max, ms"),
    ("p50_ms", "until delivered, p50, ms"),
    ("p99_ms", "until delivered, p99, ms"),
    ("max_ms", "until delivered, max, ms"),
    ("last_reader_p50_ms", "until the last reader has it, p50, ms"),
    ("last_reader_p99_ms", "until the last reader has it, p99, ms"),
    ("last_reader_max_ms", "until the last reader has it, max, ms"),
    ("elsewhere_p50_ms", "until delivered in the other process, p50, ms"),
    ("alone_p50_ms", "one comment at a time, 500 readers: p50, ms"),
    ("alone_elsewhere_p50_ms", "the same in the other process: p50, ms"),
    ("memory_per_connection_kib", "memory per connection, KiB"),
    ("memory_before_mib", "memory before, MiB"),
    ("joins_per_second", "joins per second"),
    ("join_p50_ms", "until joined, p50, ms"),
    ("join_p99_ms", "until joined, p99, ms"),
    ("cpu_per_join_us", "server CPU per join, us"),
    ("history_bytes", "bytes of history per join"),
    ("again_joins_per_second", "coming back: joins per second"),
    ("again_join_p50_ms", "coming back: until joined, p50, ms"),
    ("again_join_p99_ms", "coming back: until joined, p99, ms"),
    ("again_cpu_per_join_us", "coming back: server CPU per join, us"),
    ("came_events_per_follower", "they come: events to a follower"),
    ("came_statuses_per_follower", "they come: statuses in these"),
    ("back_events_per_follower", "they lose the connection and come back: events to a follower"),
    ("went_events_per_follower", "they go: events to a follower"),
    ("went_statuses_per_follower", "they go: statuses in these"),
    ("all_last_p50_ms", "announced to all: until the last one has it, p50, ms"),
    ("all_last_max_ms", "announced to all: until the last one has it, max, ms"),
    ("all_answered_p50_ms", "announced to all: until the admin's page answers, p50, ms"),
    ("all_cpu_ms", "announced to all: server CPU, ms"),
    ("all_database_cpu_ms", "announced to all: database CPU, ms"),
    ("each_last_p50_ms", "announced to each by name: until the last one has it, p50, ms"),
    ("each_last_max_ms", "announced to each by name: until the last one has it, max, ms"),
    ("each_answered_p50_ms", "announced to each by name: until the admin's page answers, p50, ms"),
    ("each_cpu_ms", "announced to each by name: server CPU, ms"),
    ("each_database_cpu_ms", "announced to each by name: database CPU, ms"),
    ("page_ms", "page over HTTP, ms"),
    ("payload_bytes", "bytes of one event"),
    ("deliveries_per_read", "events that a reader finds at once"),
    ("server_cpu_share", "server's share of a core"),
    ("herd_cpu_share", "load generator's share of a core"),
    ("clicks_server_cpu_share", "with a browser: server's share of a core"),
    ("browser_cpu_share", "browser's and load generator's share of a core"),
    ("faults", "refused, lost, doubled or disconnected"),
]
# A load generator that is busy for so much of its time may be what a throughput ends at.
HERD_BUSY = 0.85
HIDDEN_AT_ZERO = {
    "elsewhere_p50_ms",
    "alone_elsewhere_p50_ms",
    "faults",
    "database_cpu_per_comment_us",
    "database_cpu_per_decision_us",
}


def medians_of(rounds: Rounds) -> dict[str, dict[str, Measures]]:
    """The median of each measure over the rounds; faults are added up."""
    medians: dict[str, dict[str, Measures]] = {}
    for case, contestants in rounds.items():
        for contestant, entries in contestants.items():
            names = {name for entry in entries for name in entry}
            figures = {
                name: statistics.median(entry[name] for entry in entries if name in entry) for name in names
            }
            if "faults" in figures:
                figures["faults"] = sum(entry.get("faults", 0) for entry in entries)
            medians.setdefault(case, {})[contestant] = figures
    _take_writes_off(medians)
    return medians


def _take_writes_off(medians: dict[str, dict[str, Measures]]) -> None:
    """What a delivery costs beside the write: the write and one delivery were measured with one reader."""
    for case, contestants in medians.items():
        kind, _, readers = case.rpartition("-")
        if kind not in {"one", "hot"} or readers == "1":
            continue
        for contestant, figures in contestants.items():
            alone = medians.get(f"{kind}-1", {}).get(contestant)
            if alone is not None:
                more = figures["cpu_per_comment_us"] - alone["cpu_per_comment_us"]
                figures["without_write_us"] = more / (int(readers) - 1)


def markdown(medians: Medians, rounds: Rounds, about: Mapping[str, str]) -> str:
    lines = ["# Bench", "", *(f"- {name}: {value}" for name, value in about.items()), ""]
    lines += _table(("target", "wanted", "measured", ""), _target_rows(medians))
    for case, contestants in medians.items():
        taken = min(len(entries) for entries in rounds[case].values())
        lines += ["", f"## {case}", "", f"Rounds: {taken}", ""]
        lines += [*_table(*_case_rows(contestants)), *_warnings(contestants)]
    lines += ["", *(f"![{title}]({name}.svg)" for name, title in plots.TITLES.items()), ""]
    return "\n".join(lines)


def _target_rows(medians: Medians) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for target in TARGETS:
        value = target.value(medians)
        measured = "" if value is None else f"{value:.2f} {target.unit}"
        rows.append((target.what, target.bound, measured, target.verdict(medians)))
    return rows


def _case_rows(contestants: Mapping[str, Measures]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """One column for each contestant, and one for the ratio of the first to each other."""
    names = list(contestants)
    first, others = names[0], names[1:]
    head = ["", *names, *(f"{first} / {other}" for other in others)]
    rows: list[Sequence[str]] = []
    for measure, words in SHOWN:
        figures = [contestants[name].get(measure) for name in names]
        if not any(figures) and (measure in HIDDEN_AT_ZERO or all(each is None for each in figures)):
            continue
        row = [words, *(_number(figure) for figure in figures)]
        own = figures[0]
        row += ["" if own is None or not other else f"{own / other:.2f}" for other in figures[1:]]
        rows.append(row)
    return head, rows


def _warnings(contestants: Mapping[str, Measures]) -> list[str]:
    """What keeps a case's figures from being the server's own."""
    lines = []
    for name, figures in contestants.items():
        if figures.get("herd_cpu_share", 0) > HERD_BUSY:
            lines.append(f"Deliveries per second of {name} may be the load generator's limit: it was busy.")
        if figures.get("faults"):
            lines.append(f"{name}: {figures['faults']:.0f} were refused, lost, doubled or disconnected.")
    return ["", *lines] if lines else []


def _number(figure: float | None) -> str:
    if figure is None:
        return ""
    if abs(figure) >= 1_000:
        return f"{figure:,.0f}"
    return f"{figure:.0f}" if figure == int(figure) else f"{figure:.2f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table that can be read as plain text too."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(row: Sequence[str]) -> str:
        cells = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(cells)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [line(head), line(rule), *(line(row) for row in rows)]


def write(directory: Path, rounds: Rounds, about: Mapping[str, Any]) -> str:
    """Write `results.json`, `results.md` and the plots; the Markdown."""
    directory.mkdir(parents=True, exist_ok=True)
    medians = medians_of(rounds)
    about = {"when": datetime.now(UTC).isoformat(timespec="seconds"), **about}
    targets = [
        {
            "target": target.what,
            "wanted": target.bound,
            "measured": target.value(medians),
            "verdict": target.verdict(medians),
        }
        for target in TARGETS
    ]
    everything = {"about": about, "targets": targets, "medians": medians, "rounds": rounds}
    (directory / "results.json").write_text(json.dumps(everything, indent=1) + "\n")
    text = markdown(medians, rounds, about)
    (directory / "results.md").write_text(text)
    for name, plot in plots.draw(medians).items():
        (directory / f"{name}.svg").write_text(plot)
    return text
