"""Stored fragments that look like a new one, and how like it they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from agent.domain.fragment import Fragment
from agent.domain.identity import normalised
from agent.stages.reading.words import content, tokens


@dataclass(frozen=True, slots=True)
class Nominee:
    """A stored fragment that looks like the new one."""

    fragment: Fragment
    cosine: float | None
    """None when the gateway can't be asked: then only the words themselves count."""


def likeness(new: Fragment, nominee: Nominee) -> float:
    """Cosine, or without one the overlap of the words; 0 to 1."""
    if nominee.cosine is not None:
        return nominee.cosine
    return overlap(new, nominee.fragment)


def overlap(a: Fragment, b: Fragment) -> float:
    """How far the words of both are the same in any order, 0 to 1."""
    return fuzz.token_sort_ratio(normalised(a.statement), normalised(b.statement)) / 100


def same_text(a: Fragment, b: Fragment) -> bool:
    return normalised(a.statement) == normalised(b.statement)


def compatible(a: Fragment, b: Fragment) -> bool:
    """Whether one could take the other's place: a commitment only takes a commitment's."""
    return a.kind == b.kind or "correction" in (a.kind, b.kind) or "commitment" not in (a.kind, b.kind)


@lru_cache(maxsize=1 << 14)
def words_of(text: str) -> frozenset[str]:
    """Stems of what carries meaning; all words where nothing does."""
    return frozenset(content(text)) or frozenset(normalised(text).split())


@lru_cache(maxsize=1 << 14)
def value_of(text: str) -> frozenset[str]:
    """What tells one value from another: its words, and every number in it."""
    return words_of(text) | {token for token in tokens(text) if any(c.isdigit() for c in token)}
