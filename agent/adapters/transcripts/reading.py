"""What all transcript readers share: files read line by line within bounds, and values of untrusted JSON."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from agent.domain.transcript import Transcript
from agent.errors import TranscriptError

LINE_LIMIT = 16 * 2**20
"""Bytes of the longest line that is still parsed."""
HEAD = 64 * 2**10
"""Bytes of a file's beginning from which its format is recognised."""
BOM = b"\xef\xbb\xbf"

_KINDS = 200
"""Distinct kinds of skipped records that are told apart; the rest is `other`."""
_MILLISECONDS_FROM = 1e11
"""Epoch numbers this large count milliseconds: as seconds they would lie past the year 5000."""


class Skipped(Counter[str]):
    """Records passed over, counted by a short and printable kind."""

    def note(self, kind: object, count: int = 1) -> None:
        name = label(kind, 40) or "unknown"
        self[name if name in self or len(self) < _KINDS else "other"] += count


class FileReader(ABC):
    """Reads a format whose conversations lie in one file, recognised by the file's beginning."""

    format: str

    def recognises(self, path: Path, head: bytes) -> bool:
        return path.is_file() and self.fits(head)

    @abstractmethod
    def fits(self, head: bytes) -> bool:
        """Whether a file that begins so is of this format."""

    @abstractmethod
    def read(self, path: Path) -> Iterator[Transcript]:
        """As the port says."""


def unreadable(path: Path, why: str, *, line: int | None = None, tried: tuple[str, ...] = ()) -> TranscriptError:
    where = f"{path}, line {line}" if line else str(path)
    return TranscriptError(f"{where}: {why}", path=str(path), line=line, tried=tried)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            if file.read(len(BOM)) != BOM:
                file.seek(0)
            yield file
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error


def head_of(path: Path) -> bytes:
    """The beginning from which a file's format is recognised."""
    with opened(path) as file:
        return file.read(HEAD)


def raw_lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Every line with its number, counted from 1; None for a line beyond LINE_LIMIT."""
    with opened(path) as file:
        number = 0
        while line := file.readline(LINE_LIMIT):
            number += 1
            oversized = len(line) == LINE_LIMIT and not line.endswith(b"\n")
            while oversized and line and not line.endswith(b"\n"):
                line = file.readline(2**20)
            yield number, None if oversized else line


def text_lines(path: Path, skipped: Skipped) -> Iterator[str]:
    """Every line as text, without its line end but with its trailing blanks."""
    for _, line in raw_lines(path):
        if line is None:
            skipped.note("oversized line")
        else:
            yield clean(line.decode("utf-8", "replace").rstrip("\r\n"))


def json_lines(
    path: Path, tried: str, skipped: Skipped, wanted: Callable[[int], bool] = lambda _: True
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every JSON object of a file of JSON lines, with its line number.

    A line a crash tore, at the end or before a resumed session went on writing, begins like a record: it is
    counted. A line that doesn't is not JSON lines at all, and raises TranscriptError.
    """
    for number, line in raw_lines(path):
        if not wanted(number):
            continue
        if line is None:
            skipped.note("oversized line")
            continue
        record = line.strip(b" \t\r\n\0")
        if not record:
            continue
        try:
            value = json.loads(record.decode("utf-8", "replace"))
        except RecursionError:
            skipped.note("deeply nested line")
            continue
        except ValueError as error:
            if not record.startswith(b"{") and line.endswith(b"\n"):
                raise unreadable(path, "not a JSON line", line=number, tried=(tried,)) from error
            skipped.note("torn line")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            skipped.note(type(value).__name__)


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def string(value: object) -> str:
    return value if isinstance(value, str) else ""


def names(text: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(text.split())


def truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def first(record: dict[str, Any], *keys: str) -> str:
    """The first of these keys that holds a text with something in it."""
    return next((record[key] for key in keys if string(record.get(key)).strip()), "")


def label(value: object, limit: int) -> str:
    """A short printable name made from an untrusted value; empty when it isn't a text."""
    text = "".join(c if c.isprintable() else " " for c in string(value)[: limit * 4])
    return " ".join(text.split())[:limit].rstrip()


def rendered(value: object) -> str:
    """A value as text: itself, or as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:
        return "[nested too deep]"


def clean(text: str) -> str:
    """The text without lone surrogates, which no encoder takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def cap(text: str, limit: int) -> str:
    """The text, or its beginning and end around a mark that says how much was left out."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    tail = limit - head
    return f"{text[:head]}\n[… {len(text) - limit:,} characters left out …]\n{text[-tail:]}"


def timestamp(value: object) -> datetime | None:
    """A moment from ISO 8601 text or epoch seconds or milliseconds; without a zone it is taken as UTC."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            seconds = float(value)
            return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS_FROM else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
