"""Kubernetes secrets: every value in them counts, whatever its name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.randomness import is_placeholder, without_templates
from agent.adapters.redaction.span import Span
from agent.adapters.redaction.values import is_secret

_KIND = re.compile(r"(?:^|(?<=\n))[ \t>]*[\"']?kind[\"']?:[ \t]*[\"']?Secret[\"']?,?[ \t]*(?=\n|$)")
_DATA = re.compile(r"(?:^|(?<=\n))([ \t>]*)(data|stringData):[ \t]*\n")
_ENTRY = re.compile(r"([ \t>]*)[\w.\"'-]{1,80}:[ \t]+[\"']?([^\s\"'#|>][^\n\"']*?)[\"']?[ \t]*(?:\n|$)")
_LINE = re.compile(r"[^\n]*(?:\n|$)")
_REACH = 8000
"""How far the values may be from the line that says what they are, in characters."""


def manifests(text: str) -> Iterator[Span]:
    done = 0
    for kind in _KIND.finditer(text) if "Secret" in text else ():
        start = max(done, kind.start() - _REACH)
        start = max(start, text.rfind("\n---", start, kind.start()))
        done = min(len(text), kind.end() + _REACH)
        if (rule := text.find("\n---", kind.end(), done)) >= 0:
            done = rule
        for data in _DATA.finditer(text, start, done):
            yield from _entries(text, data.end(), done, len(data[1]), encoded=data[2] == "data")


def _entries(text: str, at: int, stop: int, indent: int, *, encoded: bool) -> Iterator[Span]:
    while at < stop:
        line = _LINE.match(text, at)
        entry = _ENTRY.match(text, at)
        if not line or not line[0].strip() or (entry and len(entry[1]) <= indent):
            return
        if entry:
            value = without_templates(entry[2])
            if len(value) >= 4 and not is_placeholder(value) and (encoded or is_secret("password", value, sure=True)):
                yield Span(entry.start(2), entry.end(2), "secret")
        elif len(line[0]) - len(line[0].lstrip(" \t>")) <= indent:
            return
        at = line.end()
