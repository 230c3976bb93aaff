"""Small learned models: a logistic regression over named surface features and, where it helps, an embedding.

Weights are text beside this module, one file a model, written by `bench/train/` with the recipe they came from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Learned:
    """Log-odds per feature. A feature it has no weight for doesn't count."""

    bias: float
    named: Mapping[str, float]
    embedding: NDArray[np.float32] | None = None
    """One weight per dimension of the default embedder's vectors; None when the model reads surface features only."""
    recipe: Mapping[str, object] = field(default_factory=dict)
    """Script, data, rows and settings it was trained with."""

    def odds(self, features: Mapping[str, float], vector: NDArray[np.float32] | None = None) -> float:
        """Log-odds. Without a vector, or with one of another embedder's size, the embedding's part is left out."""
        named = self.named
        total = self.bias + sum([named[name] * value for name, value in features.items() if name in named])
        if vector is not None and self.embedding is not None and vector.shape == self.embedding.shape:
            total += float(vector @ self.embedding)
        return total

    def probability(self, features: Mapping[str, float], vector: NDArray[np.float32] | None = None) -> float:
        """0 to 1."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.odds(features, vector)))))


@cache
def learned(name: str) -> Learned:
    """The model `weights/<name>.json`.

    Raises FileNotFoundError when there is no such model.
    """
    data = json.loads(files("agent.stages").joinpath("weights", f"{name}.json").read_text("utf-8"))
    embedding = np.array(data["embedding"], np.float32) if data.get("embedding") else None
    return Learned(data["bias"], data["named"], embedding, data["recipe"])
