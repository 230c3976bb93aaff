"""Whether a subject was met before: the right known one, or none. A doubtful match is no match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.stages.reading import words

SHARED_WORDS: Final = 0.3
"""What having all words in common adds to the cosine."""
MET: Final = 0.7
"""The bar for a subject known by its sessions."""
NAMED: Final = 0.34
"""The bar for one known by its name alone: a bare name lies far from any text about it."""

_CATCH_ALL: Final = {
    "A log of the day: what was done in the morning, in the afternoon and in the evening, and what comes tomorrow.": (
        "log logs daily diary journal standup"
    ),
    "Who I am, what I do and how I like to work: an introduction of myself.": "about profile bio introduction",
    "A casual question about likes and opinions, small talk, anything else.": "general misc miscellaneous chat casual",
}
"""What names mean that people give to a kind of session rather than to its subject."""
SHORT_NAME: Final = 2
"""Words up to which such a name says nothing further: `daily logs`, but not `log rotation on staging`."""


@dataclass(frozen=True, slots=True)
class Known:
    """A subject of earlier sessions."""

    slug: str
    title: str
    keywords: tuple[str, ...]
    """Empty for a subject that so far is a name, made by a person."""
    vector: NDArray[np.float32]
    """What its sessions were about, of unit length; for a bare name that of its `readings`."""


def readings(name: str) -> list[str]:
    """What a bare name is read as: itself and, for one like `general`, what people keep under it."""
    said = words.tokens(name)
    meant = [text for text, names in _CATCH_ALL.items() if set(said) & set(names.split())]
    return [name, *meant[:1]] if len(said) <= SHORT_NAME else [name]


def file(title: str, keywords: Sequence[str], vector: NDArray[np.float32], known: Sequence[Known]) -> Known | None:
    """The known subject this one belongs under: the one furthest above its bar in meaning and shared words."""
    own = _stems([title, *keywords])
    surest = max(known, key=lambda k: _margin(own, vector, k), default=None)
    return surest if surest is not None and _margin(own, vector, surest) >= 0 else None


def _margin(own: set[str], vector: NDArray[np.float32], known: Known) -> float:
    theirs = _stems([known.title, *known.keywords])
    shared = len(own & theirs) / max(min(len(own), len(theirs)), 1)
    bar = MET if known.keywords else NAMED
    return float(vector @ known.vector) + SHARED_WORDS * shared - bar


def _stems(texts: Sequence[str]) -> set[str]:
    return {stem for text in texts for stem in words.content(text)}
