"""Where talk changes subject: Pk (Beeferman 1999), WindowDiff (Pevzner and Hearst 2002), F1 of exact boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.writeside.figures import Result, f1, interval, mean
from bench.writeside.protocol import System
from bench.writeside.sources import Data, sample


def measure(system: System, data: Data, most: int) -> Result:
    return {name: _on(system, sample(data.rows(name), most)) for name in ("dialseg", "tiage")}


def _on(system: System, rows: list) -> dict:
    pks, windows = [], []
    hits = found = gold = 0
    for row in rows:
        count = len(row["utterances"])
        true = [number for number, length in enumerate(row["segments"]) for _ in range(length)][:count]
        guess = system.segment(row["utterances"])
        if len(guess) != count:
            raise ValueError(f"{len(guess)} segment numbers for {count} utterances")
        pk, window = pk_windowdiff(true, guess)
        pks.append(pk)
        windows.append(window)
        a, b = boundaries(true), boundaries(guess)
        hits, found, gold = hits + int((a & b).sum()), found + int(b.sum()), gold + int(a.sum())
    return {
        "Pk": mean(pks), "Pk_ci": interval(pks), "WindowDiff": mean(windows), "F1": f1(hits, found, gold),
        "n": len(rows),
    }  # fmt: skip


def boundaries(ids: Sequence[int]) -> NDArray[np.int64]:
    """1 for each gap between unlike neighbours."""
    return np.array([int(a != b) for a, b in pairwise(ids)], int)


def pk_windowdiff(true: Sequence[int], guess: Sequence[int]) -> tuple[float, float]:
    """Both errors, with a window of half the mean length of a true segment, at least 2."""
    count = len(true)
    window = max(2, round(count / (2 * len(set(true)))))
    window = count - 1 if count <= window else window
    a, b = (np.concatenate([[0], np.cumsum(boundaries(ids))]) for ids in (true, guess))
    inside_a, inside_b = a[window:] - a[:-window], b[window:] - b[:-window]
    return float(np.mean((inside_a > 0) != (inside_b > 0))), float(np.mean(inside_a != inside_b))
