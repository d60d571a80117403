"""`python -m tests.bench.growth`: print the tables, or take a run's figures and rewrite the document."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from . import document, measured
from .tables import TABLES


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    parser.add_argument("--from", dest="results", type=Path, help="results.json of a run of the bench")
    parser.add_argument("--write", action="store_true", help="rewrite docs/scaling.md and its plots")
    parser.add_argument("--only", choices=TABLES, help="print one table")
    options = parser.parse_args(arguments)
    if options.results is not None:
        try:
            measured.take(options.results)
        except (OSError, ValueError, KeyError) as problem:
            sys.stderr.write(f"{options.results}: {problem}\n")
            return 1
    if options.results is not None or options.write:
        document.write()
    for name in [options.only] if options.only else TABLES:
        sys.stdout.write(f"\n{name}\n\n{TABLES[name]()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
