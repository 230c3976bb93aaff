"""Whether a fragment says what a gold statement says."""

from __future__ import annotations

from collections.abc import Sequence

from bench.writeside.text import content, token_f1
from bench.writeside.vectors import embed

F1, COSINE = 0.45, 0.72
"""Either is enough alone."""
BOTH = (0.30, 0.65)
"""Or both of these together. Chosen on 40 pairs labelled by hand, checked on 30 others: 26 agree."""


def matched(found: Sequence[str], gold: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of found and gold, best first, each used once.

    A fragment of more than three times the gold's content words and ten more never matches: a pasted paragraph is none.
    """
    if not found or not gold:
        return []
    cosines = embed(found) @ embed(gold).T
    scored = []
    for i, text in enumerate(found):
        for j, wanted in enumerate(gold):
            overlap, cosine = token_f1(text, wanted), float(cosines[i, j])
            enough = overlap >= F1 or cosine >= COSINE or (overlap >= BOTH[0] and cosine >= BOTH[1])
            if enough and len(content(text)) <= 3 * len(content(wanted)) + 10:
                scored.append((max(overlap / F1, cosine / COSINE), i, j))
    pairs: list[tuple[int, int]] = []
    for _, i, j in sorted(scored, reverse=True):
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs
