"""Measure what closer writes, beside the anchors, and keep the tables in `bench/RESULTS.md`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from bench.quality.system import CloserSystem
from bench.quality.tables import METRICS, OURS, table
from bench.quality.written import sections
from bench.results import keep
from bench.writeside.anchors import ANCHORS
from bench.writeside.figures import Result
from bench.writeside.metrics import METRICS as MEASURES
from bench.writeside.sources import Data

FOUND = Path(__file__).parents[1] / ".cache/quality.json"


def main() -> None:
    args = _arguments()
    if not args.data or not args.data.is_dir():
        sys.exit(
            "no data: say where with --data or CLOSER_DATA; bench/writeside/README.md tells where each set is to be had"
        )
    known: dict[str, dict[str, Result]] = json.loads(FOUND.read_text("utf-8")) if FOUND.exists() else {}
    for metric in args.metrics or METRICS:
        systems = {OURS: CloserSystem()} | {name: anchor() for name, anchor in ANCHORS[metric].items()}
        known[metric] = {name: MEASURES[metric](system, Data(args.data), args.n) for name, system in systems.items()}
        print("\n".join(table(metric, known[metric])), flush=True)
        FOUND.parent.mkdir(exist_ok=True)
        FOUND.write_text(json.dumps(known), "utf-8")
    if not args.n and known.keys() >= METRICS.keys():
        tables = [line for metric in METRICS for line in table(metric, known[metric])]
        keep("quality", "\n".join([*tables, *sections(args.data)]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("metrics", nargs="*", metavar="METRIC", help=f"{', '.join(METRICS)}; all without one")
    parser.add_argument("--data", type=Path, default=os.environ.get("CLOSER_DATA"), help="folder of the public sets")
    parser.add_argument("--n", type=int, default=0, help="at most so many rows of a set; tables are then only printed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
