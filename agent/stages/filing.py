"""Whether a subject was met before: the right known one, or none. A doubtful match is no match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.stages import words

CLEAR = 0.62
NAMED = 0.42


@dataclass(frozen=True, slots=True)
class Known:
    """A subject of earlier sessions."""

    slug: str
    title: str
    keywords: tuple[str, ...]
    vector: NDArray[np.float32]
    """What its sessions were about: the mean of their subjects' vectors, of unit length."""


def file(title: str, keywords: Sequence[str], vector: NDArray[np.float32], known: Sequence[Known]) -> Known | None:
    """The known subject this one belongs under: close in meaning, and sharing words unless it is very close."""
    if not known:
        return None
    cosines = np.stack([k.vector for k in known]) @ vector
    shared = np.array([_overlap([title, *keywords], [k.title, *k.keywords]) for k in known])
    scores = cosines + 0.5 * shared
    best = int(scores.argmax())
    accepted = cosines[best] >= CLEAR or (cosines[best] >= NAMED and shared[best] >= 0.34)
    return known[best] if accepted else None


def _overlap(mine: Sequence[str], theirs: Sequence[str]) -> float:
    """The share of the smaller set of stems that both have."""
    a, b = ({stem for text in texts for stem in words.content(text)} for texts in (mine, theirs))
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
