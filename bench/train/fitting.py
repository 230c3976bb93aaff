"""What the training scripts share: cross-validation by group, and writing weights with their recipe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from bench.embedding import embedder as embedder

FOLDS = 5
WEIGHTS = Path(__file__).parents[2] / "agent/stages/weights"


def fold_of(group: str) -> int:
    """The fold a group of rows belongs to, 0 to FOLDS - 1: the same on every machine."""
    return hashlib.sha256(group.encode()).digest()[0] % FOLDS


class Rows:
    """Training rows: named features, an optional vector, the truth, and the group that must not be split."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        """How much a vector's dimensions count beside surface features: multiplied before fitting."""
        self.features: list[dict[str, float]] = []
        self.vectors: list[NDArray[np.float32]] = []
        self.truth: list[int] = []
        self.groups: list[str] = []

    def add(
        self, features: dict[str, float], truth: bool, group: str, vector: NDArray[np.float32] | None = None
    ) -> None:
        self.features.append(features)
        self.truth.append(int(truth))
        self.groups.append(group)
        if vector is not None:
            self.vectors.append(vector)

    def cross_validated(self, strength: float) -> NDArray[np.float64]:
        """The probability of each row from models that never saw its group."""
        x, y = self._matrix(DictVectorizer(sparse=False)), np.array(self.truth)
        folds = np.array([fold_of(group) for group in self.groups])
        guessed = np.zeros(len(y))
        for held in range(FOLDS):
            model = LogisticRegression(C=strength, max_iter=3000).fit(x[folds != held], y[folds != held])
            guessed[folds == held] = model.predict_proba(x[folds == held])[:, 1]
        return guessed

    def save(self, name: str, strength: float, recipe: dict[str, Any]) -> Path:
        """Fit on all rows and write `weights/<name>.json`."""
        names = DictVectorizer(sparse=False)
        model = LogisticRegression(C=strength, max_iter=3000).fit(self._matrix(names), np.array(self.truth))
        found: Sequence[float] = model.coef_[0]
        count = len(names.feature_names_)
        data = {
            "recipe": recipe | {"rows": len(self.truth), "positive": sum(self.truth), "C": strength},
            "bias": round(float(model.intercept_[0]), 4),
            "named": {key: round(float(w), 4) for key, w in zip(names.feature_names_, found[:count], strict=True)},
            "embedding": [round(float(w * self.scale), 4) for w in found[count:]],
        }
        path = WEIGHTS / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(data, indent=1, sort_keys=False) + "\n", "utf-8")
        return path

    def fitted(self, strength: float) -> tuple[dict[str, float], float]:
        """The weights of named features and the bias, fitted on all rows."""
        names = DictVectorizer()
        model = LogisticRegression(C=strength, max_iter=3000).fit(
            names.fit_transform(self.features), np.array(self.truth)
        )
        weights = map(float, model.coef_[0])
        return dict(zip(names.feature_names_, weights, strict=True)), float(model.intercept_[0])

    def _matrix(self, names: DictVectorizer) -> NDArray[np.float64]:
        surface = names.fit_transform(self.features)
        return np.hstack([surface, np.stack(self.vectors) * self.scale]) if self.vectors else surface
