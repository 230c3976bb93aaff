"""Secrets in headers of requests: authorization, cookies, and the path of a webhook."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.randomness import is_hex, is_placeholder, is_random, is_uuid, without_templates
from agent.adapters.redaction.span import Span

_VALUES = (
    ("webhook", "hook", re.compile(r"hooks?[\w.-]{0,60}/([\w/.@-]{16,300})")),
    (
        "authorization",
        "uthorization",
        re.compile(
            r"(?i)(?<![a-z])authorization\\*[\"'`]?\s{0,4}[:=,]\s{0,4}\\*[\"'`]?"
            r"(?:[a-z][\w-]{1,20}\s{1,3})?([^\s\"'`\\,;<>]{6,})"
        ),
    ),
    ("authorization", "earer", re.compile(r"(?i)(?<![a-z])bearer\s{1,3}([\w.~+/=-]{12,})")),
)
_COOKIE = re.compile(r"(?i)(?<![a-z])(?:set-)?cookie\\*[\"'`]?\s{0,4}[:=]\s{0,4}\\*[\"'`]?([^\n\"'`]{8,4000})")
_CRUMB = re.compile(r"[^\s=;,]{1,80}=([^\s;]{8,})")
_PARTS = re.compile(r"[=,\s]+|(?<![A-Za-z0-9+/=]{32})[/@](?![A-Za-z0-9+/=]{32})")
_FILE = re.compile(r"\.[a-z]{2,4}$")
_ODDEST = {"webhook": 1.0, "authorization": 0.3, "cookie": 0.3}


def headers(text: str) -> Iterator[Span]:
    for kind, hint, pattern in _VALUES:
        if hint in text:
            for match in pattern.finditer(text):
                if _is_made_up(match[1], _ODDEST[kind]) and not _FILE.search(match[1]):
                    yield Span(*match.span(1), kind)
    for cookie in _COOKIE.finditer(text) if "ookie" in text else ():
        for crumb in _CRUMB.finditer(text, *cookie.span(1)):
            if _is_made_up(crumb[1], _ODDEST["cookie"]):
                yield Span(*crumb.span(1), "cookie")


def _is_made_up(value: str, least: float) -> bool:
    bare = without_templates(value)
    return not is_placeholder(bare) and any(
        is_random(part, least) or is_uuid(part) or (len(part) >= 16 and is_hex(part)) for part in _PARTS.split(bare)
    )
