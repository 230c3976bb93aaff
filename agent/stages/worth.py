"""How much a sentence is worth keeping for half a year: features of its wording, weighed by one small table.

`Worth` is the place where another scorer can step in: it sees the same features and answers with one number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Protocol

from agent.stages.cues import Reading
from agent.stages.noise import HERE, MOMENT, REACTION, SUPPOSED, TENTATIVE, TRANSIENT, TROUBLE, UNDERWAY
from agent.stages.slots import Slot
from agent.stages.words import content

Features = Mapping[str, float]


class Worth(Protocol):
    """Rates one sentence from its features, 0 to 1."""

    def __call__(self, features: Features) -> float: ...


def _search(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_WHEN = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|"
    r"october|november|december|"
    r"tomorrow|tonight|\d{1,2}(?:st|nd|rd|th)?|the \w+ of|end of|next \w+|eod|eow"
)
PATTERNS: Mapping[str, re.Pattern[str]] = {
    "opens_first": _search(r"^(?:I|I['’]\w+|we|we['’]\w+|my|our)\b"),
    "past": _search(
        r"\b(?:I|we|my \w+(?: \w+)?)(?:['’]ve| have|['’]d| had)?(?: (?:just|recently|already|also|finally|"
        r"actually|even|only|been|since))* "
        r"(?:\w{3,}ed|got|gotten|went|gone|bought|started|took|taken|made|met|saw|seen|found|ran|read|won|lost|"
        r"began|begun|came|gave|left|"
        r"led|paid|sold|sent|spent|taught|told|wrote|written|had|been|was|were|built|caught|chose|cut|drove|ate|"
        r"flew|grew|kept|knew|put|"
        r"set|wore|became|switched)\b"
    ),
    "acquired": _search(
        r"\b(?:I|we)(?:['’]ve| have)?(?: \w+)? (?:got|bought|purchased|ordered|received|adopted|downloaded|started|"
        r"joined|finished|completed|moved|signed up|subscribed|attended|visited|earned|won)\b"
    ),
    "habit": _search(
        r"\b(?:every|each|usually|always|often|daily|weekly|monthly|twice|once a|times a|on (?:mon|tues|wednes|"
        r"thurs|fri|satur|sun)days|"
        r"on weekends|per (?:day|week|month)|regularly|routine|lately|for (?:\w+ ){0,2}(?:months|years)|since)\b"
    ),
    "time": _search(
        r"\b(?:yesterday|today|ago|last (?:week|month|year|night|summer|winter|spring|fall|mon|tue|wed|thu|fri|"
        r"sat|sun)\w*|recently|"
        r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|"
        r"ember)?\.? \d|in (?:january|february|"
        r"march|april|may|june|july|august|september|october|november|december)|\d{4}|just (?:got|started|"
        r"finished|bought|moved|had|came)|"
        r"this (?:week|month|year|morning|past)|\d{1,2}/\d{1,2}|\d(?:am|pm| am| pm)|birthday|anniversary)\b"
    ),
    "due": _search(rf"\b(?:by|before|until|due|on|deadline is|no later than) (?:{_WHEN})\b"),
    "pledge": _search(r"\b(?:promised|commit(?:ted|ting)|pledged|deadline|due (?:on|by|date)|appointment|remind me)\b"),
    "number": _search(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|hundred)\b"),
    "name": re.compile(r"(?<=[a-z,'’\"“(] )[\"“']?[A-Z][\w'’-]+(?<!I)(?<!I'm)(?<!I've)(?<!I'll)(?<!I'd)"),
    "quoted": re.compile(r"[\"“][A-Z][^\"”]{2,60}[\"”]"),
    "contrast": _search(r"\w,? (?:not|instead of|rather than|over) \w+[.!]?$"),
    "code": re.compile(r"`[^`]+`|\b\w+\.(?:py|js|ts|md|toml|yaml|json|io|dev)\b|/\w+/|\b[a-z]+_\w+\b|:\d{4}\b"),
    "my_thing": _search(r"\b(?:my|our) [a-z]"),
    "kin": _search(
        r"\b(?:my|our) (?:\w+ ){0,2}?(?:sister|brother|mom|mum|mother|dad|father|wife|husband|partner|son|"
        r"daughter|kids?|cousin|aunt|uncle|niece|"
        r"nephew|grand\w+|friend|boss|colleague|dog|cat|pet|family|girlfriend|boyfriend|fianc\w+|roommate|"
        r"neighbou?r|therapist|doctor)\b"
    ),
    "ours": _search(
        r"\b(?:my|our|the) (?:\w+ ){0,2}?(?:team|project|database|server|api|repo|stack|setup|customers?|clients?|"
        r"budget|staging|production|deploy\w*|release|pipeline|company|job|house|apartment|car)\b"
    ),
    "state": _search(
        r"\bI(?:['’]m| am) (?:an? |from |\d|currently (?:a|living|working|reading|studying|taking|on|at|"
        r"training|leading)|living|based|"
        r"working (?:as|at|for)|married|studying|training|taking|leading|allergic)|\bI (?:live|work|own|have|"
        r"use|play|speak|drive|study|teach|run|"
        r"lead|manage|attend|collect|volunteer|wake|stop|keep|belong|subscribe|commute)\b"
    ),
    "we_do": _search(
        r"^(?:we|our \w+|the team) (?:\w+ly )?(?:use|run|test|build|deploy|release|ship|store|host|write|keep|track|"
        r"review|support|target)s?\b"
    ),
    "aims": _search(r"\b(?:goal|aim(?:ing)?|dream|hoping|planning|plan) (?:is|to|on|of)\b"),
    "opinion": _search(
        r"\b(?:I (?:think|believe|feel|found|find)|it(?:['’]s| is) (?:been )?(?:a |so |really |very )?(?:great|amazing|"
        r"important))\b"
    ),
    "tentative_first": re.compile(rf"^.{{0,12}}?{TENTATIVE.pattern}", re.IGNORECASE),
    "tentative": TENTATIVE,
    "transient_first": re.compile(rf"^.{{0,12}}?{TRANSIENT.pattern}", re.IGNORECASE),
    "thinking_of": _search(r"\bI(?:['’]m| am) (?:\w+ )?(?:planning|thinking|considering|trying|going to)\b"),
    "moment": MOMENT,
    "reaction": REACTION,
    "supposed": SUPPOSED,
    "leans_back": _search(r"^(?:that|this|these|those|it|they|she|he|her|his|their|which|two|three)\b"),
    "unnamed": _search(r"^(?:I|we)(?:['’]ve| have)? (?:\w+ )?\w+ (?:it|them|this)\b[^,:]{0,40}$"),
    "lasts": _search(
        r"\b(?:always|never|prefer|only|strictly|exclusively|avoid|hate|allerg\w+|can't stand|cannot|every time|"
        r"whenever|from now on|refuse|dislike|"
        r"favou?rite|do(?: not|n't) (?:like|eat|drink|enjoy)|aversion|fear|vegan|vegetarian|diet)\b"
    ),
}
_WORLD = re.compile(
    r"^(?:the|our|my|this|an?|[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*)\b.*?\b(?:is|are|was|were|has|have|uses?|runs?|"
    r"lives?|started|emerged|goes?|go|needs?|"
    r"requires?|says?|takes?|costs?|works?|belongs?|expires?)\b",
    re.DOTALL | re.IGNORECASE,
)
_ASIDE = _search(
    r"\b(?:by the way|btw|speaking of|just (?:remembered|realized)|oh,? and|i should mention|actually|also)\b"
)
_GERUND = re.compile(r"^(?!During|According|Regarding|Following)[A-Z]?\w+ing\b")
_HERE = _search(r"\b(?:this|that|these|those|here|above|below|it)\b")
_SELF = _search(r"\b(?:I|I['’]\w+|my|me|mine)\b")
_OTHER = _search(r"\b(?:you|your|you['’]\w+|we)\b")
AT_WORK: Mapping[str, re.Pattern[str]] = {
    "points_here": HERE,
    "trouble": TROUBLE,
    "underway": UNDERWAY,
    "verbless": re.compile(
        r"^(?!.*\b(?:is|are|was|were|am|be|has|have|had|do|does|did|can|could|will|would|should|must|may|might|I|we|you|"
        r"they|he|she|it|who|let|use|uses|keep|keeps|prefers?|always|never|decided|agreed|chose)\b)(?!.*['’](?:s|re|m|ve|ll|d|t)\b)"
        r"(?!(?:the|our|my|a|all|every|each) (?:\S+ ){1,4}?\w+(?:s|ed)\b)",
        re.IGNORECASE | re.DOTALL,
    ),
    "holds_on": _search(
        r"\b(?:at all|anywhere|everywhere|ever|in general|as a rule|only if|unless|whenever|at most|at least)\b"
    ),
}
"""What speaks for or against a sentence in work with tools or on code."""
EVERYWHERE_AT_WORK = frozenset(
    "number name code quoted past acquired world time substance lasts aside opinion ours cue".split()
)
"""What makes a sentence of a talk worth keeping, and is in every other sentence of such work."""
_SUBSTANCE = 14
_SHORT = 5
_TINY = 3


def features(
    raw: str, statement: str, reading: Reading, slot: Slot | None = None, *, talk: bool = False, work: bool = False
) -> dict[str, float]:
    """What is known of a sentence: `raw` as written, `statement` as it would be kept.

    `talk`: it was said to another person, not to an assistant. `work`: in work with tools or on code.
    """
    found = {name: 1.0 for name, pattern in PATTERNS.items() if pattern.search(statement)}
    fixes = slot is not None and slot.single and not slot.attribute.startswith("number")
    words = len(statement.split())
    specific = any(name in found for name in ("number", "name", "time", "code"))
    dated = found.keys() & {"due", "time", "pledge"}
    marks = {
        reading.kind: reading.said,
        "remember": reading.remember,
        "cue": reading.cue,
        "standing": reading.standing or reading.once,
        "slot": fixes and not reading.said,
        "request": reading.request,
        "world": specific and "opens_first" not in found and bool(_WORLD.match(statement)),
        "aside": bool(_ASIDE.search(raw)),
        "gerund": not reading.said and bool(_GERUND.match(statement)),
        "here": (reading.standing or reading.once) and bool(_HERE.search(statement)),
        "short": words < _SHORT and not (reading.said or slot or specific),
        "undated": reading.kind == "commitment" and not dated,
        "tiny": words < _TINY,
    }
    if talk:
        marks |= {"of_self": bool(_SELF.search(statement)), "of_other": bool(_OTHER.search(statement))}
    found["substance"] = min(len(content(statement)), _SUBSTANCE) / _SUBSTANCE
    found |= {name: 1.0 for name, holds in marks.items() if holds}
    return _at_work(found, statement, reading, fixes) if work else found


def _at_work(found: Mapping[str, float], statement: str, reading: Reading, fixes: bool) -> dict[str, float]:
    """The features of a sentence said at work: specifics count only for what was announced as lasting."""
    lasting = reading.said and reading.kind != "fact" and not (reading.kind == "correction" and not fixes)
    idle = EVERYWHERE_AT_WORK - ({"lasts", "time"} if lasting else set())
    kept = {name: value for name, value in found.items() if name not in idle}
    if not lasting:
        kept.pop("correction", None)
    holds = reading.standing or (reading.kind == "preference" and "lasts" in kept)
    at_work = {
        name: 1.0
        for name, pattern in AT_WORK.items()
        if pattern.search(statement) and not (holds and name != "points_here" and WEIGHTS[name] < 0)
    }
    marks = {
        "fixed": fixes,
        "once": reading.once,
        "decided": reading.kind == "decision",
    }
    return kept | at_work | {name: 1.0 for name, holds in marks.items() if holds}


WEIGHTS: Features = {
    "preference": 2.6,
    "decision": 2.6,
    "commitment": 1.4,
    "correction": 1.6,
    "remember": 4.0,
    "cue": 0.3,
    "standing": 0.8,
    "lasts": 1.0,
    "opens_first": 0.2,
    "past": 0.8,
    "acquired": 0.4,
    "habit": 0.6,
    "time": 1.6,
    "due": 0.9,
    "pledge": 1.2,
    "number": 1.3,
    "name": 0.4,
    "quoted": 0.5,
    "code": 0.8,
    "my_thing": 0.5,
    "kin": 0.6,
    "ours": 0.5,
    "state": 0.6,
    "we_do": 2.6,
    "aims": 0.3,
    "opinion": -0.5,
    "world": 1.2,
    "aside": 1.1,
    "substance": 0.9,
    "tentative_first": -0.6,
    "tentative": -0.7,
    "transient_first": -0.8,
    "thinking_of": 0.3,
    "leans_back": -1.4,
    "gerund": -1.2,
    "reaction": -1.5,
    "supposed": -4.0,
    "slot": 1.9,
    "contrast": 0.9,
    "of_self": 1.0,
    "of_other": -1.0,
    "request": -3.5,
    "here": -1.2,
    "short": -0.6,
    "tiny": -3.0,
    "unnamed": -1.5,
    "moment": -2.0,
    "fixed": 1.5,
    "decided": 0.9,
    "holds_on": 0.8,
    "once": -4.0,
    "undated": -1.0,
    "points_here": -2.0,
    "trouble": -2.0,
    "underway": -2.0,
    "verbless": -2.5,
}
"""Set by hand, then moved towards what LongMemEval (MIT) evidence turns showed, where it had examples."""
BIAS = -3.1


def weighed(features: Features) -> float:
    """The built-in scorer: a weighted sum, squashed."""
    total = BIAS + sum(WEIGHTS.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-total))
