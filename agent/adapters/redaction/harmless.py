"""Where a random string is expected and is no secret: addresses, pictures, public keys."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

_PLACES = (
    ("://", re.compile(r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,12}://[^\s<>\"'`]+")),
    (";base64,", re.compile(r"data:[\w/+.;=-]{0,80};base64,[A-Za-z0-9+/=]*")),
    (
        "AAAA",
        re.compile(r"(?:ssh-\w{1,20}|ecdsa-[\w-]{1,40}|sk-[\w-]{1,40}@[\w.]{1,40})\s{1,4}AAAA[A-Za-z0-9+/=]*"),
    ),
    ("-----BEGIN ", re.compile(r"-----BEGIN (?![A-Z ]*PRIVATE)[A-Z0-9 ]{1,40}-----(?:[^-]|-(?!----))*")),
)


class Harmless:
    """The harmless stretches of one text, looked for at the first question."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __contains__(self, place: int) -> bool:
        at = bisect_right(self._starts, place) - 1
        return at >= 0 and place < self._stretches[at][1]

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self._stretches]

    @cached_property
    def _stretches(self) -> list[tuple[int, int]]:
        united: list[tuple[int, int]] = []
        for start, end in sorted(
            match.span() for hint, place in _PLACES if hint in self._text for match in place.finditer(self._text)
        ):
            if united and start < united[-1][1]:
                united[-1] = (united[-1][0], max(end, united[-1][1]))
            else:
                united.append((start, end))
        return united
