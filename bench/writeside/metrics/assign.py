"""Filing a session under a subject that exists, or under none of them."""

from __future__ import annotations

from bench.writeside.figures import Result, interval, mean
from bench.writeside.protocol import System
from bench.writeside.sources import Data


def measure(system: System, data: Data, most: int) -> Result:
    rows = data.rows("rooms")[: most or None]
    right = [system.assign(r["session_summary"], r["rooms"]) == r["gold"]["closed_set_label"] for r in rows]
    return {"rooms": {"accuracy": mean(right), "ci": interval(right), "n": len(right)}}
