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
_EVERYDAY = re.compile(
    r"(?i)(?:^|[-_.])(?:call|gen|toolu|msg|resp|sha\d*|md5|h1|commit|build|image|layer|req|request|trace|span|"
    r"user|order|id|hash|rev|etag|chunk|file|version|index|main|photo|img|release|v\d*|x86|arn|ami|i|eni|vpc|"
    r"subnet|css|vol|snap|run|job|pod|web|chatcmpl|cmpl|thread|step|batch|asst|evt|cus|acct|price|prod)[-_.]"
)
_NAMED = re.compile(
    r"(?i:(?:\b|_)(?:[a-z]{0,8}id|(?:sha|md)\d{1,3}|h1)|integrity|checksum|digest|fingerprint|thumbprint|etag|commit|hash|\bsum)"
    r"\\*[\"']?\s{0,2}[:=(,]\s{0,2}\\*[\"']?(?:W/\\*[\"'])?$"
)
_NAME_REACH = 24


def is_everyday(prefix: str) -> bool:
    """Whether a prefix, with its separator, marks an identifier that everybody may see."""
    return _EVERYDAY.search(prefix) is not None


def follows_harmless_name(text: str, start: int) -> bool:
    """Whether the name before this place says that an identifier or a checksum follows."""
    return _NAMED.search(text, max(0, start - _NAME_REACH), start) is not None


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
