"""`python -m tests.bench`: measure, print, and write `results.json`, `results.md` and plots.

python -m tests.bench                                   everything, under twenty minutes
python -m tests.bench --quick                           everything once and smaller, under two
python -m tests.bench --cases one-500,hot-500 --rounds 1 --only postroom
"""

import argparse
import fnmatch
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.browser.chromium import CHROMIUM
from tests.servers import BASE_DIR

from . import machine, report, servers
from .cases import Trial, people_needed, trials
from .herd import Unavailable
from .load import Bench, prepared
from .report import Rounds

ROUNDS = 3
# No round of a trial begins that would end later than this; each trial has one round in any case.
MINUTES = 18.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    every = trials(quick=options.quick)
    if options.list:
        _say("\n".join(case for trial in every for case in trial.cases))
        return 0
    chosen = [trial for trial in every if _wanted(trial, options.cases)]
    if not chosen:
        _say("No case has such a name; --list shows them all.")
        return 2
    contestants = set(options.only.split(",")) if options.only else None
    with_node = options.database == "postgres" and (contestants is None or "node" in contestants)
    people = people_needed(chosen)
    reduced = [trial for trial in chosen if trial.people > people]
    for trial in reduced:
        names = ", ".join(trial.cases)
        _say(f"LEFT OUT: {names}: this machine lets a process open {people} connections")
        chosen.remove(trial)
    rounds: Rounds = {}
    started = time.monotonic()
    build_dir = Path(options.out) / "build"
    packages = _node_packages(build_dir / "node") if with_node else None
    browser = _browser() if any(trial.wants_browser for trial in chosen) else None
    try:
        with prepared(
            build_dir=build_dir,
            packages=packages,
            browser=browser,
            people=people,
            database=options.database,
            seconds=options.seconds or (0.5 if options.quick else 3.0),
        ) as bench:
            durations: dict[Trial, float] = {}
            for number in range(1, (options.rounds or (1 if options.quick else ROUNDS)) + 1):
                for trial in chosen:
                    begun = time.monotonic()
                    ends = begun - started + durations.get(trial, 0)
                    if number > 1 and ends > options.minutes * 60:
                        _say(f"{number}  no time for another round of {', '.join(trial.cases)}")
                        continue
                    _measure(bench, trial, number, options.cases, contestants, rounds)
                    durations[trial] = time.monotonic() - begun
    except (Unavailable, pytest.skip.Exception) as problem:
        _say(f"The bench cannot run: {problem}")
        return 1
    if not rounds:
        _say("Nothing was measured.")
        return 1
    about = {
        **machine.describe(),
        "placed": "server on core 0, load generator on core 1, database where the kernel puts it"
        + ("" if machine.cores() > 1 else "; ONE CORE ONLY: everything shares it"),
        "database": options.database + (", fsync off" if options.database == "postgres" else ""),
        "took": f"{time.monotonic() - started:.0f} s",
    }
    _say("\n" + report.write(Path(options.out), rounds, about))
    _say(f"Written to {options.out}")
    return 0


def _measure(
    bench: Bench,
    trial: Trial,
    number: int,
    patterns: Sequence[str],
    contestants: set[str] | None,
    rounds: Rounds,
) -> None:
    wanted = [case for case in trial.cases if _matches(case, patterns)]
    for contestant in trial.contestants:
        chosen = contestants is None or contestant in contestants or "worker" in contestant
        if not chosen or (contestant == "node" and bench.packages is None):
            continue
        start = time.monotonic()
        try:
            measured = trial.run(bench, contestant, wanted)
        except (Unavailable, RuntimeError, AssertionError, pytest.fail.Exception) as problem:
            # One server that fails under one load must not cost the figures of all others.
            _say(f"{number}  FAILED: {contestant} in {', '.join(wanted)}: {problem}")
            continue
        for case, figures in measured.items():
            rounds.setdefault(case, {}).setdefault(contestant, []).append(figures)
            _say(f"{number}  {case:<16} {contestant:<11} {_summary(figures)}")
            if figures.get("faults"):
                _say(f"   FAULTS: {figures['faults']:.0f} refused, lost, doubled or disconnected")
        _say(f"   {time.monotonic() - start:.1f} s")


def _node_packages(directory: Path) -> Path | None:
    try:
        return servers.install_packages(directory)
    except Unavailable as problem:
        _say(f"LEFT OUT: Node.js: {problem}")
        return None


def _browser() -> Path | None:
    if not CHROMIUM.exists():
        _say(f"LEFT OUT: a moderator's click in a browser: there is no Chromium at {CHROMIUM}")
        return None
    return CHROMIUM


def _summary(figures: dict[str, float]) -> str:
    shown = {
        "cpu_per_delivery_us": "{:.2f} us/delivery",
        "deliveries_per_second": "{:,.0f} deliveries/s",
        "accepted_per_second": "{:,.0f} comments/s",
        "click_p50_ms": "click p50 {:.1f} ms",
        "click_p99_ms": "p99 {:.1f} ms",
        "answered_p50_ms": "answered p50 {:.2f} ms",
        "heard_p50_ms": "everybody p50 {:.2f} ms",
        "p50_ms": "p50 {:.2f} ms",
        "p99_ms": "p99 {:.2f} ms",
        "memory_per_connection_kib": "{:.1f} KiB/connection",
        "page_ms": "page {:.1f} ms",
        "joins_per_second": "{:,.0f} joins/s",
        "join_p50_ms": "join p50 {:.2f} ms",
        "again_joins_per_second": "again {:,.0f} joins/s",
        "back_events_per_follower": "followers heard {:.2f} events of it",
        "all_last_p50_ms": "to all p50 {:.0f} ms",
        "each_last_p50_ms": "to each p50 {:.0f} ms",
        "herd_cpu_share": "generator {:.2f}",
    }
    return "  ".join(text.format(figures[name]) for name, text in shown.items() if name in figures)


def _wanted(trial: Trial, patterns: Sequence[str]) -> bool:
    return any(_matches(case, patterns) for case in trial.cases)


def _matches(case: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatch.fnmatchcase(case, pattern) for pattern in patterns)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="smaller cases, one round")
    parser.add_argument(
        "--cases", type=lambda text: text.split(","), default=[], help="names, comma-separated; * matches"
    )
    parser.add_argument("--only", help="contestants: postroom, node, kernel, comma-separated")
    parser.add_argument("--rounds", type=int, help=f"rounds, {ROUNDS} by default and 1 when quick")
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help="no further round after so many (%(default)s)"
    )
    parser.add_argument("--seconds", type=float, help="how long each load is kept up")
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--list", action="store_true", help="print the names of all cases")
    default = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var") / "bench"
    parser.add_argument("--out", default=str(default), help="where results are written (%(default)s)")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
