"""Patterns that are tried only on a text that holds the words they can't do without.

A sentence is looked through for hundreds of things of which it holds a few. Its words are read once and tell which
patterns could match at all; only those are run. What is found is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

from agent.stages.reading.needs import DIGIT, Clause, Piece, needs

_WORD = re.compile(r"\w+")
_CAPITALS = re.compile(r"\(\?P<\w+>|\\.|[A-Z]+")
_TWINS = str.maketrans("İıſ", "iis")
"""Letters that patterns take for another one when case doesn't matter, and `lower` doesn't."""

_LONGEST = 24
"""No longer beginning of a word is looked for."""
_CLAUSES: dict[Clause, int] = {}
"""Each clause that some pattern needs, as the bit that stands for it."""
_BEGINNINGS: dict[Piece, int] = {}
"""Each piece that begins a word, as the bits of the clauses it is in."""
_INNER: dict[Piece, int] = {}
"""The same of the others."""


class Sieved:
    """A pattern for either case, compiled at the first text that could match.

    Takes the methods of a compiled one, as far as they are used.
    """

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        """Raises ValueError for a construct that `needs` doesn't know."""
        self.pattern = pattern
        self.needs = _known(pattern)
        self._flags = flags

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        bits, lower = said(text)
        if self.needs & bits != self.needs or not (seen := self.lower.search(lower, start)):
            return None
        return self.regex.match(text, seen.start())

    def match(self, text: str) -> re.Match[str] | None:
        bits, lower = said(text)
        return self.regex.match(text) if self.needs & bits == self.needs and self.lower.match(lower) else None

    def sub(self, put: str | Callable[[re.Match[str]], str], text: str) -> str:
        bits, lower = said(text)
        return self.regex.sub(put, text) if self.needs & bits == self.needs and self.lower.search(lower) else text

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self._flags | re.IGNORECASE)

    @cached_property
    def lower(self) -> re.Pattern[str]:
        """The same for a text in lower case, where an engine has but one letter to compare with: twice as fast."""
        return re.compile(_CAPITALS.sub(_lowered, self.pattern), self._flags)


def found_in(text: str, patterns: Mapping[str, Sieved]) -> list[str]:
    """The names of the patterns that are found in a text, in order."""
    bits, lower = said(text)
    return [
        name for name, sieved in patterns.items() if sieved.needs & bits == sieved.needs and sieved.lower.search(lower)
    ]


@lru_cache(maxsize=1 << 12)
def said(text: str) -> tuple[int, str]:
    """The clauses whose pieces a text holds, as bits; and the text in lower case, letter by letter."""
    lower = text.lower() if text.isascii() else text.translate(_TWINS).lower()
    bits = 0
    for word in set(_WORD.findall(lower)):
        bits |= _of_word(word)
    return bits, lower


def _lowered(match: re.Match[str]) -> str:
    return match[0] if match[0][0] in "(\\" else match[0].lower()


@lru_cache(maxsize=1 << 14)
def _of_word(word: str) -> int:
    padded = f" {word} "
    bits = _INNER.get(DIGIT, 0) if any(map(str.isdecimal, word)) else 0
    for end in range(2, min(len(padded), _LONGEST) + 1):
        bits |= _BEGINNINGS.get(padded[:end], 0)
    for piece, clauses in _INNER.items():
        if piece in padded:
            bits |= clauses
    return bits


def _known(pattern: str) -> int:
    """The clauses a pattern needs, as bits; those no pattern needed before get the next ones."""
    bits = 0
    for clause in needs(pattern):
        if clause not in _CLAUSES:
            _CLAUSES[clause] = 1 << len(_CLAUSES)
            for piece in clause:
                pieces = _BEGINNINGS if piece[0] == " " else _INNER
                pieces[piece] = pieces.get(piece, 0) | _CLAUSES[clause]
            _of_word.cache_clear()
            said.cache_clear()
        bits |= _CLAUSES[clause]
    return bits
