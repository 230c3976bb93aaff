"""Tells which matter of somebody's life a statement is about: where they live, what they do, whom they love.

Two statements about one person share that person's name; that alone doesn't make them one fact.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agent.stages.comparing.marks import marks
from agent.stages.reading.words import stem

_MATTERS = {
    name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for name, words in {
        "home": r"liv(?:e|es|ed|ing)|mov(?:e|es|ed|ing)|relocat\w+|resid\w+|based|settl\w+|apartment|flat|house|"
        r"from|in town",
        "work": r"work(?:s|ed|ing)?|job|employ\w+|hired|company|role|retir\w+|laid off|quit|leads?|manages|managing|"
        r"freelanc\w+|promot\w+|career|nurse|teacher|engineer",
        "love": r"married|engaged|single|divorced|dating|girlfriend|boyfriend|wedding|broke up|split up|relationship",
        "food": r"eats?|vegan|vegetarian|meat|diet|drinks?|gluten|cooks?",
        "health": r"allerg\w+|ill|sick|surgery|diagnos\w+|broke \w+ (?:leg|arm|wrist)|recover\w+|asthma|diabet\w+",
        "study": r"stud(?:y|ies|ied|ying)|school|university|college|degree|exams?|graduat\w+|semester|thesis",
        "leisure": r"plays?|played|runs?|running|swims?|training|trains|hobby|climb\w*|cycl\w+|rides?|marathon|team|"
        r"choir",
        "pets": r"dogs?|cats?|pupp(?:y|ies)|kittens?|pets?|horses?",
        "family": r"kids?|child(?:ren)?|sons?|daughters?|baby|twins|pregnant|expecting|grandchild\w*",
        "age": r"birthday|turn(?:s|ed|ing) \d+|years old|born|aged?",
        "travel": r"trip|travel\w*|visit\w*|flight|flies|holiday|vacation|backpack\w*",
        "owning": r"car|bike|motorbike|boat|camper|phone",
    }.items()
}
_PLAIN = frozenset(("home", "work", "love", "pets", "family", "age"))
"""Matters of which one says nothing about another, whatever words they share."""


@lru_cache(maxsize=1 << 12)
def person(statement: str) -> frozenset[str]:
    """The stems by which a statement says which other person it is about: names, `sister`, `boss`."""
    found = marks(statement)
    named = {name for name in found.names | {found.opening} if name and name.split("'")[0] != "i"}
    return frozenset(stem(word) for word in named | found.people)


@lru_cache(maxsize=1 << 12)
def matters(statement: str) -> frozenset[str]:
    """The matters of a life its words belong to."""
    return frozenset(name for name, words in _MATTERS.items() if words.search(statement))


def other_matter(new: str, old: str) -> bool:
    """Whether two statements about one person tell of different matters of theirs."""
    x, y = person(new), person(old)
    shared = marks(new).stems & marks(old).stems
    if not x & y or marks(new).gone & marks(old).stems:
        return False
    fresh, stale = matters(new), matters(old)
    if fresh & _PLAIN and stale & _PLAIN and not fresh & stale:
        return True
    related = marks(new).people | marks(old).people
    return bool(related) and not shared - x - y and not fresh & stale
