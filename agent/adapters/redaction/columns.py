"""Secrets in tables, where the name is at the head of the column: markdown, and lines of values with separators."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.names import NAME, NAMED, REST, Name, name_of
from agent.adapters.redaction.randomness import is_random
from agent.adapters.redaction.span import Span
from agent.adapters.redaction.values import is_certain, is_secret

_NAMED = re.compile(rf"(?:{NAME})(?P<rest>{REST})")
_HEAD = re.compile(r"[\w ./*\"-]{1,60}(?:[|,;\t][\w ./*`\"-]{1,60}){1,15}(?=\n)")
_HEAD_OF_TABLE = re.compile(r"[ \t]*\|[^\n]{1,400}\|[ \t]*(?=\n)")
_WORD = re.compile(r"[A-Za-z_]\w*")


def columns(text: str) -> Iterator[Span]:
    named_lines = list(NAMED.lines(text)) if "\n" in text else ()
    for pattern in (_HEAD_OF_TABLE, _HEAD):
        end = 0
        for line_start in named_lines:
            head = pattern.match(text, line_start) if line_start >= end else None
            if not head or not (names := _names(head[0])):
                continue
            separator, named = names
            for start, line in _rows(text, head.end() + 1, separator, head[0].count(separator)):
                end = start + len(line)
                for place, cell, name in _cells(start, line, separator, named):
                    if _is_secret(cell, name) and (separator == "|" or not _WORD.fullmatch(cell) or is_random(cell)):
                        yield Span(place, place + len(cell), name.kind)


def _names(head: str) -> tuple[str, dict[int, Name]] | None:
    """The separator of a head line, and which of its columns promise a secret."""
    separator = next((sign for sign in "|\t;," if sign in head), ",")
    named = {
        place: name
        for place, cell in enumerate(head.split(separator))
        if (match := next(NAMED.matches(_NAMED, cell), None)) and (name := name_of(match, cell))
    }
    return (separator, named) if named else None


def _rows(text: str, at: int, separator: str, separators: int) -> Iterator[tuple[int, str]]:
    while at < len(text):
        stop = text.find("\n", at)
        line = text[at : stop if stop >= 0 else len(text)]
        if line.count(separator) != separators:
            return
        yield at, line
        at += len(line) + 1


def _cells(at: int, line: str, separator: str, named: dict[int, Name]) -> Iterator[tuple[int, str, Name]]:
    for place, cell in enumerate(line.split(separator)):
        if place in named:
            bare = cell.strip(" \t`\"'*")
            yield at + cell.find(bare), bare, named[place]
        at += len(cell) + 1


def _is_secret(cell: str, name: Name) -> bool:
    if name.about:
        return is_certain(cell)
    return is_secret(name.family, cell, sure=True, identifies=name.identifies)
