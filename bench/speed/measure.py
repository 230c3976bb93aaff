"""CPU, wall time and peak memory of a piece of work in a process of its own, children included."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU (user and system, children included), seconds of wall time, megabytes at the peak."""

    cpu: float
    wall: float
    peak_mb: float = 0.0


def cost(work: Callable[[], object]) -> Cost:
    """What one call costs."""
    before, begun = _spent(), time.perf_counter()
    work()
    return Cost(_spent() - before, time.perf_counter() - begun, peak())


def _spent() -> float:
    """CPU seconds of this process, the children it has waited for and those that still run (the gateway's)."""
    tick = os.sysconf("SC_CLK_TCK")
    running = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue  # it ended while we looked
        if int(fields[1]) == os.getpid():
            running += (int(fields[11]) + int(fields[12])) / tick
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used) + running


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def middle(costs: list[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*(statistics.median(getattr(c, f) for c in costs) for f in ("cpu", "wall", "peak_mb")))


def process(command: list[str], runs: int = 5, stdin: bytes = b"", **environment: str) -> Cost:
    """The median cost of a whole process, after one run that isn't counted."""
    costs = []
    for _ in range(runs + 1):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, input=stdin, env={**os.environ, **environment})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        costs.append(Cost(spent, time.perf_counter() - begun))
    return middle(costs[1:])


def alone(module: str, *arguments: str) -> dict[str, Cost]:
    """Run a module of ours in a fresh process; it prints name to cost as JSON (see `tell`)."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ},
    )
    return {name: Cost(**c) for name, c in json.loads(done.stdout.splitlines()[-1]).items()}


def tell(costs: dict[str, Cost]) -> None:
    print(json.dumps({name: asdict(c) for name, c in costs.items()}))
