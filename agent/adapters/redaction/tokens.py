"""Long random strings that stand alone, where neither a form nor a name tells what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.disguises import decoded
from agent.adapters.redaction.harmless import Harmless
from agent.adapters.redaction.randomness import is_hex, is_placeholder, is_random, is_uuid, pieces
from agent.adapters.redaction.span import Span

_TOKEN = re.compile(r"(?<![\w+/~.%@-])[\w+/~.-]{20,600}={0,2}(?![\w+/~])", re.ASCII)
_NAMED_HARMLESS = re.compile(
    r"(?i:(?:\b|_)(?:[a-z]{0,8}id|(?:sha|md)\d{1,3}|h1|integrity|checksum|digest|fingerprint|etag|commit|hash))"
    r"\\*[\"']?\s{0,2}[:=(]\s{0,2}\\*[\"']?$"
)
_PATH = re.compile(r"[\w.~-]*/[a-z]{2,}[./]|(?:sha|md)\d{1,3}-")


def tokens(text: str) -> Iterator[Span]:
    harmless = Harmless(text)
    for match in _TOKEN.finditer(text):
        start, token = match.start(), match[0]
        if (
            _is_token(token.strip(".-/"))
            and not _PATH.match(token)
            and not _NAMED_HARMLESS.search(text, max(0, start - 24), start)
            and start not in harmless
        ):
            yield Span(start, start + len(token.rstrip(".-/")), "token")


def _is_token(text: str) -> bool:
    if is_uuid(text) or not is_random(text, 0.45) or is_placeholder(text):
        return False
    core = next((piece for piece in pieces(text) if not is_hex(piece)), "")
    hidden = decoded(text)
    if not is_random(core) or (hidden and " " in hidden):
        return False
    return len(core) >= (20 if core.islower() or core.isupper() else 12)
