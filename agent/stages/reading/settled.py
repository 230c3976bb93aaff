"""Recognises what a person settles for good while work goes on, as against what is to be done to the file at hand.

A technology, a convention, a limit or a name of the whole project outlives the session; an order for one change ends
with it. Knows wording only, and stays silent in doubt.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.stages.reading.cues import Reading, phrases, read
from agent.stages.reading.noise import HERE, MOMENT, SUPPOSED, TENTATIVE

_WE = (
    r"(?:let['’]?s|we(?:['’]ll| will| should| want to| need to|['’]re going to)|I(?:['’]d like| want)(?: us)? to)"
    r"(?: (?:just|also|all|then|please|rather))*"
)
_CHANGE = (
    r"(?:change|switch|rename|move|migrate|update|upgrade|downgrade|bump|pin|convert|replace|swap|set|raise|lower|"
    r"increase|reduce)"
)
_LASTS = (
    r"(?:packages?|modules|dependenc(?:y|ies)|librar(?:y|ies)|frameworks?|languages?|runtimes?|compilers?|linters?|"
    r"formatters?|bundlers?|test (?:runner|framework)|databases?|db|schema|queues?|caches?|brokers?|storage|servers?|"
    r"services?|endpoints?|apis?|protocols?|auth\w*|host\w*|cloud|regions?|domains?|ports?|versions?|defaults?|"
    r"conventions?|naming|prefix(?:es)?|formats?|layouts?|structure|architecture|patterns?|folders?|director(?:y|ies)|"
    r"repo\w*|commands?|flags?|settings?|config\w*|environments?|env|logging|log levels?|licen[cs]es?|ci|pipelines?|"
    r"workflows?|deploy\w*|releases?|builds?|limits?|timeouts?|time-outs?|retr(?:y|ies)|attempts|quotas?|pools?|"
    r"budgets?|thresholds?|max\w*|min\w*|sizes?|intervals?|rates?|retention|ttl)"
)
"""What a project has one of, or treats alike everywhere."""
_KEEP = r"(?:use|keep|put|store|move|name|call|prefix|return|require|enforce|make|log|adopt|have|follow)"
_PLACE = r"(?:use|store|keep|put|host|run|deploy|build|write|send|serve|log|test)"
_NUMBER = r"(?:\d[\w.,%]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|a hundred)\b"
_VALUE = rf"(?:(?:at |about |version )?v?{_NUMBER}|`[^`]+`|(?-i:[A-Z])[\w.+#-]*|[\w.-]*[\w-]/[\w./-]+)"
"""A number, a name or a path: not what is to be done (`to fix the bug`)."""
_BARE = r"(?!(?:the|a|an|this|that|these|those|my|its?|your|his|her|their|some|any|them|one|\w+ing)\b)[A-Za-z][\w.+#-]*"
_NAMES = rf"{_BARE}(?: {_BARE}){{0,2}}?"
_ALL = r"(?:all|every|each|any)"
_OF_A_KIND = r"(?!of\b|them\b|this\b|that\b)\w{3,}"
_CODE = re.compile(r"`|\w\(|\b[a-z]+(?:_[a-z]+)+\b|\b[A-Z][a-z]+(?:[A-Z][a-z]+){2,}\b")
_SETTLED = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "replaced": rf"\b{_WE} {_CHANGE} (?:[\w'’`/.-]+ ){{0,4}}?{_LASTS}\b[^.?!]{{0,60}}? from \S+(?: \S+){{0,3}}? "
        r"to \S",
        "set": rf"\b{_WE} {_CHANGE} (?:[\w'’`/.-]+ ){{0,4}}?{_LASTS}\b[^.?!]{{0,40}}? to {_VALUE}",
        "version": rf"\b{_WE} {_CHANGE} (?:\S+ ){{0,4}}?to (?:(?-i:[A-Z])\w+ )?v?\d+(?:\.\d+)+",
        "limit": rf"\b{_WE} (?:limit|cap|restrict) (?:\S+ ){{1,5}}?(?:to|at) {_NUMBER}",
        "retired": rf"\b{_WE} (?:deprecate|sunset|phase out|retire|drop support for|stop supporting) \S",
        "for good": rf"^{_CHANGE} [^.?!]*\b(?:permanently|for good|once and for all)\b",
        "instead": rf"\b{_WE} {_PLACE} (?!an? |the )[^.?!]{{2,50}}? (?:instead of|rather than) "
        r"(?!an? |the |\w+ing\b)\S",
        "everywhere": rf"\b{_WE} {_KEEP} [^.?!]*\b(?:everywhere|across (?:the|all|our) \w+)\b",
        "for all": rf"\b{_WE} {_KEEP} [^.?!]*\b(?:for|in|on|of) {_ALL}(?: of)?(?: new| our| the)? \w{{3,}}",
        "all": rf"\b{_WE} {_KEEP} [^.?!]*\b(?:all|every|each)(?: new| our| the)? {_OF_A_KIND} (?:\w+ ){{0,2}}?"
        r"(?:to|in|as|with|under|from|at|by) \w",
        "wanted for all": r"\b(?:I|we)(?:['’]d (?:also )?like| want) [^.?!]*?\bbe \w+ (?:automatically )?"
        rf"(?:for|on|at|in|by) {_ALL} {_OF_A_KIND}",
        "wanted of all": rf"\bI(?:['’]d like| want)(?: to have)? [^.?!]*?\b{_ALL} (?:new |our )?{_OF_A_KIND} "
        r"(?:[^.?!]* )?(?:to be )?(?:\w+ed|written|kept|sent|built|run|shown) (?:as|in|by|with|on|at|from|under)\b",
        "new ones": rf"\b{_ALL} new \w{{3,}} (?:[^.?!]* )?(?:should|must|has|have|gets?|uses?|goe?s?|only|is|are)\b",
    }.items()
}
_SWAP = re.compile(
    rf"^(?:(?:ok(?:ay)?|so|and|then|yes|right|please|pls|just|also|actually|no)[, ]+)*(?:{_WE} )?"
    r"(?:use|run|target|adopt|go with|take) (?!(?P<tool>[\w-]+) .*\b(?:of|than|not) (?P=tool)\b)"
    rf"{_NAMES}(?: (?:for|in|as) [^.?!]*?)?(?:,? (?:instead of|rather than)|, not) {_NAMES}"
    r"(?: (?:for|in|as|to|when|on|from) [^.?!]*)?[.!]?$",
    re.IGNORECASE,
)
"""One name for another: `uv instead of pip`. Two names of code (`a_b()` for `c_d()`) are a change at hand."""
_MAY = re.compile(
    r"\b(?:let['’]?s|we|I(?:['’]d like| want)|instead of|rather than|permanently|for good|once and for all|"
    rf"{_ALL} new)\b|, not ",
    re.IGNORECASE,
)
"""Words of which a sentence that settles something has one."""
_AT_HAND = phrases(
    r"(?:the|a|an|my|its) (?:\w+ )?(?:tests?|loops?|functions?|methods?|class|variables?|arguments?|params?|imports?|"
    r"prints?|assertions?|buttons?|text|wording|descriptions?|comments?|typos?|bugs?|errors?|lines?|sentences?|"
    r"paragraphs?|titles?|labels?|headings?|images?|icons?|colou?rs?|answers?|outputs?|lists?|summary|example|sample|"
    r"breakpoint|todo|pr|mr|diff|commit|branch(?! nam)|ticket|issue|draft|reply|slides?|table|chart)",
    r"(?:this|that(?!['’]s| (?:is|are|was|were|we|I|it|they|the)\b)|these|those|here|there|again|back|for now|one of|"
    r"failing|broken)",
    r"the (?:new |current )?version(?! (?:of|everywhere)\b)",
    r"(?:the )?(?:first|second|third|last|next|other|previous|same|following|above|below) \w+",
)
"""Points at a piece of the work at hand."""


def understood(sentence: str) -> Reading:
    """The reading of one sentence, lead-ins already trimmed; what it settles for good is a decision."""
    reading = read(sentence)
    if reading.question or reading.undecided or not settles(sentence):
        return reading
    return replace(reading, kind="decision", said=True, settled=True, request=False, once=False)


def settles(sentence: str) -> bool:
    """Whether it says how the project is to be from now on: what replaces what, a limit, a rule for all of a kind."""
    passing = (_AT_HAND, HERE, MOMENT, TENTATIVE)
    if not _MAY.search(sentence) or SUPPOSED.search(sentence) or any(pattern.search(sentence) for pattern in passing):
        return False
    swaps = bool(_SWAP.search(sentence)) and not _CODE.search(sentence)
    return swaps or any(pattern.search(sentence) for pattern in _SETTLED.values())
