"""Cuts a turn's text into sentences with their place in it, and tells the person's prose from what they pasted.

Knows nothing of what a sentence means: only whether it reads as someone talking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from agent.stages.reading.forms import is_code, is_printed, speaks
from agent.stages.reading.pasted import Piece, handed_over

SentenceKind = Literal["prose", "item", "heading", "quote", "code", "paste"]
"""`item` is one point of a list; `paste` a log, a table or a document that was handed over."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as written; `text` is the turn's `[start:end]`."""

    text: str
    start: int
    end: int
    kind: SentenceKind
    paragraph: int = 0
    """Counts the blocks of its turn: lines that follow each other without a gap, or one point of a list."""

    @property
    def own(self) -> bool:
        """Whether these are the speaker's own words, as far as the form tells."""
        return self.kind in ("prose", "item")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int
    kind: SentenceKind


_FENCE = re.compile(r"\s*(?:```|~~~)")
_QUOTES = re.compile(r'\s*(?:"""|\'\'\'|“““|<<<)')
_UNQUOTES = ('"""', "'''", "”””", ">>>")
_ITEM = re.compile(r"\s{0,12}(?:[-*+•–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s|\s*(?:={3,}|-{3,}|\*{3,})\s*$")
_BOLD_HEADING = re.compile(r"\s*\*\*[^*]{1,80}\*\*:?\s*$")
_LOG = re.compile(
    r"\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|\[\d{1,2}:\d\d\] |\[?(?:INFO|DEBUG|WARN|WARNING|ERROR|"
    r"FATAL|TRACE)\b|"
    r"Traceback \(|File \"|at [\w.$<>]+\(|\w+(?:Error|Exception)\b:|\$ |>>> |\.\.\. |[+-]{3} [ab]/|@@ |diff --git|"
    r"[✓✔✗✘⨯×●▶│├└] ?\w|[\w./-]+:\d+(?::\d+)?:|/(?:usr|bin|home|etc|opt|var)/|npm ERR|FAILED |PASSED |={5,}|\||"
    r"</?[a-zA-Z][\w-]*[ >/]|<!--|[{}\[\]();]+\s*$|\"[\w-]+\"\s*:)"
)
_CODE = re.compile(
    r"\s*(?:(?:def|class|import|from|return|const|let|var|function|public|private|async|elif|else:|try:|SELECT|"
    r"INSERT|"
    r"CREATE|#include|package|fn|use|export) ?\S*[ (:{;]?.*[:{};()=]\s*$|[\w.\[\]]+\s*(?:=|:=|\+=)\s*\S+[;)]?\s*$|"
    r"[\w.]+\([^)]*\);?\s*$)"
)
_HANDS_OVER = re.compile(
    r"\b(?:here(?:'s| is| are)|below|following|this is|attached|pasted?|says?|got|from the|output|log|error|e-?mail|"
    r"article|document|transcript|message|text|code|paragraph|essay|story|passage|draft|abstract|"
    r"review)\b[^.?!]*:\s*$",
    re.IGNORECASE,
)
_SELF = re.compile(r"\b(?:I|I'm|I've|I'd|I'll|we|we're|we've|my|our|me|us|let's|please)\b", re.IGNORECASE)
_QUOTATION = re.compile(r"\s*[\"“«][^\"”»]{12,}[\"”»][.,]?\s*$")
_CITED = re.compile(r'(?<!\w)"(?=\w)[^"\n]{20,600}?(?<=[\w.!?…])"(?!\w)|“[^”\n]{20,600}”|«[^»\n]{20,600}»')
"""Somebody's words between quotation marks; a shorter piece is a name or a term."""
_MOSTLY = 0.6
_LONG_DOCUMENT = 900
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|prof|st|vs|etc|e\.g|i\.e|jr|sr|fig|approx|inc|ltd|a\.m|p\.m|u\.s|u\.k)\.|"
    r"\b[A-Z]\.|\bno\.(?=\s\d)|^\d{1,3}\.)$",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[.!?…]+[\"')\]”’*_]*(?<![:;,]\s\d\.)(?=\s|$)(?!(?<=\b[Nn]o\.)\s\d)|"
    r"(?<=[)\w])(?=\s[-–—]{1,2}\s(?:by the way|anyway)\b)"
)
"""Where a sentence ends: not after the number of a point (`this: 5. the border`) nor in `no. 7`."""
_TRIM = " \t\r\n*_#>"
_GAP = re.compile(r"\n[ \t]*\n")
_FEWEST_TO_PART = 2
"""Sentences of a turn from which one of them can hand over the others."""
_WRAPPED = (60, 120)
_FEWEST = 3


def split(text: str) -> list[Sentence]:
    """Sentences in order. Linear in the length of the text."""
    return list(_split(text))


def typed(text: str) -> list[Sentence]:
    """The same of a person's turn to an assistant, where what was handed over without a fence is a `paste`."""
    return list(_typed(text))


@lru_cache(maxsize=1024)
def _typed(text: str) -> tuple[Sentence, ...]:
    found = _split(text)
    own = [at for at, sentence in enumerate(found) if sentence.own]
    if len(own) < _FEWEST_TO_PART and len(own) == len(found):
        return found
    foreign = {own[place] for place in handed_over(_pieces(text, found))}
    return tuple(replace(s, kind="paste") if at in foreign else s for at, s in enumerate(found))


def _pieces(text: str, found: tuple[Sentence, ...]) -> list[Piece]:
    """The sentences that may be the person's own, each with how it follows what stands before it."""
    pieces = []
    headed, before = False, None
    for sentence in found:
        between = text[before.end : sentence.start] if before else "\n"
        gap = bool(_GAP.search(between)) or (before is not None and before.kind == "heading")
        headed = sentence.kind == "heading" or (headed and not (_GAP.search(between) and before and before.own))
        if sentence.own:
            apart = before is not None and not before.own and before.kind != "heading"
            pieces.append(Piece(sentence.text, sentence.paragraph, "\n" in between, gap, headed, apart))
        before = sentence
    return pieces


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[Sentence, ...]:
    """Several stages read the same turns."""
    found: list[Sentence] = []
    quoted = [match.span() for match in _CITED.finditer(text) if match.group() != text.strip()]
    for number, block in enumerate(_blocks(_without_printed(list(_lines(text))))):
        for start, end in _cuts(text, block):
            piece = _sentence(text, start, end, block[0].kind, number)
            if piece:
                found.append(replace(piece, kind="quote") if piece.own and _within(piece, quoted) else piece)
    return tuple(found)


def _within(sentence: Sentence, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether most of a sentence lies between quotation marks."""
    inside = sum(max(0, min(end, sentence.end) - max(start, sentence.start)) for start, end in spans)
    return inside > _MOSTLY * (sentence.end - sentence.start)


def _lines(text: str) -> Iterator[_Line]:
    fenced = quoted = handed_over = False
    start = 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        kind: SentenceKind
        if _FENCE.match(line):
            fenced, kind = not fenced, "code"
        elif fenced:
            kind = "code"
        elif quoted:
            kind, quoted = "paste", not line.rstrip().endswith(_UNQUOTES)
        elif _QUOTES.match(line):
            kind, quoted = "paste", not line.strip()[3:].endswith(_UNQUOTES)
        elif _QUOTATION.match(line) and line.strip() != text.strip():
            kind = "quote"
        else:
            kind = _kind(line)
        if handed_over and line.strip():
            handed_over = kind in ("prose", "item", "heading")
            kind = "paste" if handed_over else kind
        yield _Line(line, start, kind)
        handed_over = handed_over or (
            kind == "prose" and line.rstrip().endswith(":") and bool(_HANDS_OVER.search(line))
        )
        start += len(raw)


def _without_printed(lines: list[_Line]) -> list[_Line]:
    """In a turn that hands over what a page or a tool printed, only the lines in which somebody speaks are talk."""
    if not is_printed([line.text for line in lines if line.kind in ("prose", "paste")]):
        return lines
    return [replace(line, kind="paste") if line.kind == "prose" and not speaks(line.text) else line for line in lines]


def _kind(line: str) -> SentenceKind:
    if line.lstrip().startswith(">"):
        return "quote"
    if _HEADING.match(line) or _BOLD_HEADING.match(line):
        return "heading"
    if _LOG.match(line):
        return "paste"
    item = _ITEM.match(line)
    if item:
        return "code" if is_code(line[item.end() :]) else "item"
    return "code" if _CODE.match(line) or is_code(line) else "prose"


def _blocks(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    """Lines that belong together: a paragraph, one point of a list, a run of code."""
    block: list[_Line] = []
    for line in lines:
        if block and (not line.text.strip() or line.kind != block[0].kind or line.kind in ("item", "heading")):
            yield _judged(block)
            block = []
        if line.text.strip():
            block.append(line)
    if block:
        yield _judged(block)


def _judged(block: list[_Line]) -> list[_Line]:
    """A long paragraph in which nobody says I, we or my is a document, not talk."""
    long = sum(len(line.text) for line in block) > _LONG_DOCUMENT
    if block[0].kind == "prose" and long and not any(_SELF.search(line.text) for line in block):
        return [_Line(line.text, line.start, "paste") for line in block]
    return block


def _cuts(text: str, block: list[_Line]) -> Iterator[tuple[int, int]]:
    start, end = block[0].start, block[-1].start + len(block[-1].text)
    if block[0].kind == "code":
        yield start, end
        return
    breaks = _line_breaks(block)
    for stop in _STOP.finditer(text, start, end):
        at = stop.end()
        while breaks and breaks[0] <= at:
            cut = breaks.pop(0)
            if cut > start:
                yield start, cut
                start = cut
        if at > start and not _ABBREVIATION.search(text, max(start, at - 8), at):
            yield start, at
            start = at
    for cut in breaks:
        if cut > start:
            yield start, cut
            start = cut
    if start < end:
        yield start, end


def _line_breaks(block: list[_Line]) -> list[int]:
    """Where a new line starts a new sentence, unless it goes on with one that was wrapped at the edge."""
    return [
        line.start
        for before, line in pairwise(block)
        if len(before.text) < _WRAPPED[0] or (len(before.text) > _WRAPPED[1] and line.text[:1].isupper())
    ]


def _sentence(text: str, start: int, end: int, kind: SentenceKind, paragraph: int) -> Sentence | None:
    if kind == "item":
        mark = _ITEM.match(text, start, end)
        start = mark.end() if mark else start
    while start < end and text[start] in _TRIM:
        start += 1
    while end > start and text[end - 1] in _TRIM:
        end -= 1
    return Sentence(text[start:end], start, end, kind, paragraph) if end - start >= _FEWEST else None
