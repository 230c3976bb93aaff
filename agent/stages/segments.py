"""Where talk without roles changes subject: contiguous segments of utterances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.ports import Vectors
from agent.stages import words

BEGINS: Final = 0.3
"""How probable a change of subject must be to cut there."""

_BACK = re.compile(
    r"^(?:yes|yeah|no|oh|wow|ok|okay|lol|haha|nice|cool|great|sounds|thanks|thank|really|sure|true|right|me|that)\b"
    r"|\b(?:that|it|they|them|those|he|she|too|one|so|then)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\b(?:do you|are you|have you|did you|can you|could you|would you|what|where|how|who|which|any)\b", re.IGNORECASE
)

# Log-odds of a new segment, per feature of `evidence`: fitted on TIAGE by bench/train/segment_gaps.py.
WEIGHTS: Final = np.array([-2.99, -1.29, -0.27, -1.02, 1.42, -1.18, -0.06, 3.89, 0.06, 1.37, -0.21, 0.75, -0.59, -0.69])
PRIOR: Final = -1.55


def segment(vectors: Vectors, texts: Sequence[str]) -> list[int]:
    """A segment's number for each utterance, counted from 0 in order."""
    if len(texts) < 2:
        return [0] * len(texts)
    odds = evidence(vectors, texts) @ WEIGHTS + PRIOR
    starts = 1 / (1 + np.exp(-odds)) > BEGINS
    return [0, *np.cumsum(starts).tolist()]


def evidence(vectors: Vectors, texts: Sequence[str]) -> NDArray[np.float64]:
    """What each gap between two utterances tells of a change, one row per gap.

    A question counts only where the talk is further apart than is usual for it: in some talk everybody keeps asking.
    """
    near, wide, wider = (_similar(vectors, reach) for reach in (1, 2, 3))
    wording = _similar(words.lexical_vectors([words.content(text) for text in texts]), 2)
    ahead = np.append(near[1:], 0.3)
    over = (vectors[:-2] * vectors[2:]).sum(1)
    apart = (wide.mean() - wide) / max(float(wide.std()), 1e-6)
    asking = np.array([bool(_ASKING.search(text)) for text in texts], float)
    back = np.array([bool(_BACK.search(text)) for text in texts], float)
    size = np.array([min(len(text), 150) / 100 for text in texts])
    return np.column_stack(
        [
            near,
            wide,
            wider,
            wording,
            ahead,
            np.append(over, near[-1]),
            np.insert(over, 0, near[0]),
            vectors[1:] @ vectors.mean(0),
            apart,
            asking[1:] * (apart > 0),
            back[1:],
            size[1:],
            np.arange(1, len(texts)) < 2,
            np.arange(1, len(texts)) > len(texts) - 3,
        ]
    )


def _similar(vectors: NDArray[np.float32], reach: int) -> NDArray[np.float64]:
    """For each gap, the cosine of what lies `reach` utterances before and after it."""
    sums = [(vectors[max(0, at - reach) : at].sum(0), vectors[at : at + reach].sum(0)) for at in range(1, len(vectors))]
    return np.array(
        [float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9) for a, b in sums], dtype=np.float64
    )
