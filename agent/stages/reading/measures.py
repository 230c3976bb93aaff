"""Reads what a statement measures (how often, when, how many of what), so that a new reading replaces the last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from agent.stages.reading.words import STOP, stem

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_VALUES = {word: str(n) for words in (_NUMBERS, _ORDINALS) for n, word in enumerate(words, 1)} | {
    "once": "1", "twice": "2", "other": "2", "a": "1", "an": "1"
}  # fmt: skip
_N = r"\d[\d,.]*|" + "|".join(_NUMBERS)
_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_OFTEN = re.compile(
    rf"\b(?:(?P<times>once|twice|(?:{_N}) times) (?:a|per|every|each) (?P<per>day|week|month|year)|"
    rf"every (?P<every>other|{_N})? ?(?P<unit>day|week|month|year)s?|(?P<ly>daily|weekly|bi-?weekly|monthly|"
    rf"yearly))\b",
    re.IGNORECASE,
)
_DAY = re.compile(rf"\bon ({_DAYS}s?)\b|\bevery ({_DAYS})\b", re.IGNORECASE)
_CLOCK = re.compile(r"\b(\d{1,2}(?::\d\d)?) ?([ap]\.?m\b)", re.IGNORECASE)
_DURATION = re.compile(
    rf"\bfor (?:about |around |almost |over |nearly )?({_N}) (day|week|month|year)s\b", re.IGNORECASE
)
_COUNT = re.compile(
    rf"\b(?P<n>{_N}|\d+(?:st|nd|rd|th)|{'|'.join(_ORDINALS[2:])}) (?:(?:different|new|more|of|unique|distinct|"
    rf"my|the|these|those|other) )*"
    r"(?P<noun>[a-z][\w-]*)(?: (?P<next>[a-z][\w-]*))?|\b(?P<noun2>[a-z]+) (?:count|total|number|score|"
    r"level)?(?: up)? ?to (?P<n2>\d[\d,.]*)",
    re.IGNORECASE,
)
_RANK = re.compile(r"\b(level|rank|tier|grade|stage|chapter|page|version) (\d[\d.]*)", re.IGNORECASE)
_CLOCK_UNITS = frozenset("am pm day week month year hour minute second ago mile".split())
_GONE = re.compile(r"\b(?:no longer|not|never|n['’]t|used to|instead of|rather than)\b[^,;.]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing a statement measures."""

    value: str
    said: str
    """In the words of the statement: `twice a week`."""


Measures = dict[str, Measure]


@lru_cache(maxsize=1 << 14)
def _measured(statement: str) -> tuple[tuple[str, Measure], ...]:
    text = _GONE.sub("", statement)
    found: Measures = {}
    if often := _OFTEN.search(text):
        found["how often"] = Measure(_frequency(often), often[0])
    if days := list(_DAY.finditer(text)):
        value = " ".join(sorted((day[1] or day[2]).lower().removesuffix("s") for day in days))
        found["which day"] = Measure(value, " and ".join(day[0] for day in days))
    if clock := _CLOCK.search(text):
        found["what time"] = Measure(clock[1].removesuffix(":00") + clock[2].lower().replace(".", ""), clock[0])
    if lasting := _DURATION.search(text):
        found["how long"] = Measure(f"{_value(lasting[1])} {lasting[2].lower()}", lasting[0])
    for rank in _RANK.finditer(text):
        found.setdefault(f"which {rank[1].lower()}", Measure(rank[2].rstrip("."), rank[0].rstrip(".")))
    for count in _COUNT.finditer(_RANK.sub("", text)):
        word = (count["noun"] or count["noun2"]).lower()
        noun = stem(word)
        if noun not in _CLOCK_UNITS and word not in STOP and not word.endswith("ly"):
            said = f"{count['n']} {count['noun']}" if count["noun"] else count[0]
            found.setdefault(f"how many {noun}", Measure(_value(count["n"] or count["n2"]), said))
    return tuple(found.items())


def measures(text: str) -> Measures:
    """What is measured, in words, to what was read. A value the statement says is gone doesn't count."""
    return dict(_measured(text))


def _frequency(match: re.Match[str]) -> str:
    if match["times"]:
        return f"{_value(match['times'].split()[0])} per {match['per'].lower()}"
    if match["unit"]:
        return (
            f"1 per {_value(match['every'] or '1')} {match['unit'].lower()}".replace(" 1 ", " ", 1)
            if match["every"]
            else f"1 per {match['unit'].lower()}"
        )
    word = match["ly"].lower().replace("-", "")
    return {"daily": "1 per day", "weekly": "1 per week", "biweekly": "1 per 2 week", "monthly": "1 per month"}.get(
        word, "1 per year"
    )


def _value(word: str) -> str:
    plain = word.lower().rstrip(".,").replace(",", "")
    return _VALUES.get(plain, re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", plain))
