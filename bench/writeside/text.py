"""Text as the metrics see it: sentences, content words, and how much two texts share."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache

from nltk.stem.porter import PorterStemmer

_BREAK = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z0-9\"'(#*])|\n+")
_ABBREVIATION = re.compile(r"\b(Dr|Mr|Mrs|Ms|Prof|St|vs|etc|e\.g|i\.e|Jr|No)\.(?=\s)")
_EDGES = " -*#>\t"
_WORD = re.compile(r"[a-z0-9]+(?:[.:/'-][a-z0-9]+)*")
STOP = frozenset(
    """a about all also am an and any are as at be been being but by can could d did do does done for from had
    has have he her here him his how i if im in into is it its just ll m may me might more most my no not of
    on only or our out over own re s same she should so some such t than that the their them then there these
    they this those to too up ve very was we were what when where which who why will with would you your""".split()
)
_stemmer = PorterStemmer()


def sentences(text: str) -> list[str]:
    """Split after `.!?` before a capital, digit or mark, and at line ends."""
    guarded = _ABBREVIATION.sub("\\1\0", text or "")
    pieces = (piece.strip(_EDGES).replace("\0", ".") for piece in _BREAK.split(guarded))
    return [piece for piece in pieces if len(piece) > 2]


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


@cache
def stem(word: str) -> str:
    """Porter's stem."""
    return _stemmer.stem(word)


@lru_cache(maxsize=1 << 17)
def content(text: str) -> tuple[str, ...]:
    """Stems of the words that carry content."""
    return tuple(stem(word.removesuffix("'s")) for word in words(text) if word not in STOP)


def token_f1(a: str, b: str) -> float:
    one, other = Counter(content(a)), Counter(content(b))
    shared = sum((one & other).values())
    return 2 * shared / (sum(one.values()) + sum(other.values())) if shared else 0.0


def token_recall(gold: str, text: str) -> float:
    """Share of the gold's content words found in the text."""
    wanted = Counter(content(gold))
    return sum((wanted & Counter(content(text))).values()) / max(sum(wanted.values()), 1)
