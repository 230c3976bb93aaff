"""Where in a text a pattern can match at all, found by plain search: an engine of patterns would try every letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_TWINS = (("İ", "i"), ("ı", "i"), ("ſ", "s"))
"""Letters that patterns take for another one when case doesn't matter."""
_LONG = 16


class Opening:
    """Words, in either case, of which every match of some patterns begins with one."""

    def __init__(self, *words: str) -> None:
        lower = {word.lower() for word in words}
        self._words = [word for word in lower if not any(word.startswith(other) for other in lower - {word})]

    def places(self, text: str) -> list[int]:
        """Where one of the words begins, in order."""
        for letter, twin in _TWINS:
            text = text.replace(letter, twin)
        lower = text.lower()
        found: list[int] = []
        for word in self._words:
            at = lower.find(word)
            while at >= 0:
                found.append(at)
                at = lower.find(word, at + 1)
        return sorted(found)

    def matches(self, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        """What `pattern.finditer(text)` would find."""
        end = 0
        for place in self.places(text):
            if place >= end and (match := pattern.match(text, place)):
                yield match
                end = match.end()

    def lines(self, text: str) -> Iterator[int]:
        """Where the lines begin that hold one of the words, in order."""
        end = 0
        for place in self.places(text):
            if place >= end:
                yield text.rfind("\n", 0, place) + 1
                end = text.find("\n", place)
                if end < 0:
                    return

    def around(self, text: str, before: int, after: int) -> list[tuple[int, int]]:
        """The stretches from `before` characters ahead of a word to `after` behind its beginning, in order, apart."""
        united: list[tuple[int, int]] = []
        for place in self.places(text):
            start, end = max(0, place - before), min(len(text), place + after)
            if united and start <= united[-1][1]:
                united[-1] = (united[-1][0], end)
            else:
                united.append((start, end))
        return united


def in_long_words(pattern: re.Pattern[str], text: str, least: int = _LONG) -> Iterator[re.Match[str]]:
    """What `pattern.finditer(text)` would find, where a match has at least so many characters, 16 or more, and no white
    space."""
    for start, end in _long_words(text):
        if end - start >= least:
            yield from pattern.finditer(text, start, end)


@lru_cache(maxsize=1)
def _long_words(text: str) -> list[tuple[int, int]]:
    """Several searches look at the same text, one after the other."""
    found: list[tuple[int, int]] = []
    end = 0
    for word in [word for word in text.split() if len(word) >= _LONG]:
        start = text.index(word, end)
        end = start + len(word)
        found.append((start, end))
    return found
