"""Fit the weights of agent.stages.segments on TIAGE (MIT). Prints them; five-fold F1 of boundaries beside.

WB_DATA=… CLOSER_MODELS=… python -m bench.train.segment_gaps
"""

from __future__ import annotations

import json
import os
from itertools import accumulate
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.adapters.embedder import open_embedder
from agent.stages import segments

FOLDS = 5


def main() -> None:
    embedder = open_embedder("all-MiniLM-L6-v2", Path(os.environ["CLOSER_MODELS"]), threads=2)
    lines = (Path(os.environ["WB_DATA"]) / "topic_segmentation/tiage.jsonl").read_text().splitlines()
    features, truth, fold = [], [], []
    for number, row in enumerate(map(json.loads, lines)):
        texts = row["utterances"]
        found = segments.evidence(embedder.embed(texts), texts)
        starts = set(accumulate(row["segments"]))
        features.append(found)
        truth += [int(at in starts) for at in range(1, len(texts))]
        fold += [number % FOLDS] * len(found)
    x, y, folds = np.vstack(features), np.array(truth), np.array(fold)
    guessed = np.zeros(len(y))
    for held in range(FOLDS):
        guessed[folds == held] = _fitted(x[folds != held], y[folds != held]).predict_proba(x[folds == held])[:, 1]
    cut = guessed > segments.BEGINS
    print(f"F1 {2 * (cut & (y == 1)).sum() / (cut.sum() + y.sum()):.3f} at {segments.BEGINS}, {FOLDS} folds")
    model = _fitted(x, y)
    print("WEIGHTS", tuple(round(float(w), 2) for w in model.coef_[0]), "PRIOR", round(float(model.intercept_[0]), 2))


def _fitted(x: np.ndarray, y: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=1.0, max_iter=1000).fit(x, y)


if __name__ == "__main__":
    main()
