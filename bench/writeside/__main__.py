"""Measure a tool, or the anchors: `python -m bench.writeside METRIC … --data FOLDER [--system module:Class]`."""

from __future__ import annotations

import argparse
import importlib
import json
import time
from pathlib import Path
from typing import Any

from bench.writeside.anchors import ANCHORS
from bench.writeside.figures import shown
from bench.writeside.metrics import METRICS
from bench.writeside.protocol import System
from bench.writeside.sources import Data


def main() -> None:
    args = _arguments()
    options = dict(_option(text) for text in args.set)
    data = Data(args.data, args.half)
    for metric in args.metrics or METRICS:
        for name, system in _systems(args.system, metric, options).items():
            began = time.perf_counter()
            try:
                result = METRICS[metric](system, data, args.n)
            except NotImplementedError:
                print(f"{metric} · {name}: not implemented")
                continue
            print(f"{metric} · {args.half} · {name} · {time.perf_counter() - began:.0f} s\n{shown(result)}", flush=True)
            if args.json:
                line = {"metric": metric, "half": args.half, "system": name, "result": result}
                with args.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")


def _systems(name: str, metric: str, options: dict[str, Any]) -> dict[str, System]:
    if name == "anchors":
        return {known: anchor(options) for known, anchor in ANCHORS[metric].items()}
    module, _, cls = name.partition(":")
    return {name: getattr(importlib.import_module(module), cls)(options)}


def _option(text: str) -> tuple[str, Any]:
    key, _, value = text.partition("=")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.writeside", description=__doc__)
    parser.add_argument("metrics", nargs="*", choices=[*METRICS, []], metavar="METRIC", help=", ".join(METRICS))
    parser.add_argument("--system", default="anchors", help="module:Class of a tool's adapter; the anchors without it")
    parser.add_argument("--data", type=Path, required=True, help="the folder the public sets are in")
    parser.add_argument("--half", choices=("dev", "heldout"), default="dev")
    parser.add_argument("--n", type=int, default=0, help="at most so many rows of a set; 0: the usual number")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="an option for the adapter")
    parser.add_argument("--json", type=Path, help="a file that gets one line a result")
    return parser.parse_args()


if __name__ == "__main__":
    main()
