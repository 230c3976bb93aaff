"""Wording that goes with deciding and putting off: what a reply says, what it answers, how it is taken up."""

from __future__ import annotations

import re
from typing import Final

from agent.stages.reading.sieve import Sieved


def _cue(pattern: str) -> Sieved:
    return Sieved(rf"\b(?:{pattern})(?!\w)")


SAID: Final = {
    "accepts": Sieved(
        r"^(?:\w+[,.!]? )?(?:yes|yeah|yep|yup|ok(?:ay)?|agreed|exactly|good|great|perfect|fine|sure|right|deal"
        r"|sold|do (?:it|that|so)|go(?: ahead| for it| on)?|makes sense|sounds|love|like|clever|nice"
        r"|oh right|correct|true|works)\b",
    ),
    "refuses": Sieved(r"^(?:no|nope|nah|not|don['’]?t|never|eh|ugh|hm+)\b"),
    "chooses": _cue(
        r"let['’]?s|go(?:ing|es)? (?:with|for)|take|(?:we|I)(?:['’]ll| will)? (?:use|take|keep|stick|go|start)"
        r"|keep|stick|pick|make it|switch|prefer|decided?|settled|agreed|chose|choose|instead|rather|it is|then"
    ),
    "limits": _cue(
        r"only|never|always|must|no more|at most|max(?:imum)?|at least|minimum|limit(?:ed)?|cap(?:ped)?|until|without"
        r"|both|all|every|each|no (?:\w+)|not (?:the|a|in|on|before|after)|stays?|fixed|hard requirement|policy|rule"
    ),
    "drops": _cue(
        r"drop|skip|kill|remove|delete|leave (?:it|that|out)|forget|without|no longer|goes|cut|out|cancel(?:led)?"
        r"|get rid|stop"
    ),
    "defers": _cue(
        r"later|tomorrow|tonight|next (?:time|week|month|session|sprint)|not (?:now|yet|today)|can wait|for now"
        r"|some ?(?:day|time)|another (?:day|time)|put (?:it|that|\w+) (?:aside|off)|after (?:that|the|my|our)"
        r"|when (?:I|we)|once (?:I|we|the|it)|eventually|in the (?:morning|evening|afternoon)|weekend"
        r"|(?:on|by|until|next|this) (?:mon|tues|wednes|thurs|fri|satur|sun)day"
        r"|(?:on|by|until|in) (?:the )?(?:\d{1,2}(?:st|nd|rd|th)|january|february|march|april|may|june|july|august"
        r"|september|october|november|december)|first|back to|come back|pick (?:this|it) up|lunch|bed"
    ),
    "promises": _cue(
        r"I(?:['’]ll| will| can|['’]m going to| am going to| ?gonna|['’]d have to)|let me|we(?:['’]ll| will)|will"
        r"|remind me|I(?: still)? (?:need|have|want|must|should|ought|got) to|need to|have to|should|todo|to-do"
    ),
    "waits": _cue(
        r"ask|tell|check|look (?:in|at|up|into)|find|call|write|send|talk to|ping|review|bring (?:it )?up|wait(?:ing)?"
        r"|owes?|answer|confirm|test|try|test(?:ing)?|order|book|buy|post|publish|push|merge|deploy|try out|think about"
    ),
    "wonders": _cue(
        r"whether|not sure|unsure|don['’]?t know|no idea|undecided|depends|maybe|might|wonder|question|unclear"
        r"|still|open|missing|pending|can['’]?t decide"
    ),
    "reports": _cue(
        r"I(?:['’]ve| have)?(?: already| just)? (?:did|done|went|got|installed|booked|ordered|sent|wrote|asked|tried"
        r"|called|checked|talked|signed|bought|made|added|tested|ran|saw)|was|were|had|did|already"
    ),
    "reacts": _cue(
        r"thanks?|thank you|thx|lol|haha|wow|cool|awesome|super|beautiful|phew|love (?:it|that)"
        r"|looks (?:good|great)|works"
    ),
    "troubled": _cue(
        r"error|fails?|failed|failing|broken|wrong|crash\w*|doesn['’]?t|isn['’]?t|can['’]?t|bug|weird|why"
    ),
    "asks": Sieved(r"\?\s*$"),
    "begs": Sieved(
        r"^(?:please|can you|could you|would you|will you|now|then)\b|\bplease\b|^(?:add|write|make|fix|show|give"
        r"|explain|run|create|update|rename|move|change|put|use|set|commit|push|tell|find|check|draft|list)\b",
    ),
    "counts": Sieved(r"\d|\b(?:two|three|four|five|six|ten|twice|once)\b"),
    "we": _cue(r"we|our|us"),
    "I": _cue(r"I|my|me|I['’]\w+"),
    "others": _cue(r"(?:he|she|they|the team|client|customer|boss|colleague)s?"),
    "reasons": _cue(r"because|since|as|so|otherwise|for (?:legal|privacy)"),
}
TOLD: Final = {
    "question": Sieved(r"\?\s*$"),
    "choice": Sieved(r"\bor\b.*\?\s*$|\beither\b|\boptions?\b|\btwo ways\b"),
    "facts": Sieved(
        r"^(?:and |so |but )?(?:which|what|how (?:many|much|long|far|old)|who|when|where|do you|are there|is there"
        r"|have you|does)\b.*\?\s*$"
        r"|\b(?:can|could|would) you (?:please )?(?:provide|tell|give|share|confirm|specify)\b",
    ),
    "offer": Sieved(
        r"\b(?:shall I|should I|want me to|would you like(?: me)?|do you want me|can I|may I|if you like|I can)\b",
    ),
    "proposal": Sieved(
        r"\b(?:could|would|I['’]d|suggest\w*|recommend\w*|propose|should|might|option|alternative|instead|rather|better)\b"
        r"|^(?:set|use|add|make|put|keep|take|then|let['’]?s|start|split|store|move|drop|pin|limit|run)\b",
    ),
}
TAKEN_UP: Final = re.compile(
    r"^(?:noted|done|understood|good|then|agreed|fine|okay|ok|great|perfect|got it|will do|sure|makes sense|right"
    r"|\w+ it is|\w+(?: \w+)? it stays|committed|pushed|restored|changed|of course)\b",
    re.IGNORECASE,
)
