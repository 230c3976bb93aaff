"""Private keys in blocks of lines, whole or cut off, with their line ends written out or quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.span import Span

_BEGIN = re.compile(
    r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-{4,5}|PuTTY-User-Key-File-\d(?:: [^\n]{0,40})?"
)
_BODY = re.compile(r"(?:[^-]|-(?!---))*")
_END = re.compile(r"-{4,5} ?END [A-Z0-9 ]{0,60}-{4,5}")
_LINES = re.compile(
    r"(?:(?:\s|\\+[nr]|[\"'+,|>])*(?:[A-Z][\w-]+: [^\n]*|[A-Za-z0-9+/=]{16,}"
    r"|[A-Za-z0-9+/]{1,15}={0,2}(?=\s*Private-MAC)))*"
)


def private_keys(text: str) -> Iterator[Span]:
    for begin in _BEGIN.finditer(text) if "PRIVATE KEY" in text or "PuTTY" in text else ():
        body = _BODY.match(text, begin.end())
        end = _END.match(text, body.end()) if body and begin[0].startswith("-") else None
        lines = _LINES.match(text, begin.end())
        yield Span(begin.start(), end.end() if end else lines.end() if lines else begin.end(), "private-key")
