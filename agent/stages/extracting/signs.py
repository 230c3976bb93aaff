"""What is seen of a sentence: its wording, what the cues made of it, and where in the conversation it stands.

Only names what is there, each sign with a number; `worth` and `kinds` weigh them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent.stages.reading.cues import Reading
from agent.stages.reading.noise import HERE, MOMENT, REACTION, SUPPOSED, TENTATIVE, TRANSIENT, TROUBLE, UNDERWAY
from agent.stages.reading.references import adrift
from agent.stages.reading.sieve import Sieved, found_in
from agent.stages.reading.slots import Slot
from agent.stages.reading.words import content, tokens

Signs = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands."""

    first: bool = False
    """It opens its turn."""
    alone: bool = False
    """Its turn holds no other sentence of the speaker's own."""
    asked: bool = False
    """What the assistant said before ends in a question."""
    asks: bool = False
    """Its turn also asks for something."""
    beside: bool = False
    """Nobody speaks in its paragraph, and its turn has others: it may have been handed over."""
    listed: bool = False
    """It is a point of a list."""
    heard: frozenset[str] = frozenset()
    """Stems of what the assistant said before."""
    talk: bool = False
    """People talk with each other."""
    work: bool = False
    """The conversation is work with tools or on code."""


ANYWHERE = Place()


_WHEN = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|"
    r"october|november|december|"
    r"tomorrow|tonight|\d{1,2}(?:st|nd|rd|th)?|the \w+ of|end of|next \w+|eod|eow"
)
PATTERNS: Mapping[str, Sieved] = {
    "opens_first": Sieved(r"^(?:I|I['’]\w+|we|we['’]\w+|my|our)\b"),
    "past": Sieved(
        r"\b(?:I|we|my \w+(?: \w+)?)(?:['’]ve| have|['’]d| had)?(?: (?:just|recently|already|also|finally|"
        r"actually|even|only|been|since))* "
        r"(?:\w{3,}ed|got|gotten|went|gone|bought|started|took|taken|made|met|saw|seen|found|ran|read|won|lost|"
        r"began|begun|came|gave|left|"
        r"led|paid|sold|sent|spent|taught|told|wrote|written|had|been|was|were|built|caught|chose|cut|drove|ate|"
        r"flew|grew|kept|knew|put|"
        r"set|wore|became|switched)\b"
    ),
    "acquired": Sieved(
        r"\b(?:I|we)(?:['’]ve| have)?(?: \w+)? (?:got|bought|purchased|ordered|received|adopted|downloaded|started|"
        r"joined|finished|completed|moved|signed up|subscribed|attended|visited|earned|won)\b"
    ),
    "habit": Sieved(
        r"\b(?:every|each|usually|always|often|daily|weekly|monthly|twice|once a|times a|on (?:mon|tues|wednes|"
        r"thurs|fri|satur|sun)days|"
        r"on weekends|per (?:day|week|month)|regularly|routine|lately|for (?:\w+ ){0,2}(?:months|years)|since)\b"
    ),
    "time": Sieved(
        r"\b(?:yesterday|today|ago|last (?:week|month|year|night|summer|winter|spring|fall|mon|tue|wed|thu|fri|"
        r"sat|sun)\w*|recently|"
        r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|"
        r"ember)?\.? \d|in (?:january|february|"
        r"march|april|may|june|july|august|september|october|november|december)|\d{4}|just (?:got|started|"
        r"finished|bought|moved|had|came)|"
        r"this (?:week|month|year|morning|past)|\d{1,2}/\d{1,2}|\d(?:am|pm| am| pm)|birthday|anniversary)\b"
    ),
    "due": Sieved(rf"\b(?:by|before|until|due|on|deadline is|no later than) (?:{_WHEN})\b"),
    "pledge": Sieved(r"\b(?:promised|commit(?:ted|ting)|pledged|deadline|due (?:on|by|date)|appointment|remind me)\b"),
    "number": Sieved(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|hundred)\b"),
    "contrast": Sieved(r"\w,? (?:not|instead of|rather than|over) \w+[.!]?$"),
    "my_thing": Sieved(r"\b(?:my|our) [a-z]"),
    "kin": Sieved(
        r"\b(?:my|our) (?:\w+ ){0,2}?(?:sister|brother|mom|mum|mother|dad|father|wife|husband|partner|son|"
        r"daughter|kids?|cousin|aunt|uncle|niece|"
        r"nephew|grand\w+|friend|boss|colleague|dog|cat|pet|family|girlfriend|boyfriend|fianc\w+|roommate|"
        r"neighbou?r|therapist|doctor)\b"
    ),
    "ours": Sieved(
        r"\b(?:my|our|the) (?:\w+ ){0,2}?(?:team|project|database|server|api|repo|stack|setup|customers?|clients?|"
        r"budget|staging|production|deploy\w*|release|pipeline|company|job|house|apartment|car)\b"
    ),
    "state": Sieved(
        r"\bI(?:['’]m| am) (?:an? |from |\d|currently (?:a|living|working|reading|studying|taking|on|at|"
        r"training|leading)|living|based|"
        r"working (?:as|at|for)|married|studying|training|taking|leading|allergic)|\bI (?:live|work|own|have|"
        r"use|play|speak|drive|study|teach|run|"
        r"lead|manage|attend|collect|volunteer|wake|stop|keep|belong|subscribe|commute)\b"
    ),
    "we_do": Sieved(
        r"^(?:we|our \w+|the team) (?:\w+ly )?(?:use|run|test|build|deploy|release|ship|store|host|write|keep|track|"
        r"review|support|target)s?\b"
    ),
    "aims": Sieved(r"\b(?:goal|aim(?:ing)?|dream|hoping|planning|plan) (?:is|to|on|of)\b"),
    "opinion": Sieved(
        r"\b(?:I (?:think|believe|feel|found|find)|it(?:['’]s| is) (?:been )?(?:a |so |really |very )?(?:great|"
        r"amazing|"
        r"important))\b"
    ),
    "view": Sieved(
        r"\b(?:in my (?:opinion|view|eyes|book|experience)|I(?:['’]m| am) of the opinion|I hold that|my (?:take|view|"
        r"opinion)|if you ask me|IMO|IMHO|I find (?!out\b|my|the time|it (?:in|on|at))[^.]*\b(?:too|more|less|hard\w*|"
        r""
        r"\w+ing|over\w+|best|worst)|I (?:still |really |honestly )?(?:think|believe) (?!(?:I|we|it|that|"
        r"this)\b)[^.]*\b"
        r"(?:is|are|should|isn['’]t|aren['’]t|matters?|beats?))\b"
    ),
    "picks_one": Sieved(
        r"^(?:(?:ok(?:ay)?|right|fine|so|ha|sure|yes|yep|alright|then)[,. ]+)*(?:\S+ ){1,6}?(?:it is|then)[.!]?$|"
        r"\b(?:end of (?:discussion|story)|as of (?:this|today|now|next)|from here on|is settled|(?:we|let['’]s|I) "
        r"(?:stay|stick|keep) (?:on|with|to)|out of (?:the question|scope)|no exceptions|for good|across the board)\b"
    ),
    "others_view": Sieved(
        r"\b(?:my|our|the|a|his|her|their) (?:\w+ ){0,2}?\w+ (?:says?|said|thinks?|thought|swears?|hates?|insists?|"
        r"likes?|"
        r"loves?|prefers?|would prefer|would rather|wants?|asked|asks|claims?|told|wrote)\b|^(?:she|he|they)(?:['’]d|"
        r" would)?"
        r" (?:says?|said|thinks?|hates?|insists?|likes?|loves?|prefers?|rather|wants?)\b"
    ),
    "reports": Sieved(
        r"^(?!I\b|we\b|my\b|our\b|you\b)(?:[\w’'-]+ ){0,4}?(?:says?|said|reports?|reported|complain(?:s|ed)|writes|"
        r"wrote|"
        r"claim(?:s|ed)|told (?:me|us))\b(?! to\b)"
    ),
    "orders_now": Sieved(
        r"^(?:(?:please|ok|and|then|so|now|just)[, ]+)*(?:let me (?:see|look|read|check|know)|(?:check|read|look|go|"
        r"try|"
        r"tell|ask|show|keep|use|leave|copy|put|book|find|write|make|resume|revert|send|give|take|add|start|stop|wait|"
        r"turn|open|do|run|flag|sign)\b)(?!.*\b(?:always|never|whenever|every|from now on|in general|all (?:my|our))\b)"
    ),
    "this_once": Sieved(
        r"\b(?:again|once more|this (?:time|one)|for (?:now|this (?:one|mail|task))|yet|just for|today|tonight|"
        r"in (?:five|ten|a few) minutes|before you (?:go on|push|start)|see (?:it|the \w+) first)\b"
    ),
    "transacts": Sieved(
        r"\bI(?:['’]d| would)? (?:like|want|need|wanted) to (?:change|cancel|book|rebook|pay|return|order|update|"
        r"see|rename|"
        r"switch|upgrade|move|add|replace|check)\b|\bI['’]?(?:d like| want| need) (?:the|a) \w+ (?:by|in) e?-?mail|"
        r"\b(?:on|under) (?:this|the|my) (?:reservation|booking|order|flight)\b"
    ),
    "muses": Sieved(
        r"\bI(?:['’]ve)? (?:always|never|only|once|used to) (?:thought|assumed|wondered|believed|forget|mix\w*|"
        r"remember|"
        r"learn|knew|heard|imagined|feared|said|saw|opened|went)\b|\bI (?:guess|suppose|wonder|bet|reckon)\b"
    ),
    "plays_part": Sieved(r"^(?:as an? \w+(?: \w+)?, I|given |example:|e\.g\.|scene|act |chapter|verse|title:|reader,)"),
    "charged": Sieved(r"\b(?:charged|ordered|delivered|refund\w*|invoice|order number|tracking|log ?in|my account)\b"),
    "mishap": Sieved(
        r"\b(?:broke|broken|stopped working|does(?:n['’]t| not) (?:work|load|run|open|start|fit)|did(?:n['’]t| not) "
        r"(?:work|run|load|arrive)|went wrong|stuck|crash\w*|since this morning|again!|won['’]t|lost|error)\b"
    ),
    "belongs": Sieved(
        r"\b(?:lives? (?:in|on|at|under)|sits? (?:in|on|under)|is (?:in|on|at|under|behind) (?:the|our|my)|runs? on|"
        r"belongs to|owned by|owns|hosted|stands? (?:in|at))\b"
    ),
    "must": Sieved(
        r"\b(?:must(?:n['’]t)?|has to|have to|need(?:s)? to|(?:is|are) (?:not )?allowed|can['’]t|cannot|may not|only|"
        r"no \w+|"
        r"every|each|all (?:new|the|our)|always|never|nobody|everyone|nothing but)\b"
    ),
    "looking_for": Sieved(
        r"\bI(?:['’]m| am) (?:\w+ )?(?:looking (?:for|to|into)|in the market|trying to (?:find|decide|choose|"
        r"understand|"
        r"figure)|searching|curious|interested in (?:exploring|learning|trying|finding))\b"
    ),
    "tentative_first": Sieved(rf"^.{{0,12}}?{TENTATIVE.pattern}"),
    "tentative": TENTATIVE,
    "transient_first": Sieved(rf"^.{{0,12}}?{TRANSIENT.pattern}"),
    "thinking_of": Sieved(r"\bI(?:['’]m| am) (?:\w+ )?(?:planning|thinking|considering|trying|going to)\b"),
    "moment": MOMENT,
    "reaction": REACTION,
    "supposed": SUPPOSED,
    "leans_back": Sieved(r"^(?:that|this|these|those|it|they|she|he|her|his|their|which|two|three)\b"),
    "unnamed": Sieved(r"^(?:I|we)(?:['’]ve| have)? (?:\w+ )?\w+ (?:it|them|this)\b[^,:]{0,40}$"),
    "lasts": Sieved(
        r"\b(?:always|never|prefer|only|strictly|exclusively|avoid|hate|allerg\w+|can't stand|cannot|every time|"
        r"whenever|from now on|refuse|dislike|"
        r"favou?rite|do(?: not|n't) (?:like|eat|drink|enjoy)|aversion|fear|vegan|vegetarian|diet)\b"
    ),
}
AS_WRITTEN: Mapping[str, re.Pattern[str]] = {
    "name": re.compile(r"(?<=[a-z,'’\"“(] )[\"“']?[A-Z][\w'’-]+(?<!I)(?<!I'm)(?<!I've)(?<!I'll)(?<!I'd)"),
    "quoted": re.compile(r"[\"“][A-Z][^\"”]{2,60}[\"”]"),
    "code": re.compile(r"`[^`]+`|\w\.(?:py|js|ts|md|toml|yaml|json|io|dev)\b|/\w+/|\b[a-z]+_\w|:\d{4}\b"),
}
"""What capitals show."""
_WORLD = Sieved(
    r"^(?:the|our|my|this|an?|[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*)\b.*?\b(?:is|are|was|were|has|have|uses?|runs?|"
    r"lives?|started|emerged|goes?|go|needs?|"
    r"requires?|says?|takes?|costs?|works?|belongs?|expires?)\b",
    re.DOTALL,
)
_ASIDE = Sieved(
    r"\b(?:by the way|btw|speaking of|just (?:remembered|realized)|oh,? and|i should mention|actually|also)\b"
)
_GERUND = re.compile(r"^(?!During|According|Regarding|Following)[A-Z]?\w+ing\b")
_HERE = Sieved(r"\b(?:this|that|these|those|here|above|below|it)\b")
_CITES = re.compile(r"[\"“«]\w[^\"”»]{15,}[\"”»]")
_THIS = Sieved(r"(?:like|love|prefer|hate|want) (?:it|that|this|these|those|the (?:\w+ )?(?:one|direction|idea))\b")
_SELF = Sieved(r"\b(?:I|I['’]\w+|my|me|mine)\b")
_OTHER = Sieved(r"\b(?:you|your|you['’]\w+)\b")
_US = Sieved(r"\b(?:we|we['’]\w+|our|us)\b")

FOR_NOW: Mapping[str, Sieved] = {
    "points_here": HERE,
    "trouble": TROUBLE,
    "underway": UNDERWAY,
    "holds_on": Sieved(
        r"\b(?:at all|anywhere|everywhere|ever|in general|as a rule|only if|unless|whenever|at most|at least)\b"
    ),
}
"""What speaks for or against a sentence about a task at hand."""
_VERB = Sieved(
    r"\b(?:is|are|was|were|am|be|has|have|had|do|does|did|can|could|will|would|should|must|may|might|I|we|you|they|he|"
    r"she|it|who|let|use|uses|keep|keeps|prefers?|always|never|decided|agreed|chose)\b|['’](?:s|re|m|ve|ll|d|t)\b"
)
_THING_DOES = Sieved(r"(?:the|our|my|a|all|every|each) (?:\S+ ){1,4}?\w+(?:s|ed)\b")
_SUBSTANCE = 14
_SHORT = 5
_TINY = 3
_LONG = 30
_PICK = 8
"""Most words of an answer that only names its choice."""
_ECHO = 0.5
_A_WORD = 0.3
_ALL = {**PATTERNS, **FOR_NOW}


def signs(raw: str, statement: str, reading: Reading, slot: Slot | None = None, place: Place = ANYWHERE) -> Signs:
    """What is known of a sentence: `raw` as written, `statement` as it would be kept."""
    found = dict.fromkeys(found_in(statement, _ALL), 1.0)
    found |= {name: 1.0 for name, pattern in AS_WRITTEN.items() if pattern.search(statement)}
    marks = _marks(raw, statement, reading, slot, found) | _placed(statement, place)
    if "code" in found and (reading.said or "we_do" in found):
        found["code_told"] = found.pop("code")
    marks["mere_work"] = place.work and not (reading.said or marks["slot"])
    found |= {name: 1.0 for name, holds in marks.items() if holds}
    found["substance"] = min(len(content(statement)), _SUBSTANCE) / _SUBSTANCE
    return found | _words(statement)


def _marks(
    raw: str, statement: str, reading: Reading, slot: Slot | None, found: Mapping[str, float]
) -> dict[str, bool]:
    fixes = slot is not None and slot.single and not slot.attribute.startswith("number")
    words = len(statement.split())
    specific = any(name in found for name in ("number", "name", "time", "code"))
    dated = bool(found.keys() & {"due", "time", "pledge"})
    ending = raw.rstrip("\"')* ")
    return {
        reading.kind: reading.said,
        "remember": reading.remember,
        "cue": reading.cue,
        "standing": reading.standing,
        "once": reading.once,
        "slot": fixes,
        "request": reading.request,
        "world": specific and "opens_first" not in found and bool(_WORLD.match(statement)),
        "verbless": not (_VERB.search(statement) or _THING_DOES.match(statement)),
        "aside": bool(_ASIDE.search(raw)),
        "gerund": not reading.said and bool(_GERUND.match(statement)),
        "here": (reading.standing or reading.once) and bool(_HERE.search(statement)),
        "short": words < _SHORT and not (reading.said or slot or specific),
        "undated": reading.kind == "commitment" and not dated,
        "adrift": adrift(statement),
        "tiny": words < _TINY,
        "long": words > _LONG,
        "asked_half": ending.endswith("?"),
        "exclaims": ending.endswith("!"),
        "colon": ":" in statement,
        "cites": bool(_CITES.search(raw)),
        "own_attitude": reading.said and reading.kind == "preference" and bool(_SELF.search(statement)),
        "attitude_to_this": reading.kind == "preference" and bool(_THIS.search(statement)),
        "of_self": bool(_SELF.search(statement)),
        "of_other": bool(_OTHER.search(statement)),
        "of_us": bool(_US.search(statement)),
    }


def _placed(statement: str, place: Place) -> dict[str, bool]:
    said = content(statement)
    echoes = bool(said) and sum(word in place.heard for word in said) / len(said) >= _ECHO
    return {
        "first": place.first,
        "alone": place.alone,
        "answers": place.asked and place.first,
        "asks": place.asks,
        "beside": place.beside,
        "listed": place.listed,
        "echoes": echoes,
        "picks": echoes and place.first and len(statement.split()) <= _PICK,
        "talk": place.talk,
    }


def _words(statement: str) -> dict[str, float]:
    """Each of its words, weighing less than what is looked for by name: there are many, each seldom seen."""
    return {f"word {word}": _A_WORD for word in tokens(statement)}
