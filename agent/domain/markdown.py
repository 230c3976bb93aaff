"""Text into markdown and back, so that what somebody said can never be taken for structure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BIDI = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Text without control characters, bidirectional overrides and lone surrogates; newlines and tabs stay."""
    return _BIDI.sub("", _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def one_line(text: str, limit: int = 0) -> str:
    """Text on one line, spaces single; cut at a word with an ellipsis when `limit` characters are exceeded."""
    line = re.sub(r"\s+", " ", clean(text)).strip()
    if limit and len(line) > limit:
        line = line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
    return line


def quoted(text: str) -> str:
    """Text as a blockquote. Every line begins with `>`, so nothing inside can look like a heading or a turn."""
    return "\n".join(f"> {line}".rstrip() for line in clean(text).split("\n"))


def unquoted(lines: Iterable[str]) -> str:
    """What `quoted` was given, less trailing blanks."""
    return "\n".join(line[2:] if line.startswith("> ") else line[1:] for line in lines)


_OPENS = r"[#>+*=|\\`~-]|\[[ xX]\]"
"""What at the beginning of a line opens something in markdown, besides a number."""


def prose(text: str) -> str:
    """One line of text that markdown won't read as a heading, list, quote, link target or HTML."""
    line = re.sub(r"<(?=[A-Za-z/!?])([^<>]*)>", r"‹\1›", one_line(text))
    line = re.sub(r"\[(?=\[)", "[ ", re.sub(r"<(?=[A-Za-z/!?])", "‹", line))
    return re.sub(rf"^({_OPENS})", r"\\\1", re.sub(r"^(\d+)(\\*[.)])", r"\1\\\2", line))


def unprose(text: str) -> str:
    """What `prose` was given, as far as it can be told."""
    line = re.sub(rf"^(?:(\d+)\\(?=\\*[.)])|\\(?={_OPENS}))", r"\1", text.strip())
    line = re.sub(r"‹(?=[A-Za-z/!?])([^‹›]*)›", r"<\1>", line)
    return re.sub(r"\[ (?=\[)", "[", line).replace("‹", "<")


def iso(when: datetime | None) -> str:
    """ISO 8601 in UTC to the second, or empty."""
    return f"{when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z" if when else ""


def moment(text: str) -> datetime | None:
    """A datetime from ISO 8601 text, UTC when it names no zone; None when it isn't one, or lies before the year 1 or
    after 9999 in UTC."""
    try:
        when = datetime.fromisoformat(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return when


TURNS = r"t\d{1,9}(?:–t\d{1,9})?(?:, t\d{1,9}(?:–t\d{1,9})?)*"
"""What `turns_text` writes, as a pattern."""


def turns_text(turns: Iterable[int]) -> str:
    """Turn numbers as `t3, t7–t9`."""
    parts: list[str] = []
    run: list[int] = []
    for index in [*sorted(set(turns)), None]:
        if index is not None and run and index == run[-1] + 1:
            run.append(index)
            continue
        if run:
            parts.append(f"t{run[0]}" if len(run) == 1 else f"t{run[0]}–t{run[-1]}")
        run = [index] if index is not None else []
    return ", ".join(parts)


def turns_of(text: str, limit: int = 100_000) -> tuple[int, ...]:
    """The numbers in what `turns_text` wrote; no more than `limit`, whatever range a text claims."""
    found: list[int] = []
    for match in re.finditer(r"\bt(\d{1,9})(?:–t(\d{1,9}))?", text):
        low, high = int(match[1]), int(match[2] or match[1])
        found.extend(range(low, min(high + 1, low + limit - len(found))))
        if len(found) >= limit:
            break
    return tuple(found)


def width(text: str) -> int:
    """Letters and digits in a text: what is left when marks and spaces don't count."""
    return sum(map(str.isalnum, text))
