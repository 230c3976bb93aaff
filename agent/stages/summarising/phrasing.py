"""Puts sentences on one line of a note, and tells when such a line can't be understood alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.stages.reading.references import adrift
from agent.stages.reading.shortening import shortened
from agent.stages.reading.words import content
from agent.stages.summarising.ruled_out import says_something

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?[,.!?;:…]*(?:\s|$)")
_HANGS: Final = re.compile(r"\b(?:but|and|or|is|are|was|it['’]s)[.!]?$", re.IGNORECASE)
_PERSON: Final = re.compile(r"\b(?:she|he|her(?! \w+ing\b)|him|they|them)\b")
_NAMED: Final = re.compile(
    r"(?<=\w )(?!I\b)[A-Z][a-zà-ÿ]+|^[A-Z][a-zà-ÿ]+(?= (?:and|is|has|will|said|wants|needs|does)\b)"
    r"|\b(?:my|our|the|a) \w+.*\b(?:she|he|her|him|they|them)\b"
)


_GOES_ON: Final = re.compile(r"(?:plus|because|otherwise|besides)\b,?", re.IGNORECASE)


def joined(sentences: Sequence[str]) -> str:
    """Sentences on one line, each with a capital first letter and an end, without those that tell nothing."""
    telling = [each for each in sentences if _tells(each)] or sentences
    return " ".join(capital(each) if each[-1] in ".!?…:" else f"{capital(each)}." for each in telling)


def capital(sentence: str) -> str:
    """With a capital first letter; words like `cmd_diff` at its beginning keep their case."""
    return sentence[:1].upper() + sentence[1:] if _WORD.match(sentence) else sentence


def lighter(text: str) -> str:
    """Shortened, unless what it ends with hangs on the word that would go: `boring but ok`."""
    shorter = shortened(text)
    return text if _HANGS.search(shorter) else shorter


def leaning(text: str) -> bool:
    """Whether a line can't be understood without what was said before it: it begins with `it`, or speaks of somebody
    it doesn't name."""
    return adrift(text) or bool(_GOES_ON.match(text)) or (bool(_PERSON.search(text)) and not _NAMED.search(text))


def _tells(sentence: str) -> bool:
    return bool(content(sentence) or any(map(str.isdigit, sentence))) and says_something(sentence)
