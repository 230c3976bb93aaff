"""Shorten a sentence without changing what it says: fillers, stutters, lead-ins and asides go; facts stay.

Numbers, names and negations are never touched; every word that is left was said, in its order. Reads one sentence at a
time and knows nothing of its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import eq
from typing import Final

_MARK = re.compile(
    r"[{\[(<](?:vocalsound|disfmarker|gap|pause|nonvocalsound|laugh(?:s|ter|ing)?|inaudible|crosstalk|noise|coughs?"
    r"|sighs?|applause|music|silence)[}\])>]",
    re.IGNORECASE,
)
"""What a transcriber noted beside the words."""
_RESTART = re.compile(
    r"(?:(?<=^)|(?<=[,.;:] ))(?:[\w']+ (?:'\w+ )?){0,3}\{disfmarker\}|(?<=[a-z]) ?(?:--+|—|\.\.\.|…)\s*$"
)
"""Up to three words somebody began a clause with and took back, and the mark of having been cut off."""
_CUT_OFF: Final = ("--", "—", "...", "…")
_COMMAS = re.compile(r"(?:\s*,){2,}")
_SPELLED = re.compile(r"\b(?:[A-Z]_){1,6}(?:[A-Z]\b|(?=\W|$))")
_SPACED = re.compile(r"\s+(?=[,.?!;:](?:[\s\"')]|$))|(?<=\w)\s+(?=(?:n't|'(?:s|re|ve|ll|d|m))\b)")
_MARKUP = re.compile(r"\*\*|^\s*#{1,6}\s+|^[^\w\s\"'`(\[/.@~+-]+\s+|\[(?=[^\]]*\]\()|(?<=[^\s])\]\([^)\s]*\)")
_FILLER = re.compile(
    r"(?:(?<=^)|(?<=[\s,]))(?:u+[hm]+|e+r+m*|e+h+|a+h+|h+m+|m+|m+-?h+m+|uh-huh|y'?know"
    r"|you know(?! (?:what|how|why|where|who|that|the|if|about|it|this|any))|I mean"
    r"|or (?:something|whatever|anything)(?: like (?:that|this))?"
    r"|and (?:stuff|things)(?: like (?:that|this))?|and so on(?: and so forth)?|like I said|as I said|so to speak"
    r"|(?<!\ba )(?<!the )(?<!this )(?<!that )(?<!what )(?<!any )(?<!some )(?<!same )(?<!different )(?<!new )"
    r"(?:kind|sort) of(?= \w)"
    r"|to be honest|honestly|basically|literally|obviously)(?=[\s,.?!;:]|$)[,]?",
    re.IGNORECASE,
)
_STUTTER = re.compile(r"(?<![\w'’])[bcdfghjklmnpqrstvwxz]{1,3} (?=([a-z]+))", re.IGNORECASE)
_REPEATED = re.compile(r"\b([A-Za-z][A-Za-z']*(?: [A-Za-z']+){0,3})(?:,? \1\b)+", re.IGNORECASE)
_LETTERS = re.compile(r"[a-z]+")
_RUN: Final = 8
"""Stretches of letters that four words have at most, each with an apostrophe."""
_MEANT_TWICE: Final = frozenset(
    "very really so too far much many more that had long no yes never again ever on and one two three four five six "
    "seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety hundred thousand".split()
)
"""Words people say twice on purpose, or that count something."""
_LEAD = re.compile(
    r"^(?:(?:ok(?:ay)?|so|well|great|perfect|thanks|thank you|yes|yeah|yep|yup|sure|right|alright|all right|cool|nice"
    r"|good|done|hmm|oh|and|but|also|actually|now|then|anyway|by the way|btw|certainly|absolutely|of course"
    r"|no problem|sounds good|exactly|because|'?cause|plus|I see|let me see|let's see|hi|hello|hey)\b"
    r"(?!['’])[\s,.!:;–—-]*)+(?=\w)",
    re.IGNORECASE,
)
_KEEPS_LEAD = re.compile(
    r"^(?:so (?:that|far|much|many|long)|now that|right (?:now|after|before|side)|(?:good|great|nice) \w+"
    r"|done (?:with|by)|well[- ]\w+ed|sure (?:that|about)|because of|then again|no problem with|actually,? (?:no|not)"
    r")\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:,? (?:you know|right|okay|ok|yeah|huh|please|thanks|thank you|too|I think|I guess|I suppose|though"
    r"|isn't it|doesn't it|don't you think|if that makes sense|can you help(?: me)?(?: with (?:that|this|it))?))+"
    r"(?=\s*[.?!]*$)",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"^[\s,;:–—-]+|(?<=[,;:])[\s,;:]+(?=\s)|,(?=[.?!;:])|\s+(?=[,.?!;:](?:\s|$))")
"""Marks that are left over where words went."""
_ASIDE = re.compile(r"\s*\((?!s\))[^()]{1,80}\)|,? (?:e\.g\.|i\.e\.|for example,|for instance,)[^,.;]{1,60}(?=[,.;])")
_BOUNDARY = re.compile(
    r"(?:,|;| [-–—]) +(?=(?:and|but|so|because|'cause|cause|since|which|while|whereas|plus|then|although|though"
    r"|as well as)\b)|; +|(?<=\w{3}) (?=(?:because|'cause|although|whereas) )|, +(?=(?:can|could|would|will) you\b"
    r"|(?:I|we|you|they|he|she|it)(?:'\w+)? )",
    re.IGNORECASE,
)
"""Where a clause ends and the next one could be left out."""
_CONDITION = re.compile(r"^(?:if|unless|until|when|once|in case|assuming|provided|not)\b", re.IGNORECASE)
_LEANS = re.compile(r"^(?:which|while|whereas|although|though|as well as)\b", re.IGNORECASE)
"""Opens a clause that can be left out, and can't stand alone."""
_JOINT = re.compile(
    r"^(?:and(?: (?:then|so|also))?|but|so|because|'?cause|since|which|while|whereas|plus|then|although|though"
    r"|as well as)\b,? *",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 12)
def shortened(text: str) -> str:
    """One sentence on one line without lead-in, fillers, stutters and transcriber's marks.

    Begins with a capital where it began with a word; may be empty when nothing was said.
    """
    line = _settled(" ".join(_MARKUP.sub("", text).split()), _lighter)
    return line[:1].upper() + line[1:]


def _lighter(line: str) -> str:
    line = _spoken(line)
    lead = _LEAD.match(line)
    if lead and not _KEEPS_LEAD.match(line):
        line = line[lead.end() :]
    line = _LOOSE.sub("", _TAIL.sub("", line))
    return " ".join(line.split()).rstrip(" ,;:")


def _spoken(line: str) -> str:
    """A spoken line as it was meant: marks, spelled letters, fillers and stutters put right.

    Most lines have nothing of some of these, which is cheaper to see than to look for.
    """
    if "{" in line or line.endswith(_CUT_OFF):
        line = _settled(line, _taken_back)
    line = _MARK.sub(" ", line)
    if "_" in line:
        line = _SPELLED.sub(lambda m: m.group().replace("_", ""), line)
    line = _FILLER.sub("", _SPACED.sub("", " ".join(line.split())))
    if line.count(",") > 1:
        line = _COMMAS.sub(",", line)
    line = " ".join(line.split())
    line = _STUTTER.sub(lambda m: "" if m[1].lower().startswith(m.group().strip().lower()) else m.group(), line)
    return _settled(line, lambda text: _REPEATED.sub(_once, text)) if _repeats(line) else line


def _repeats(line: str) -> bool:
    """Whether a word comes again soon enough that a run of words may be said twice."""
    words = _LETTERS.findall(line.lower())
    return any(any(map(eq, words, words[apart:])) for apart in range(1, _RUN + 1))


def _taken_back(line: str) -> str:
    return " ".join(_RESTART.sub(" ", line).split())


def _once(match: re.Match[str]) -> str:
    """What was said twice, once; unless one of its words is repeated for a reason."""
    return match.group() if _MEANT_TWICE & set(match[1].lower().split()) else match[1]


def _settled(line: str, change: Callable[[str], str]) -> str:
    """The line once the change has nothing more to change."""
    while (changed := change(line)) != line:
        line = changed
    return line


def without_asides(line: str) -> str:
    """A shortened line less what stands in brackets or is only an example."""
    less = _ASIDE.sub("", line)
    return line if less == line else _SPACED.sub("", less)


def clauses(line: str) -> list[str]:
    """A shortened line cut where one clause ends and another begins; conditions stay with what depends on them."""
    return list(_joined(_BOUNDARY.split(line)))


def _joined(parts: list[str]) -> Iterator[str]:
    held = ""
    for part in (p.strip() for p in parts):
        if not part:
            continue
        held = f"{held}, {part}" if held else part
        if not _CONDITION.match(part) and len(held.split()) >= 4:
            yield held
            held = ""
    if held:
        yield held


def leans(clause: str) -> bool:
    """Whether a clause can be left out but not stand alone (`which was expensive`)."""
    return bool(_LEANS.match(clause))


def opened(clause: str) -> str:
    """A clause as a sentence of its own: without the word that joined it to the one before."""
    line = _JOINT.sub("", clause)
    return line[:1].upper() + line[1:]
