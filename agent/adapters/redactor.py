"""Takes secrets out of text, by stretches of it. Knows nothing of transcripts, files or where the text goes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import count

from agent.adapters.redaction.assignments import assignments
from agent.adapters.redaction.columns import columns
from agent.adapters.redaction.disguises import Disguise, disguises, plain
from agent.adapters.redaction.headers import headers
from agent.adapters.redaction.logins import logins
from agent.adapters.redaction.manifests import manifests
from agent.adapters.redaction.personal import personal
from agent.adapters.redaction.private_keys import private_keys
from agent.adapters.redaction.sentences import sentences
from agent.adapters.redaction.services import services
from agent.adapters.redaction.shapes import shapes
from agent.adapters.redaction.span import Span, merged
from agent.adapters.redaction.tokens import tokens
from agent.ports import Redacted

_PATIENCE = 3
"""Looks at a text, each after the secrets of the one before are gone, until the next finds none. Text made to yield
one secret at a time loses ever wider surroundings from then on, so that the looks grow with the logarithm of it."""

_SEARCHES = (
    private_keys, shapes, headers, logins, assignments, columns, manifests, services, sentences, tokens
)  # fmt: skip
_TELLING = 8
"""Length from which on a secret is known again; shorter ones may be everyday words elsewhere."""
_RUN = re.compile(rf"[\w!#$%&*+./=?@^~-]{{{_TELLING},}}")
_TAKEN_OUT = re.compile(r"\[redacted:[a-z-]+\]")


class SpanRedactor:
    """Replaces secrets by `[redacted:<kind>]`, and of card, iban, email and phone numbers those asked for."""

    def __init__(self, personal_kinds: frozenset[str] = frozenset({"card", "iban"})) -> None:
        self._personal_kinds = personal_kinds

    def redact(self, text: str) -> Redacted:
        counts: Counter[str] = Counter()
        if not text:
            return Redacted(text, counts)
        for attempt in count():
            spans = self._spans(text, margin=0 if attempt < _PATIENCE else 16**attempt)
            if not spans:
                break
            text = _replaced(text, spans)
            counts.update(span.kind for span in spans)
        return Redacted(text, counts)

    def _spans(self, text: str, margin: int = 0) -> list[Span]:
        reading = plain(_TAKEN_OUT.sub(lambda marker: "\0" * len(marker[0]), text))
        secrets = merged(self._secrets(reading.text))
        found = merged([*secrets, *_again(reading.text, secrets), *personal(reading.text, self._personal_kinds)])
        places = (reading.place(span.start, span.end) for span in found)
        return merged(
            Span(max(0, start - margin), min(len(text), end + margin), span.kind)
            for span, (start, end) in zip(found, places, strict=True)
        )

    def _secrets(self, text: str) -> Iterator[Span]:
        plainly = merged(_in_the_open(text))
        yield from plainly
        ends = [span.end for span in plainly]
        for disguise in disguises(text):
            at = bisect_right(ends, disguise.start)
            if disguise.partly and at < len(plainly) and plainly[at].start < disguise.end:
                continue  # what remains of it is looked at again once this is gone
            if span := _behind(disguise):
                yield span


def _again(text: str, secrets: list[Span]) -> Iterator[Span]:
    """The same secrets in other places of the text, where nothing says what they are."""
    known = {text[span.start : span.end]: span.kind for span in secrets if span.end - span.start >= _TELLING}
    for run in _RUN.finditer(text) if known else ():
        word = run[0].rstrip(".!?")
        if kind := known.get(word):
            yield Span(run.start(), run.start() + len(word), kind)


def _in_the_open(text: str) -> Iterator[Span]:
    for search in _SEARCHES:
        yield from search(text)


def _behind(disguise: Disguise) -> Span | None:
    seam = disguise.seam
    if seam is not None and any(span.kind != "token" for span in _in_the_open(disguise.says[seam:])):
        return None  # two secrets on two lines
    for span in _in_the_open(disguise.says):
        if seam is None or span.start < seam < span.end:
            return Span(disguise.start, disguise.end, span.kind)
    return None


def _replaced(text: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    at = 0
    for span in spans:
        pieces += text[at : span.start], f"[redacted:{span.kind}]"
        at = span.end
    return "".join([*pieces, text[at:]])
