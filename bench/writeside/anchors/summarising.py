"""Anchors for summaries: sentences picked to a budget, in the order they were said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from bench.writeside.protocol import Said, System
from bench.writeside.text import content, sentences
from bench.writeside.vectors import embed, unit

Sentence = tuple[str, str]
OVER, UNDER = 1.15, 0.85
"""How much of the budget may be used at most, and must be at least."""
_POOL = 250


def _sentences(turns: Sequence[Said]) -> list[Sentence]:
    return [(turn["name"], text) for turn in turns for text in sentences(turn["content"])]


def _written(said: Sequence[Sentence], picked: Iterable[int]) -> str:
    return " ".join(
        said[i][1] if said[i][0] in ("user", "assistant") else f"{said[i][0]}: {said[i][1]}" for i in sorted(picked)
    )


def _within(said: Sequence[Sentence], order: Iterable[int], budget: int) -> list[int]:
    picked: list[int] = []
    used = 0
    for i in order:
        length = len(said[i][1].split())
        if picked and used + length > budget * OVER:
            continue
        picked.append(i)
        used += length
        if used >= budget * UNDER:
            break
    return picked


class Lead(System):
    def summarise(self, turns: Sequence[Said], topic: str | None = None, words: int = 60) -> str:
        said = _sentences(turns)
        return _written(said, _within(said, range(len(said)), words))


class Longest(System):
    def summarise(self, turns: Sequence[Said], topic: str | None = None, words: int = 60) -> str:
        said = _sentences(turns)
        return _written(said, _within(said, sorted(range(len(said)), key=lambda i: -len(said[i][1])), words))


class Relevance(System):
    """Maximal marginal relevance (Carbonell and Goldstein 1998) to the topic, or to the centre without one."""

    WEIGHT = 0.7

    def summarise(self, turns: Sequence[Said], topic: str | None = None, words: int = 60) -> str:
        said = [s for s in _sentences(turns) if len(content(s[1])) >= 3] or _sentences(turns)
        if not said:
            return ""
        if len(said) > _POOL:
            richest = sorted(range(len(said)), key=lambda i: -len(content(said[i][1])))[:_POOL]
            said = [said[i] for i in sorted(richest)]
        rows = embed([text for _, text in said])
        relevant = rows @ (embed([topic])[0] if topic else unit(rows.sum(0)))
        order: list[int] = []
        nearest, free = np.zeros(len(said)), np.ones(len(said), bool)
        while free.any() and len(order) < 40:
            best = int(np.argmax(np.where(free, self.WEIGHT * relevant - (1 - self.WEIGHT) * nearest, -9)))
            order.append(best)
            free[best] = False
            nearest = np.maximum(nearest, rows @ rows[best])
        return _written(said, _within(said, order, words))


class Oracle(System):
    """The ceiling of picking sentences: greedy, with the reference in hand. Not a competitor."""

    reference = ""

    def summarise(self, turns: Sequence[Said], topic: str | None = None, words: int = 60) -> str:
        said, wanted = _sentences(turns), Counter(content(self.reference))
        picked: list[int] = []
        have: Counter[str] = Counter()
        bags = [Counter(content(text)) for _, text in said]
        while len(picked) < 12:
            rest = [i for i in range(len(said)) if i not in picked]
            if not rest:
                break
            best = max(rest, key=lambda i: ((have + bags[i]) & wanted).total() / (15 + (have + bags[i]).total()))
            if picked and sum(len(said[i][1].split()) for i in [*picked, best]) > words * 1.3:
                break
            picked.append(best)
            have += bags[best]
        return _written(said, picked)
