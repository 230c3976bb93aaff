"""Anchors for extraction: everything, the longest, and what a page of patterns finds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bench.writeside.protocol import Said, System
from bench.writeside.text import content, sentences

Kept = list[tuple[str, str, int]]
KINDS = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "decision": r"\b(?:we|i)(?:'ve| have)? (?:decided|agreed|chose|settled|picked|went with)\b"
        r"|\b(?:decision|going with|switched (?:to|from)|instead of)\b",
        "commitment": r"\b(?:i|we)(?:'ll| will)\b|\b(?:promised|need to|todo)\b|\bby (?:\w+day|tomorrow|end of)\b",
        "preference": r"\b(?:prefers?|favou?rite|i'd rather|always use|never use|can't stand)\b"
        r"|\bi (?:really )?(?:like|love|hate|dislike|enjoy|avoid)\b|\bi (?:don't|do not) (?:like|want|enjoy)\b",
        "opinion": r"\b(?:i think|i believe|i feel|in my (?:view|opinion)|honestly|overrated|underrated)\b",
        "fact": r"\b(?:i|my|we|our)\b.*\b(?:\d+|my|new|every|since|last|for)\b|\b(?:confirmed|deadline)\b",
    }.items()
}


def kind_of(text: str) -> str | None:
    return next((kind for kind, pattern in KINDS.items() if pattern.search(text)), None)


def of_users(turns: Sequence[Said]) -> Iterator[tuple[str, str, int]]:
    """Each sentence of a user: bare, with the speaker's name where there is one, and its turn."""
    for i, turn in enumerate(turns):
        if turn["role"] == "user":
            for sentence in sentences(turn["content"]):
                yield sentence, sentence if turn["name"] == "user" else f"{turn['name']}: {sentence}", i


class Sentences(System):
    def extract(self, turns: Sequence[Said]) -> Kept:
        return [("fact", named, i) for _, named, i in of_users(turns)]


class Longest(System):
    """Without questions, the most content first."""

    def extract(self, turns: Sequence[Said]) -> Kept:
        found = sorted(of_users(turns), key=lambda s: -len(content(s[0])))
        return [(kind_of(bare) or "fact", named, i) for bare, named, i in found if not bare.endswith("?")]


class Regex(System):
    def extract(self, turns: Sequence[Said]) -> Kept:
        return [
            (kind, named, i) for bare, named, i in of_users(turns) if not bare.endswith("?") and (kind := kind_of(bare))
        ]
