"""Figures of a run: names to numbers, by part of a metric."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

Figures = dict[str, float | int | None]
Result = dict[str, Figures]


def mean(values: Iterable[float]) -> float:
    """The mean; NaN of nothing."""
    found = list(values)
    return float(np.mean(found)) if found else math.nan


def interval(values: Iterable[float]) -> float:
    """Half the width of a 95 % interval of the mean, by the normal approximation over rows."""
    found = np.array(list(values), float)
    return float(1.96 * found.std() / math.sqrt(max(len(found), 1)))


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def f1(hits: float, found: float, gold: float) -> float:
    return share(2 * hits, found + gold)


def shown(result: Mapping[str, Figures]) -> str:
    """One line a part, for a terminal."""
    return "\n".join(
        f"  {part:24} " + "  ".join(f"{name} {_number(v)}" for name, v in figures.items() if v is not None)
        for part, figures in result.items()
    )


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"
