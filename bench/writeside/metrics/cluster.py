"""Subjects of a conversation that may return: adjusted Rand index, and whether their number is right.

`brief` repeats the task with every assistant turn cut to 160 characters, nearer to work with tools than essays are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from bench.writeside.figures import Result, interval, mean
from bench.writeside.protocol import System, said
from bench.writeside.sources import Data, sample

BRIEF = 160


def measure(system: System, data: Data, most: int) -> Result:
    rows = sample(data.rows("mixed"), most)
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for prefix, length in (("", None), ("brief ", BRIEF)):
        for row in rows:
            turns = [
                said(t["role"], t["content"][:length] if t["role"] == "assistant" else t["content"])
                for t in row["turns"]
            ]
            true, guess = [t["subject"] for t in row["turns"]], system.cluster(turns)
            if len(guess) != len(true):
                raise ValueError(f"{len(guess)} subject numbers for {len(true)} turns")
            for part in ("all", row["style"]):
                kept = scores[prefix + part]
                kept["ARI"].append(adjusted_rand_score(true, guess))
                kept["NMI"].append(normalized_mutual_info_score(true, guess))
                kept["B3"].append(bcubed(true, guess))
                kept["k_exact"].append(len(set(guess)) == row["n_subjects"])
                kept["k_off"].append(abs(len(set(guess)) - row["n_subjects"]))
    return {
        part: {name: mean(v) for name, v in kept.items()} | {"ARI_ci": interval(kept["ARI"]), "n": len(kept["ARI"])}
        for part, kept in scores.items()
    }


def bcubed(true: Sequence[object], guess: Sequence[object]) -> float:
    """F1 of B-cubed precision and recall (Bagga and Baldwin 1998)."""
    (_, a), (_, b) = np.unique(true, return_inverse=True), np.unique(guess, return_inverse=True)
    same_a, same_b = a[:, None] == a, b[:, None] == b
    both = (same_a & same_b).sum(1)
    precision, recall = np.mean(both / same_b.sum(1)), np.mean(both / same_a.sum(1))
    return float(2 * precision * recall / (precision + recall))
