"""Fit which sort of statement a kept sentence is: `kinds` (what is seen of it) and `kinds_by_meaning` (its vector too).

    CLOSER_MODELS=… python -m bench.train.kinds

Learns from the labels of bench/data/statements' open part alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from agent.stages.extracting.signs import Signs
from bench.quality.statements import cases, covers, turns
from bench.train.fitting import FOLDS, WEIGHTS, embedder, fold_of
from bench.train.worth import told_in

STRENGTH = 0.3
SCALE = 2.0
RARE = 3
"""Words seen less often than this are left out."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence worth keeping, and its class."""

    statement: str
    signs: Signs
    kind: str
    group: str


def main() -> None:
    examples = list(labelled())
    seen = Counter(name for e in examples for name in e.signs)
    names = DictVectorizer(sparse=False)
    surface = names.fit_transform([{k: v for k, v in e.signs.items() if seen[k] >= RARE} for e in examples])
    meaning = np.hstack([surface, embedder().embed([e.statement for e in examples]) * SCALE])
    for name, rows in (("kinds", surface), ("kinds_by_meaning", meaning)):
        print(f"{name}: {_accuracy(rows, examples):.3f} right of {len(examples)}, {FOLDS} folds")
        _save(name, _fitted(rows, [e.kind for e in examples]), list(names.feature_names_), len(examples))


def labelled() -> Iterator[Example]:
    """Each sentence that tells what a label quotes."""
    for case in cases("open"):
        for turn, item in told_in(turns(case)):
            label = next((x for x in case["keep"] if covers(item.statement, turn.index, x)), None)
            if label:
                yield Example(item.statement, item.signs, label["kind"], case["id"])


def _fitted(rows: NDArray[np.float64], truth: Sequence[str]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=3000).fit(rows, truth)


def _accuracy(rows: NDArray[np.float64], examples: Sequence[Example]) -> float:
    truth, folds = np.array([e.kind for e in examples]), np.array([fold_of(e.group) for e in examples])
    right = 0
    for held in range(FOLDS):
        model = _fitted(rows[folds != held], truth[folds != held])
        right += int((model.predict(rows[folds == held]) == truth[folds == held]).sum())
    return right / len(examples)


def _save(name: str, model: LogisticRegression, names: list[str], rows: int) -> None:
    classes = {
        kind: {
            "bias": round(float(bias), 4),
            "named": {key: round(float(w), 4) for key, w in zip(names, weights[: len(names)], strict=True)},
            "embedding": [round(float(w * SCALE), 4) for w in weights[len(names) :]],
        }
        for kind, weights, bias in zip(model.classes_, model.coef_, model.intercept_, strict=True)
    }
    recipe = {"script": "bench.train.kinds", "data": "bench/data/statements (open part)", "rows": rows, "C": STRENGTH}
    path = WEIGHTS / f"{name}.json"
    path.write_text(json.dumps({"recipe": recipe, "classes": classes}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
