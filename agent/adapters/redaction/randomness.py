"""Tells what a machine made up from what a person would write: identifiers, words, placeholders."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib.resources import files
from operator import add

_LETTERS_ALONE = 14
"""Of one case, fewer are an abbreviation. A string in which hardly any comes twice is an alphabet."""
_SHORT = 12
"""Below this a name with a number in it, such as `latin1`, is as odd as a drawn string."""
_CAMEL, _HUMP = 2.0, 3.3
"""Names made of abbreviations are odd up to the first; their humps are as long as the second and more."""
_HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_ALPHABETS = tuple(
    (len(letters), re.compile(f"[{letters}]").search)
    for letters in ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
)
_CHANGE = re.compile(r"(?=[a-z][A-Z0-9]|[A-Z][0-9]|[0-9][A-Za-z])")
_OTHER = re.compile(r"[^A-Za-z0-9]")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_HEX = re.compile(r"(?:0x)?[0-9a-f]+|[0-9A-F]+|0x[0-9a-fA-F]+")
_UUID = re.compile(r"[0-9a-zA-Z]{8}(?:-[0-9a-zA-Z]{4}){3}-[0-9a-zA-Z]{12}")
_TEMPLATE = re.compile(
    r"[$#]?\{\{?[\w .:?+=/$-]{0,80}\}?\}|#\{[^{}\n]{0,120}\}|%[A-Za-z_]\w{0,60}%|\$\([^()]{0,200}\)"
    r"|(?<![A-Za-z0-9$])\$[A-Za-z_]\w*|\$\d\b|<[^<>]{1,80}>|%[sdqvr]|%\(\w{1,40}\)s|\[[A-Z_ ]{1,40}\]"
)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})")
_PLACEHOLDER = re.compile(
    r"(?i)x{4}|\*{3}|\.{3}|#{4}|…|your|example|placeholder|change_?me|replace|insert|dummy|sample"
)
_BLANK = re.compile(r"(?i)x{4}|\*{3}|\.{3}|#{4}")


def surprise(text: str) -> float:
    """Bits a letter or digit by which a draw from its alphabet explains the text better than a person's writing does.

    Words and identifiers lie around -2, drawn strings around 2.
    """
    alphabet = sum(size for size, found in _ALPHABETS if found(text))
    if not alphabet:
        return -math.inf
    known = _OTHER.sub("_", text)
    bits = _pairs()
    drawn = [bits[pair] for pair in map(add, "_" + known, known) if pair[1] != "_"]
    return sum(drawn) / len(drawn) - math.log2(alphabet) if drawn else -math.inf


def is_random(text: str, least: float = 0.75) -> bool:
    """Whether letters and digits follow each other as no name, version, date or number has them."""
    digits = sum(map(str.isdigit, text))
    letters = sum(map(str.isalpha, text))
    if letters < 2 or letters * 10 < digits:
        return False
    if not digits and (text.islower() or text.isupper()):
        return letters >= _LETTERS_ALONE and len(set(text)) < letters - 1 and surprise(text) > max(least, 1.5)
    if len(text) < _SHORT and len(_CHANGE.findall(text)) < 2:
        return False
    return surprise(text) > (max(least, _CAMEL) if _has_humps(text) else least)


def _has_humps(text: str) -> bool:
    """Whether it reads like a name in CamelCase: capitals are far apart, as chance would rarely have them."""
    if text.islower() or text.isupper():
        return False
    return len(text) >= _HUMP * len(_HUMPS.findall(text))


def pieces(text: str) -> list[str]:
    """The stretches without punctuation, longest first."""
    return sorted(_PIECE.findall(text), key=len, reverse=True)


def is_hex(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def without_templates(text: str) -> str:
    """What remains when variables still to be filled in are taken out."""
    return _ESCAPE.sub("", _TEMPLATE.sub(lambda variable: variable[0] if _is_drawn(variable[0]) else "", text))


def _is_drawn(variable: str) -> bool:
    return len(variable) >= _SHORT and is_random(variable)


def is_placeholder(text: str) -> bool:
    """Whether this stands where a secret would be, as documentation writes it."""
    return len(set(text)) < 4 or _PLACEHOLDER.search(text) is not None


def is_blanked(text: str) -> bool:
    """Whether somebody has already put signs in the place of a secret."""
    return _BLANK.search(text) is not None


@cache
def _pairs() -> dict[str, float]:
    """Bits of each character after each other in what people write, made by `bench/train/character_pairs.py`."""
    table = json.loads(files("agent.adapters.redaction").joinpath("pairs.json").read_text("utf-8"))
    alphabet, step = table["alphabet"], table["step"]
    return {
        first + second: alphabet.index(cost) * step
        for first, costs in table["rows"].items()
        for second, cost in zip(alphabet, costs, strict=True)
    }
