"""Long random strings that stand alone, where neither a form nor a name tells what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.disguises import decoded
from agent.adapters.redaction.harmless import Harmless, follows_harmless_name, is_everyday
from agent.adapters.redaction.places import in_long_words
from agent.adapters.redaction.randomness import is_hex, is_placeholder, is_random, is_uuid, pieces, surprise
from agent.adapters.redaction.span import Span

_TOKEN = re.compile(r"(?<![\w+/~.%@-])[\w+/~.-]{20,600}={0,2}(?![\w+/~])", re.ASCII)
_LEAST = 20
_PATH = re.compile(r"[\w.~-]*/[a-z]{2,}[./]|(?:sha|md)\d{1,3}-")
_CHECKSUM = re.compile(r"(?<![A-Za-z0-9])(?:[0-9a-f]{16,}|[0-9A-F]{16,})(?![A-Za-z0-9])")
_ODD, _VERY_ODD, _LONG = 1.0, 1.5, 32
_PREFIX = re.compile(r"[A-Za-z0-9]{1,10}[-_]")
_DRAWING = re.compile(r"[MmLlHhVvCcSsQqTtAaZz\d.,-]+")
"""The outline of a picture."""


def tokens(text: str) -> Iterator[Span]:
    harmless = Harmless(text)
    for match in in_long_words(_TOKEN, text, _LEAST):
        start, token = match.start(), match[0]
        if (
            _is_token(token.strip(".-/"))
            and not _PATH.match(token)
            and not ((prefix := _PREFIX.match(token)) and is_everyday(prefix[0]))
            and not follows_harmless_name(text, start)
            and start not in harmless
        ):
            yield Span(start, start + len(token.rstrip(".-/")), "token")


def _is_token(text: str) -> bool:
    if is_uuid(text) or is_placeholder(text) or _DRAWING.fullmatch(text):
        return False
    mixed = _CHECKSUM.sub("", text)
    if not is_random(mixed, _ODD):
        return False
    core = next((piece for piece in pieces(mixed) if not is_hex(piece)), "")
    hidden = decoded(text)
    return is_random(core) and len(core) >= _least_core(mixed, core) and not (hidden and " " in hidden)


def _least_core(text: str, core: str) -> int:
    """How long the longest stretch without a sign must be: shorter in what is long and very odd."""
    if len(text) >= _LONG and surprise(text) > _VERY_ODD:
        return 8
    return 20 if core.islower() or core.isupper() else 12
