"""Text as a reader or a program would take it: look-alike characters folded, lines joined, codes decoded once."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_letters, digits
from urllib.parse import unquote

from agent.adapters.redaction.harmless import Harmless
from agent.adapters.redaction.places import in_long_words
from agent.adapters.redaction.randomness import is_random, surprise

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_QUOTES = {"‘": "'", "’": "'", "“": '"', "”": '"'}
_WIDEST = 3
"""Letters hide behind one character up to this many at a time; whole phrases that do would swell the text."""
_ESCAPED = re.compile(r"(?<![\w%.+/=:@~-])[\w.+/=:@~-]*%[0-9A-Fa-f]{2}[\w%.+/=:@~-]*", re.ASCII)
_BASE64 = re.compile(r"(?<![\w+/-])[\w+/-]{16,}={0,2}", re.ASCII)
_WRAPPED = re.compile(r"(?<![\w+/~.=-])([\w+/~.=-]{8,512})(\\?\r?\n[ \t>|#*]{0,12})([\w+/~.=-]{4,512})", re.ASCII)
_LONGEST = 520
"""More characters than a line that was wrapped may have, its end included."""
_WITHIN = ascii_letters + digits + "_+/~.=-"
"""What a line that was wrapped may be made of."""
_SPACES = " " * 15
_SPACED = re.compile(rf"(?<!\S)[\w+/~.=-](?: [\w+/~.=-]){{{len(_SPACES)},512}}(?!\S)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without look-alikes and invisible characters, and where each of its characters came from."""

    text: str
    origins: list[int] | None
    """Place of each character in the original, and one past the end; None where nothing moved."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Disguise:
    """A stretch of the text, and what it says."""

    start: int
    end: int
    says: str
    seam: int | None = None
    """Where two lines were joined in `says`."""
    partly: bool = False
    """Whether it may be an address or a setting of which only a part is a secret."""


def plain(text: str) -> Plain:
    folded = {} if text.isascii() else {letter: _folded(letter) for letter in set(text) if not letter.isascii()}
    if all(letter == becomes for letter, becomes in folded.items()):
        return Plain(text, None)
    pieces: list[str] = []
    origins: list[int] = []
    at = 0
    for run in _FOREIGN.finditer(text):
        pieces.append(text[at : run.start()])
        origins.extend(range(at, run.start()))
        at = run.end()
        for place in range(run.start(), run.end()):
            pieces.append(folded[text[place]])
            origins.extend([place] * len(folded[text[place]]))
    pieces.append(text[at:])
    origins.extend(range(at, len(text)))
    return Plain("".join(pieces), origins)


def _folded(character: str) -> str:
    if unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    folded = _QUOTES.get(character) or unicodedata.normalize("NFKC", character)
    return folded if len(folded) <= _WIDEST else character


def disguises(text: str) -> Iterator[Disguise]:
    if "%" in text:
        for match in _ESCAPED.finditer(text):
            if "\ufffd" not in (unquoted := unquote(match[0])):
                yield Disguise(match.start(), match.end(), unquoted, partly=True)
    for match in in_long_words(_BASE64, text):
        if says := decoded(match[0]):
            yield Disguise(match.start(), match.end(), says)
    harmless = Harmless(text)
    for match in _wrapped(text):
        joined = match[1] + match[3]
        if is_random(joined) and surprise(match[3]) > 0 and match.start() not in harmless:
            yield Disguise(match.start(), match.end(), joined, len(match[1]))
    # Every other character of such a stretch is a space.
    for match in _SPACED.finditer(text) if _SPACES in text[::2] or _SPACES in text[1::2] else ():
        yield Disguise(match.start(), match.end(), match[0].replace(" ", ""))


def _wrapped(text: str) -> Iterator[re.Match[str]]:
    """What `_WRAPPED.finditer(text)` would find: looked for at the ends of lines only."""
    begins = end = 0
    while (at := text.find("\n", begins)) >= 0:
        begins = max(begins, at - _LONGEST)
        line = text[begins:at].removesuffix("\r").removesuffix("\\")
        start = begins + len(line.rstrip(_WITHIN))
        if start >= end and (match := _WRAPPED.match(text, start)):
            yield match
            end = match.end()
        begins = at + 1


def decoded(text: str) -> str | None:
    """The text that base64 hides; None where it hides none."""
    if not _BASE64.fullmatch(text):
        return None
    digits = text.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    if len(digits) % 4 == 1 or not _is_text(base64.b64decode(digits[:16])):
        return None
    raw = base64.b64decode(digits + "=" * (-len(digits) % 4))
    return raw.decode() if _is_text(raw) else None


def _is_text(raw: bytes) -> bool:
    return raw.isascii() and raw.translate(None, b"\t\r\n").decode().isprintable()
