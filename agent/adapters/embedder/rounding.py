"""What every embedder here does to a text before the model sees it, and to a vector after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.ports import Vectors


def encodable(text: str) -> str:
    """The text with lone surrogates, which no tokenizer takes, replaced one for one."""
    return text.encode("utf-8", "replace").decode("utf-8")


def rounded(vectors: NDArray[np.float32]) -> Vectors:
    """Rows brought to unit length, and to the nearest half-precision numbers.

    The cache keeps two bytes a number; rounded at the source, a fresh vector equals the one read back.
    Lengths are then 1 within 0.0005.
    """
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float16).astype(np.float32)
