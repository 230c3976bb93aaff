"""Anchors for names and for filing under one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from bench.writeside.protocol import Said, System
from bench.writeside.text import STOP, token_recall, words
from bench.writeside.vectors import embed

_PHRASES = 120


class FirstWords(System):
    def title(self, turns: Sequence[Said]) -> str:
        return " ".join(turns[0]["content"].split()[:6])


class NearestPhrase(System):
    """Of the commonest phrases of one to three words the one nearest to the whole dialogue."""

    def title(self, turns: Sequence[Said]) -> str:
        phrases: Counter[str] = Counter()
        for turn in turns:
            found = words(turn["content"])
            for length in (1, 2, 3):
                for i in range(len(found) - length + 1):
                    phrase = found[i : i + length]
                    if not {phrase[0], phrase[-1]} & STOP and all(len(word) > 1 for word in phrase):
                        phrases[" ".join(phrase)] += 1
        commonest = [phrase for phrase, _ in phrases.most_common(_PHRASES)] or ["talk"]
        whole = embed([" ".join(turn["content"] for turn in turns)])[0]
        return commonest[int((embed(commonest) @ whole).argmax())]


class Overlap(System):
    def assign(self, summary: str, subjects: Sequence[str]) -> str:
        shares = [token_recall(_plain(subject), summary) for subject in subjects]
        return subjects[int(np.argmax(shares))] if max(shares) > 0 else "other"


class Nearest(System):
    NEAR = 0.25
    """Tuned on the dev half."""

    def assign(self, summary: str, subjects: Sequence[str]) -> str:
        near = embed([_plain(subject) for subject in subjects]) @ embed([summary])[0]
        return subjects[int(near.argmax())] if near.max() >= self.NEAR else "other"


def _plain(subject: str) -> str:
    return re.sub(r"[/_-]", " ", subject)
