"""Tells what a machine made up from what a person would write: identifiers, words, placeholders."""

from __future__ import annotations

import re

_FOLLOWERS = {
    "a": "bcdgilmnprst", "b": "aceijloprsuy", "c": "acehiklortu", "d": "acdeilorstu", "e": "acdflmnprstx",
    "f": "adefilorstu", "g": "aeghilmnorsu", "h": "aeilnortu", "i": "acdeglmnorst", "j": "aceikopsu",
    "k": "adegilnopstw", "l": "adeilosty", "m": "abdeimopsu", "n": "acdefgiostuv", "o": "cdlmnoprstuw",
    "p": "aeiloprstuy", "q": "nrsu", "r": "acdegimnorst", "s": "acehilopstuy", "t": "acehilorstuy",
    "u": "abceilmnprst", "v": "aeimo", "w": "adefhilnors", "x": "abcdefimpsty", "y": "cefilmnopstw", "z": "aeioyz",
}  # fmt: skip
"""For each letter those that follow it in nine of ten places in English words and program identifiers."""

_PAIRS = frozenset(first + second for first, seconds in _FOLLOWERS.items() for second in seconds)
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_CHANGE = re.compile(r"(?=[a-z][A-Z0-9]|[A-Z][0-9]|[0-9][A-Za-z])")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TEMPLATE = re.compile(
    r"\$?\{\{?[\w .:?+=/$-]{0,80}\}?\}|\$\([^()]{0,200}\)|\$[A-Za-z_]\w*|\$\d\b|<[^<>]{1,80}>|%[sd]|%\(\w{1,40}\)s|"
    r"\[[A-Z_ ]{1,40}\]"
)
_PLACEHOLDER = re.compile(
    r"(?i)x{4}|\*{3}|\.{3}|#{4}|…|your|example|placeholder|change_?me|replace|insert|dummy|sample"
)
_BLANK = re.compile(r"(?i)x{4}|\*{3}|\.{3}|#{4}")


def wordiness(text: str) -> float:
    """Share of the letters that stand in runs which read like words."""
    letters = wordy = 0
    for run in _RUN.findall(text):
        letters += len(run)
        if len(run) >= 3:
            lower = run.lower()
            natural = sum(lower[at : at + 2] in _PAIRS for at in range(len(lower) - 1))
            wordy += len(run) if natural >= 0.6 * (len(run) - 1) else 0
    return wordy / letters if letters else 1.0


def is_random(text: str, tolerance: float = 0.55) -> bool:
    """Whether letters and digits are mixed as no name, version, date or number mixes them."""
    digits = sum(map(str.isdigit, text))
    letters = sum(map(str.isalpha, text))
    if letters < 2 or letters * 10 < digits:
        return False
    if not digits and (text.islower() or text.isupper()):
        return letters >= 14 and wordiness(text) < 0.2
    changes = len(_CHANGE.findall(text))
    return changes >= max(2, len(text) // 10) and wordiness(text) <= tolerance


def pieces(text: str) -> list[str]:
    """The stretches without punctuation, longest first."""
    return sorted(_PIECE.findall(text), key=len, reverse=True)


def is_hex(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def without_templates(text: str) -> str:
    """What remains when variables still to be filled in are taken out."""
    return _TEMPLATE.sub(lambda variable: variable[0] if is_random(variable[0]) else "", text)


def is_placeholder(text: str) -> bool:
    """Whether this stands where a secret would be, as documentation writes it."""
    return len(set(text)) < 4 or _PLACEHOLDER.search(text) is not None


def is_blanked(text: str) -> bool:
    """Whether somebody has already put signs in the place of a secret."""
    return _BLANK.search(text) is not None
