"""Cutting a text into pieces that a model reads whole. Knows no tokenizer: it is handed where tokens begin."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

Starts = Callable[[str], Sequence[int]]
"""Positions in a text at which its tokens begin, in order, special tokens left out."""

_SLAB = 65_536
"""Characters tokenized at once: it bounds memory, whatever the length of the text."""
_WIDEST = 4_096
"""Characters in a piece at most: a tokenizer may call any long word, or any run of spaces, one token or none."""
_BREAKS = tuple(map(re.compile, (r"\n", r"[.!?…]+[\"'”’»)\]]*\s|[。！？]", r"\s")))
"""Where to cut, best first: between lines, sentences, words."""


def encodable(text: str) -> str:
    """The text with lone surrogates, which no tokenizer takes, replaced one for one."""
    return text.encode("utf-8", "replace").decode("utf-8")


def cut(text: str, starts: Starts, limit: int) -> list[str]:
    """Pieces of at most `limit` tokens, in order, without outer whitespace; `[""]` when there is nothing else.

    Takes time proportional to the text's length.
    """
    pieces = [
        fitting
        for slab in _slabs(text)
        for piece in _pieces(slab, starts, limit)
        for fitting in _fitting(piece.strip(), starts, limit)
    ]
    return pieces or [""]


def _slabs(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = _break(text, at, min(at + _SLAB, len(text)))
        yield text[at:end]
        at = end


def _pieces(slab: str, starts: Starts, limit: int) -> Iterator[str]:
    tokens = starts(slab)
    at = 0
    while at < len(slab):
        beyond = bisect_left(tokens, at) + limit
        room = tokens[beyond] if beyond < len(tokens) else len(slab)
        end = _break(slab, at, max(min(room, at + _WIDEST), at + 1))
        yield slab[at:end]
        at = end


def _break(text: str, at: int, end: int) -> int:
    """The best place to cut in the second half of text[at:end]; its end when all of the text fits, or none is good."""
    if end == len(text):
        return end
    for pattern in _BREAKS:
        places = [found.end() for found in pattern.finditer(text, at + (end - at) // 2, end)]
        if places:
            return places[-1]
    return end


def _fitting(piece: str, starts: Starts, limit: int) -> Iterator[str]:
    """The piece, halved until it fits: the parts of a word that was cut may have more tokens than the word had."""
    if len(piece) > 1 and len(starts(piece)) > limit:
        middle = len(piece) // 2
        yield from _fitting(piece[:middle], starts, limit)
        yield from _fitting(piece[middle:], starts, limit)
    elif piece:
        yield piece
