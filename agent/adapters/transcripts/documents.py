"""JSON documents read piece by piece, and the shape of a file's beginning. The only user of ijson."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from agent.adapters.transcripts.reading import BOM, opened, unreadable

_DEPTH = 100
"""Levels of nesting that are kept; what lies deeper is left out."""
_SHAPE_DEPTH = 8

Shape = dict[str, object]
"""Dotted path to the first value found there; None for an object, a list, or what `head` cuts off.

List items are called `item`.
"""

_OPENING = ("start_map", "start_array")
_CLOSING = ("end_map", "end_array")


@lru_cache(maxsize=1)
def shapes(head: bytes) -> tuple[Shape, ...]:
    """The shape of each JSON value at a file's beginning, as far as `head` goes; empty when it isn't JSON."""
    found: list[Shape] = []
    try:
        _look(head.removeprefix(BOM), found)
    except (ijson.JSONError, ValueError):
        return tuple(found)
    return tuple(found)


def _look(head: bytes, found: list[Shape]) -> None:
    path: list[str] = []
    deeper = 0
    for event, value in ijson.basic_parse(BytesIO(head), multiple_values=True):
        if event in _CLOSING:
            if deeper:
                deeper -= 1
            else:
                path.pop()
            continue
        if event == "map_key":
            if not deeper:
                path[-1] = value
                found[-1].setdefault(".".join(path), None)
            continue
        if not path:
            found.append({})
        if not deeper and event not in _OPENING and found[-1].get(".".join(path)) is None:
            found[-1][".".join(path)] = value
        if event in _OPENING and (deeper or len(path) == _SHAPE_DEPTH):
            deeper += 1
        elif event in _OPENING:
            path.append("item")


def elements(path: Path, tried: str, lists: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
    """The parts of a document, one at a time.

    The items of a list come under the name "", the members of an object under their keys, and those of its
    lists that are named in `lists` item by item.
    """
    with opened(path) as file:
        numbered = _Numbered(file)
        try:
            yield from _parts(numbered, lists)
        except (ijson.JSONError, ValueError) as error:
            why = f"broken JSON: {str(error).splitlines()[0]}"
            raise unreadable(path, why, line=max(numbered.line, 1), tried=(tried,)) from error


def _parts(file: _Numbered, lists: Collection[str]) -> Iterator[tuple[str, Any]]:
    events = ijson.basic_parse(file)
    opening, _ = next(events)
    key = ""
    for event, value in events:
        if event == "map_key":
            key = value
        elif event == "start_array" and opening == "start_map" and key in lists:
            for inner, item in events:
                if inner == "end_array":
                    break
                yield key, _value(events, inner, item)
        elif event not in _CLOSING:
            yield key, _value(events, event, value)


def _value(events: Iterator[tuple[str, Any]], event: str, value: Any) -> Any:
    """The value that begins at this event, built without recursion."""
    if event not in _OPENING:
        return _plain(value)
    root: Any = {} if event == "start_map" else []
    nest: list[Any] = [root]
    keys: list[str] = [""]
    deeper = 0
    for event, value in events:
        if event in _CLOSING:
            if deeper:
                deeper -= 1
                continue
            nest.pop()
            keys.pop()
            if not nest:
                break
        elif event in _OPENING and (deeper or len(nest) == _DEPTH):
            deeper += 1
        elif deeper:
            continue
        elif event == "map_key":
            keys[-1] = value
        else:
            inner: Any = {} if event == "start_map" else [] if event == "start_array" else _plain(value)
            if isinstance(nest[-1], dict):
                nest[-1][keys[-1]] = inner
            else:
                nest[-1].append(inner)
            if event in _OPENING:
                nest.append(inner)
                keys.append("")
    return root


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


class _Numbered:
    """A file handed to the parser line by line, so that an error's line is known."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.line = 0
        self._ended = True

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.readline(size)
        if chunk:
            self.line += self._ended
            self._ended = chunk.endswith(b"\n")
        return chunk
