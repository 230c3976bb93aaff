"""Anchors for the write decision: same text, near vectors, near vectors with guards."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bench.writeside.protocol import Outcome, System
from bench.writeside.text import words
from bench.writeside.vectors import embed

_NUMBER = re.compile(
    r"\d[\d,.:/]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|first|second|third|once|twice|\w+day|january|"
    r"february|march|april|may|june|july|august|september|october|november|december|morning|evening|daily|weekly|monthly)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|without|stopped|dislikes?|hates?)\b|n't\b", re.IGNORECASE
)
_NAME = re.compile(r"\b[A-Z][a-z]+")


class Exact(System):
    """The same words."""

    def decide(self, existing: Sequence[str], new: str) -> tuple[Outcome, int | None]:
        places = {tuple(words(text)): i for i, text in enumerate(existing)}
        at = places.get(tuple(words(new)))
        return ("new", None) if at is None else ("duplicate", at)


class Cosine(System):
    """Two thresholds on the nearest."""

    SAME, CHANGED = 0.92, 2.0

    def decide(self, existing: Sequence[str], new: str) -> tuple[Outcome, int | None]:
        if not existing:
            return "new", None
        near = embed(existing) @ embed([new])[0]
        at = int(near.argmax())
        return self.judge(existing[at], new, float(near[at]), at)

    def judge(self, old: str, new: str, cosine: float, at: int) -> tuple[Outcome, int | None]:
        if cosine >= self.SAME:
            return "duplicate", at
        return ("update", at) if cosine >= self.CHANGED else ("new", None)


class Band(Cosine):
    """Updates between the two thresholds; tuned on the dev half."""

    SAME, CHANGED = 0.97, 0.70


class Guarded(Cosine):
    """Near duplicates with another number or negation are updates, with another name new."""

    SAME = 0.90

    def judge(self, old: str, new: str, cosine: float, at: int) -> tuple[Outcome, int | None]:
        if cosine < self.SAME:
            return "new", None
        numbers = [sorted(n.lower() for n in _NUMBER.findall(text)) for text in (old, new)]
        if numbers[0] != numbers[1] or bool(_NEGATION.search(old)) != bool(_NEGATION.search(new)):
            return "update", at
        names = [({n.lower() for n in _NAME.findall(a)}, set(words(b))) for a, b in ((old, new), (new, old))]
        return ("new", None) if any(own - there for own, there in names) else ("duplicate", at)
