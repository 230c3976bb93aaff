"""Measure acks, print, and keep the table in `bench/RESULTS.md` between its marks."""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from agent import Closer
from agent.adapters import spool
from agent.adapters.embedder import open_embedder
from agent.interfaces.hooks import places
from bench.always_on import hooks
from bench.always_on.doors import DOORS, Ack
from bench.always_on.faults import FAULTS, IDLE, Fault
from bench.results import keep

MEASURED = "measured-"
PAUSE = 0.02
"""Seconds at least between an ack and the next request."""


@dataclass(frozen=True)
class Acks:
    """Milliseconds of each ack, the load of the machine, and how many of the sessions were closed in the end."""

    milliseconds: list[float]
    load: float
    closed: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, help="folder that has the exported model, or is to have it")
    parser.add_argument("--acks", type=int, default=200, help="without a fault")
    parser.add_argument("--under-faults", type=int, default=40)
    parser.add_argument("--doors", nargs="*", choices=list(DOORS), default=list(DOORS))
    parser.add_argument("--notes", type=int, nargs="*", default=[0, 100_000])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="closer-models-") as folder:
        models = chosen.models or Path(os.environ.get("CLOSER_MODELS", folder))
        open_embedder("all-MiniLM-L6-v2", models, 1).embed(["export"])
        os.environ["CLOSER_EMBEDDER__FOLDER"] = str(models.absolute())
        os.environ["CLOSER_WORKER__LINGER"] = "1"
        table = "\n".join([*_acks(chosen.doors, chosen.acks, chosen.under_faults), *_hooks(chosen.notes)])
    print(table)
    keep("always on", table)


def _acks(doors: list[str], idle: int, under_faults: int) -> list[str]:
    lines = [
        "### From asking for a close to its ack",
        "",
        "Milliseconds. `closed`: of so many acknowledged sessions, how many were closed once the fault was over.",
        "",
        "| door | fault | acks | p50 | p99 | max | closed | load average |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for fault in (IDLE, *FAULTS):
        for door in doors:
            count = idle if fault is IDLE else under_faults
            found = _measured(DOORS[door], fault, count)
            middle, late = statistics.median(found.milliseconds), _late(found.milliseconds)
            lines.append(
                f"| {door} | {fault.name} | {count} | {middle:.1f} | {late:.1f} | {max(found.milliseconds):.1f} | "
                f"{found.closed} of {count} | {found.load:.1f} |"
            )
            print(lines[-1], flush=True)
    return [*lines, ""]


def _measured(door: Callable[[Path], AbstractContextManager[Ack]], fault: Fault, count: int) -> Acks:
    with tempfile.TemporaryDirectory(prefix="closer-bench-") as folder:
        home = Path(folder) / "home"
        with fault.around(home):
            with Closer.at(home) as closer:
                closer.sessions.listed()
            with door(home) as ack:
                ack("first")
                _until_begun(home)
                with fault.strikes(home):
                    pause = max(PAUSE, fault.lasts / count)
                    times = [_timed(ack, f"{MEASURED}{number}", pause) for number in range(count)]
                    load = os.getloadavg()[0]
            return Acks(times, load, _closed(home, count))


def _timed(ack: Ack, session: str, pause: float) -> float:
    time.sleep(pause)
    begun = time.perf_counter()
    ack(session)
    return 1000 * (time.perf_counter() - begun)


def _until_begun(home: Path) -> None:
    """Until the worker has taken the first request in: its databases are there."""
    while spool.waiting(places.spool(str(home))):
        time.sleep(PAUSE)


def _closed(home: Path, count: int) -> int:
    """How many of the measured sessions are closed, once all are or there was time enough. Ends the worker."""
    deadline = time.monotonic() + 60 + 5 * count
    while (done := _completed(home)) < count and time.monotonic() < deadline:
        places.wake(str(home))
        time.sleep(0.5)
    while not places.idle(str(home)):
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = entry.read_bytes().split(b"\0")
                if b"work" in words and str(home).encode() in words:
                    os.kill(int(entry.parent.name), signal.SIGTERM)
        time.sleep(0.5)
    return done


def _completed(home: Path) -> int:
    with Closer.at(home) as closer:
        rows = closer.sessions.listed(10_000)
    return sum(row.status == "completed" and row.key.id.startswith(MEASURED) for row in rows)


def _late(times: list[float]) -> float:
    """The 99th percentile: of fewer than a hundred, the largest."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def _hooks(sizes: list[int]) -> list[str]:
    lines = [
        f"### CPU of a hook, beside a bare interpreter, {hooks.PAIRS} pairs",
        "",
        "| notes in the vault | bare interpreter (`-S -E -c pass`), ms | hook, ms | ratio |",
        "|---|---|---|---|",
    ]
    for size in sizes:
        found = hooks.pair(size)
        lines.append(f"| {size:,} | {found.bare:.1f} | {found.hook:.1f} | {found.ratio:.2f} |")
    return lines


if __name__ == "__main__":
    main()
