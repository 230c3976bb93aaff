"""One module a metric; each measures a system on one half of the data."""

from __future__ import annotations

from collections.abc import Callable

from bench.writeside.figures import Result
from bench.writeside.metrics import assign, cluster, decide, extract, redact, segment, summarise, title
from bench.writeside.protocol import System
from bench.writeside.sources import Data

Metric = Callable[[System, Data, int], Result]

METRICS: dict[str, Metric] = {
    module.__name__.rsplit(".", 1)[-1]: module.measure
    for module in (segment, cluster, extract, decide, summarise, title, redact, assign)
}
"""By name. The number is how many rows of each set at most, 0 for the usual number."""
