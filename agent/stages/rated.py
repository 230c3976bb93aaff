"""A learned model's odds for many rows at once, whichever embedder made their vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.ports import Vectors
from agent.stages.learned import learned


def rated(name: str, features: Sequence[Mapping[str, float]], vectors: Vectors) -> list[float]:
    """The log-odds of each row by the model `weights/<name>.json`.

    Vectors of another size than those it was trained on, from another embedder, are left out: the surface decides.
    """
    model = learned(name)
    known = model.embedding is not None and vectors.shape[1] == len(model.embedding)
    return [model.odds(row, vector if known else None) for row, vector in zip(features, vectors, strict=True)]
