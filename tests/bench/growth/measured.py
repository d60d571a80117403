"""What the model needs of a run of the bench, in a small file that people can read: `measured.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

MEASURED = Path(__file__).parent.parent / "measured.json"
OURS = ("postroom", "one worker", "two workers")
# Units are in the names: microseconds of CPU time, milliseconds by the clock, bytes, KiB, MiB.
MEASURES = (
    "cpu_per_comment_us",
    "database_cpu_per_comment_us",
    "accepted_per_second",
    "last_reader_p50_ms",
    "deliveries_per_read",
    "payload_bytes",
    "alone_cpu_per_comment_us",
    "memory_per_connection_kib",
    "memory_before_mib",
    "cpu_per_join_us",
    "joins_per_second",
    "history_bytes",
    "again_cpu_per_join_us",
    "again_joins_per_second",
    "again_history_bytes",
)
# Without these there is nothing to begin with. The others make the model surer.
NEEDED = ("one", "hot", "relay-one", "relay-hot", "accepted", "rooms", "idle", "reconnect")

Figures = Mapping[str, float]


class Case(NamedTuple):
    """One case of the bench as `contestant` did it: `hot-500` is kind `hot` with size 500."""

    kind: str
    size: int
    contestant: str
    figures: Figures


class Measured(NamedTuple):
    """`about` says on which machine and when."""

    about: Mapping[str, str]
    cases: list[Case]

    def case(self, kind: str, contestant: str = "postroom") -> Case:
        """The largest of a kind. Raises KeyError."""
        found = [case for case in self.cases if (case.kind, case.contestant) == (kind, contestant)]
        if not found:
            raise KeyError(kind)
        return max(found, key=lambda case: case.size)


def extract(results: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a `results.json`. Raises ValueError where too little was measured."""
    cases: dict[str, dict[str, dict[str, float]]] = {}
    for name, contestants in results["medians"].items():
        for contestant in OURS:
            figures = contestants.get(contestant, {})
            kept = {key: float(f"{figures[key]:.4g}") for key in MEASURES if figures.get(key)}
            if kept:
                cases.setdefault(name, {})[contestant] = kept
    missing = [kind for kind in NEEDED if not any(name.rpartition("-")[0] == kind for name in cases)]
    if missing:
        raise ValueError(f"this run has no case of the kind {', '.join(missing)}")
    return {"about": dict(results["about"]), "cases": cases}


def read(extracted: Mapping[str, Any]) -> Measured:
    cases = []
    for name, contestants in extracted["cases"].items():
        kind, _, size = name.rpartition("-")
        cases += [Case(kind, int(size), who, figures) for who, figures in contestants.items()]
    return Measured(extracted["about"], cases)


def load(path: Path = MEASURED) -> Measured:
    return read(json.loads(path.read_text()))


def take(results: Path, path: Path = MEASURED) -> None:
    """Replace the kept figures by those of a run."""
    path.write_text(json.dumps(extract(json.loads(results.read_text())), indent=1) + "\n")
