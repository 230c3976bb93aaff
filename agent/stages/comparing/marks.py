"""What the words of one statement show that matters beside another: names, numbers, people, a label, signs of change.

Reads wording only. What two of them mean for each other is in `comparison`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agent.stages.reading.labels import labelled
from agent.stages.reading.shapes import ATTRIBUTES
from agent.stages.reading.slots import name_of
from agent.stages.reading.words import STOP, content, stem, tokens

Words = frozenset[str]


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"(?<![\w-])(?:" + "|".join(patterns) + r")(?![\w-])", re.IGNORECASE)


_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_CUES = {
    "ended": _any(
        r"no longer|(?:no|not|\w+n['’]t)\b.{1,40}\bany ?more|is gone|are gone|is out|stopp?ed|quit|ga?ive up|given up",
        r"got rid of|drop(?:ped)?|cancel\w+|scrap\w*|ditch(?:ed|ing)|retired|sold|clos(?:ed|ing)|shut down|left",
        r"switched off|broke up|fell through|died|deleted|skip|stepped down|no more",
    ),
    "became": _any(
        r"switch(?:ed|ing)|(?:re)?moved|moves|migrat\w+|chang\w+|replac\w+|upgrad\w+|renam\w+|rebuil\w+|rewr[io]t\w+",
        r"ported|convert\w+|swapp\w+|became|become|turned|grew|grown|rais\w+|lower\w+|cut|went (?:up|down|from)|bumped",
        r"increas\w+|decreas\w+|dropped|shift(?:ed|s)|slips|pushed|postponed|rescheduled|extended|shortened|doubled",
        r"halved|took over|belongs? to|handed|promoted|transferred|relocated|traded|renewed|reduc\w+|narrowed",
    ),
    "now": _any(
        r"now|nowadays|these days|lately|from now on|going forward|as of|currently|at the moment|by now|again|since",
        rf"from (?:today|next \w+|{_MONTH})(?: on)?|new|newest|latest|this (?:quarter|year|week|month)|instead of",
    ),
    "reached": _any(
        r"(?:up|down|back) to|already|just|finally|reached|passed|crossed|hit|altogether|in total|only|climbed",
        r"(?:i['’]m|we['’]re|he['’]s|she['’]s|it['’]s) (?:at|up|down|on|in)|brings|makes (?:it|that)|comes to|got my",
        r"more like|closer to|number \w+",
    ),
    "righted": _any(
        r"actually|instead|rather than|in (?:his|her|their|its) place|after all|correction|sorry|change of plans?",
        r"changed (?:my|his|her|their|our) mind|i was wrong|turns out|forget|i['’]d rather|make it|in the end|used to",
        r"don['’]t need",
    ),
}
_EXTRA = _any(r"also|too|as well|another|second|additional|besides|other|in addition|own|one more|both")
_WISH = re.compile(
    r"(?:also |maybe |and |but |so )*(?:I|we|she|he|they)(?:"
    r"(?:['’]d| would)(?: also| really| still)? (?:like|love) to|(?: also| still| just)? (?:might|wish|hope|wonder)|"
    r"(?:['’](?:m|re|s|ve been)| am| are| is| was| were)(?: also| really| still| just)? (?:hoping|curious|"
    r"considering|wondering|interested in|looking (?:for|into)|thinking (?:of|about)))\b",
    re.IGNORECASE,
)
_UNSURE = _any(
    r"might|may|maybe|thinking (?:of|about)|consider\w*|(?:would|['’]d) (?:like|love)|one day|some ?day|wish|hope",
    r"hoping|at some point|next year|planned|could|should (?:we|i)|i['’]ll|(?:i|we)(?:['’]m| am|['’]re)? think(?:ing)?",
    r"interested in|looking (?:for|into|to)|want(?:s|ed)? to|planning|going to|wondering|curious",
)
_ONCE = _any(
    r"last (?:year|summer|winter|autumn|spring)|years? ago|grew up|was born|in (?:19|20)\d\d|first|former|previous"
)
_PAST = _any(r"was|were|did|had|went|came|took|gave|made|said|won|lost|led|began|found|\w{2,}ed")
_PRESENT = _any(
    r"is|are|am|has|have|can|will|must|should|may|does|do|['’]s|i['’]m|\w+['’](?:re|ve|ll)|now|these days|goes|runs|"
    r"lives?|works?|uses?|takes?|costs?|needs?|wants?|likes?|prefers?"
)
_PEOPLE = frozenset(
    """wife husband partner girlfriend boyfriend mother mum mom father dad parent brother sister sibling son daughter
    kid child baby grandchild grandson granddaughter niece nephew cousin aunt uncle grandmother grandma grandfather
    grandpa neighbour neighbor friend roommate flatmate colleague boss manager landlord candidate customer competitor
    intern teacher""".split()
)
_TASTES = frozenset(
    stem(w) for w in "likes dislikes loves hates enjoys avoids prefers preferred preference favourite favorite".split()
)
_BE_GONE = r"gone|out|off|closed|retired|archived|sold|cancell?ed|dropped|done|finished|over|down|read-only"
_GONE = re.compile(
    r"\b(?:from|instead of|rather than|no longer|replac\w+|not|n['’]t|than|left|off|used to|sold|out of|scrap|forget|"
    r"unlike|finished|no more|rid of|closed|quit|stopped|gave up)\b(?P<gone>[^,.;:!?]{2,60})|"
    rf"(?:^|[,.;:!?])(?P<over>[^,.;:!?]{{2,50}}?) (?:is|are|was|were|has|have)(?: been| \w+)? (?:{_BE_GONE})\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[\w,;:)] )[A-Z][\w.+#-]*")
_OPENING = re.compile(r"(?:the |our |my )?(?P<name>[A-Z][\w-]+)(?:['’]s)?(?= [a-z])")
_PERSON = re.compile(
    r"\b(?:(?P<i>i|me|my|i['’]\w+)|(?P<we>we|us|our|we['’]\w+)|(?P<they>he|she|they|his|her|their))\b", re.IGNORECASE
)
_NEGATION = re.compile(r"\b(?:no|not|never|none|nobody|nothing|without|neither|cannot)\b|n['’]t\b", re.IGNORECASE)
_SMALL = {
    word: str(number)
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty",
        "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    )
    for number, word in enumerate(words.split())
} | {"once": "1", "twice": "2", "half": "0.5", "dozen": "12", "single": "1"}
_NUMBER = re.compile(r"\d[\d.,:]*")
_TIMES = frozenset(
    f"{_MONTH.replace('|', ' ')} monday tuesday wednesday thursday friday saturday sunday morning afternoon evening "
    "night noon midnight daily weekly monthly yearly hourly nightly spring summer autumn winter".split()
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marks:
    """One statement, as it is compared with others."""

    stems: Words
    """Of the words that carry meaning."""
    order: tuple[str, ...]
    """The same in order."""
    body: tuple[str, ...]
    """The same without a note's label."""
    before: dict[str, str]
    """Each of these to the one right before it in the same phrase; empty at the start of a phrase."""
    names: Words
    """Capitalised words inside a sentence, in lower case."""
    opening: str
    """The name it opens with, in lower case; empty when it opens with any other word."""
    numbers: Words
    units: Words
    """Stems of what is counted or measured."""
    times: Words
    """Weekdays, months, times of day, rhythms."""
    people: Words
    """Other people: `sister`, `boss`."""
    persons: Words
    """Who speaks of whom: `i`, `we`, `they`."""
    attributes: Words
    """Property words: `port`, `owner`."""
    label: str
    topic: Words
    """Stems of the label without what likes or dislikes it: `Music I like` and `Dislikes (music)` meet."""
    many: bool
    """The label stands for several notes that hold together."""
    value: Words
    """Stems of a note's value."""
    cues: Words
    """Sorts of words that announce a change."""
    gone: Words
    """Stems of what it says is over."""
    negated: bool
    extra: bool
    """It speaks of one more (`also`, `another`)."""
    unsure: bool
    """A plan, a wish, a thought."""
    wish: bool
    """No more than a wish or a thought: nothing has changed yet."""
    once: bool
    """It speaks of the past."""
    told: bool
    """It tells what happened, in the past tense, and of nothing that is."""


@lru_cache(maxsize=1 << 14)
def marks(statement: str) -> Marks:
    """The marks of one statement."""
    words = [w.removesuffix("'s") for w in tokens(statement)]
    single = [name_of(w) for w in words]
    ordered = tuple(content(statement))
    note = labelled(statement)
    return Marks(
        stems=frozenset(ordered),
        order=ordered,
        body=tuple(content(f"{note.value} {note.rest}")) if note else ordered,
        before=_before(statement),
        names=frozenset(name.lower().rstrip(".") for name in _NAME.findall(statement)),
        opening=_opening(statement),
        numbers=frozenset(_numbers(statement)),
        units=frozenset(_units(words)),
        times=frozenset(w for w in single if w in _TIMES),
        people=frozenset(w for w in single if w in _PEOPLE),
        persons=frozenset(k for m in _PERSON.finditer(statement) for k, said in m.groupdict().items() if said),
        attributes=frozenset(w for w in single if w in ATTRIBUTES),
        label=name_of(note.label) if note else "",
        topic=frozenset(content(note.label)) - _TASTES if note else frozenset(),
        many=note is not None and note.many,
        value=frozenset(content(note.value)) if note else frozenset(),
        cues=frozenset(sort for sort, cue in _CUES.items() if cue.search(statement)),
        gone=frozenset(s for m in _GONE.finditer(statement) for s in content(m["gone"] or m["over"])),
        negated=bool(_NEGATION.search(statement)),
        extra=bool(_EXTRA.search(statement)),
        unsure=bool(_UNSURE.search(statement)),
        wish=bool(_WISH.match(statement)),
        once=bool(_ONCE.search(statement)),
        told=bool(_PAST.search(statement)) and not _PRESENT.search(statement),
    )


def _opening(statement: str) -> str:
    """A capital alone tells little at the start: a name is followed by what it does, and is no word of every day."""
    match = _OPENING.match(statement)
    name = match["name"].lower() if match else ""
    return "" if name in STOP or name in ATTRIBUTES or name_of(name) in ATTRIBUTES else name


def _numbers(statement: str) -> list[str]:
    found = [n.rstrip(".,:").replace(",", "") for n in _NUMBER.findall(statement)]
    return found + [_SMALL[w] for w in tokens(statement) if w in _SMALL]


def _units(words: list[str]) -> list[str]:
    after = [b for a, b in pairwise(words) if a in _SMALL or a[0].isdigit()]
    return [stem(word) for word in after if word.isalpha() and len(word) > 1]


def _before(statement: str) -> dict[str, str]:
    """Only within a noun phrase: a small word or a comma ends one."""
    found: dict[str, str] = {}
    for phrase in re.split(r"[^\w'’ -]+", statement):
        previous = ""
        for word in tokens(phrase):
            [root] = content(word) or [""]
            if root:
                found.setdefault(root, previous)
            previous = root
    return found
