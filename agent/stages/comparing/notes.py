"""What two notes with labels mean for each other: one matter, one thing in it, liked before and disliked now.

`Tea I drink: strong Assam. It wakes me.` is about tea, and turns on `assam`. Under a label of many the words of the
label and those that many of its notes share tell nothing; what the value turns on does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.stages.reading.labels import labelled
from agent.stages.reading.words import content, tokens

Words = frozenset[str]

_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_DOER = re.compile(r" (?:I|we|you|he|she|they|that|which|who|the user|to)\b")
_AGAINST = re.compile(
    r"\b(?:dislik\w+|hat(?:e|es|ed|ing)|avoid\w*|skip\w*|weakness\w*|drawbacks?|cons?|no|not|never|don['’]ts?|bad|"
    r"worst|least|reject\w*|refus\w+|off limits|stopped|banned)\b|n['’]t\b",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"\b(?:lik(?:e|es|ed|ing)|lov(?:e|es|ed|ing)|enjoy\w*|prefer\w*|favou?rit\w*|strengths?|good|best|pros?|fond|"
    r"interest\w*|works? well|want\w*|yes|wish\w*|approved)\b",
    re.IGNORECASE,
)
_TASTES = frozenset(
    content(
        "like likes liked liking dislike dislikes disliked love loves loved hate hates hated enjoy enjoys enjoyed "
        "avoid avoids avoided skip skips skipped prefer prefers preferred preference preferences favourite favourites "
        "favorite favorites strength strengths weakness weaknesses good bad best worst works work well fond interest "
        "interests taste tastes"
    )
)
_PHRASE_ENDS = re.compile(
    r" (?:with|without|of|for|on|in|at|from|that|which|who|where|while|when|as|to|by|over|under|after|before|and|or|"
    r"than|rather|but|not|instead|during|between|near|since|because|is|are)\b|[,;(]"
)

TWO_NOTES = "two notes"
"""The feature of every pair of notes about one thing."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note, as it is compared with others."""

    topic: Words
    """Stems of what its label is about: no taste, no doer, nothing that is done with it. Empty for `Likes`."""
    taste: int
    """1 when the label is for it, -1 against it, 0 when it takes no side."""
    core: Words
    """Stems of the value that aren't those of the topic."""
    head: str
    """Of these the one the value turns on: the last before anything that is only added. Perhaps empty."""
    rest: Words
    """Stems of the reason behind the value."""


@lru_cache(maxsize=1 << 14)
def noted(statement: str) -> Note | None:
    """The parts of a note that count; None when the statement has no label."""
    note = labelled(statement)
    if not note:
        return None
    topic = frozenset(_stems(_DOER.split(note.label)[0])) - _TASTES
    taste = -1 if _AGAINST.search(note.label) else int(bool(_FOR.search(note.label)))
    core = frozenset([*_stems(note.value), *_numbers(note.value)]) - topic
    return Note(topic, taste, core, _head(note.value, topic), frozenset(_stems(note.rest)))


def _head(value: str, topic: Words) -> str:
    """`films exploring the sea` under `Films` turn on what stands before them, as `slow films` do, or else on `sea`."""
    phrase = _stems(_PHRASE_ENDS.split(value)[0])
    at = next((at for at, stem in enumerate(phrase) if at and stem in topic), len(phrase))
    before = [stem for stem in phrase[:at] if stem not in topic]
    return before[-1] if before else ""


def _stems(text: str) -> list[str]:
    """A compound is one word: `data-driven` and `wind-driven` have nothing in common."""
    return content(_HYPHEN.sub("", text))


def _numbers(text: str) -> list[str]:
    return [token for token in tokens(text) if any(c.isdigit() for c in token)]


def among(new: str, stored: Sequence[str]) -> Mapping[str, float]:
    """How telling each stem of a value is among the stored notes on the topic of `new`: 1 in one, less in several."""
    fresh = noted(new)
    if not fresh:
        return {}
    beside = [note for note in map(noted, stored) if note and one_topic(fresh, note)]
    counts = Counter(stem for note in beside for stem in note.core)
    return {stem: 1 / count for stem, count in counts.items()}


def one_topic(a: Note, b: Note) -> bool:
    """Whether their labels are about one thing, whatever they think of it."""
    return a.topic == b.topic and bool(a.topic or (a.taste and b.taste))


def compared_notes(new: str, old: str, several: bool, telling: Mapping[str, float]) -> dict[str, float]:
    """The features of two notes; empty when one of both is none, or their labels are about different things.

    `several`: whether the label of the new one is for many notes that hold together.
    """
    a, b = noted(new), noted(old)
    if not a or not b or not (one_topic(a, b) or _one_label(new, old)):
        return {}
    sort = "turned" if a.taste * b.taste < 0 else "list" if several else "property"
    found = {f"note {sort}, {what}": value for what, value in _cores(a, b, telling).items() if value}
    return {TWO_NOTES: 1.0, f"note {sort}": 1.0} | found


def _one_label(new: str, old: str) -> bool:
    one, two = labelled(new), labelled(old)
    return bool(one and two and one.label.lower() == two.label.lower())


def _cores(a: Note, b: Note, telling: Mapping[str, float]) -> dict[str, float]:
    both = a.core & b.core
    of_old, of_new = (_share(both, note.core, telling) for note in (b, a))
    return {
        "same core": float(bool(a.core) and a.core == b.core),
        "core won": float(bool(b.core) and b.core < a.core),
        "core lost": float(bool(a.core) and a.core < b.core),
        "core of old": of_old,
        "core of new": of_new,
        "no core shared": float(not both),
        "same head": float(bool(a.head) and a.head == b.head),
        "head in old": float(bool(a.head) and a.head != b.head and a.head in b.core),
        "head in new": float(bool(b.head) and a.head != b.head and b.head in a.core),
        "other head": float(a.head not in b.core and b.head not in a.core),
        "only added shared": float(bool(both) and a.head not in b.core and b.head not in a.core),
        "core in reason": float(bool(b.core & a.rest - a.core)),
        "reason shared": len(a.rest & b.rest) / max(1, min(len(a.rest), len(b.rest))),
        "no reason": float(not a.rest),
    }


def _share(both: Words, core: Words, telling: Mapping[str, float]) -> float:
    return sum(telling.get(stem, 1.0) for stem in both) / (sum(telling.get(stem, 1.0) for stem in core) or 1.0)
