"""How an utterance is built, as far as it tells whether a subject begins, goes on or ends with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_POLITE = r"(?:(?:hi|hello|hey|good (?:morning|evening|afternoon)|ok|okay|so|and|well|also|anyway|please)\W+)*"
_OPENING = re.compile(
    rf"^{_POLITE}(?:i(?: am|'m)? (?:need|want|looking|would like|also|have a (?:question|problem))|i'd like"
    r"|can (?:you|i|we)|could (?:you|i|we)|is there|are there|do you|give me|tell me|show me|find|book|set|schedule"
    r"|remind|check|what|where|when|how|who|which)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|evening|afternoon)|excuse me|by the way|anyway|speaking of|oh,? and|also|another"
    r"|different|next)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\b(?:thank|thanks|welcome|bye|goodbye|anything else|enjoy|have a (?:great|good|nice|lovely|wonderful)|take care"
    r"|see you|no problem|glad|that'?s all|that is all|will do|good night|cheers|nice (?:chatting|talking))\b",
    re.IGNORECASE,
)
_REPLYING = re.compile(
    r"^(?:yes|yeah|yep|no|nope|sure|ok|okay|great|perfect|sorry|fine|good|please|thanks|thank you|wow|oh|lol|haha"
    r"|me too|really|same|just|only|because|that|it|they|he|she|then|about|for|at|from|in|on|to|by)\b",
    re.IGNORECASE,
)
_LEANING = re.compile(
    r"^(?:yes|yeah|no|oh|wow|ok|okay|lol|haha|nice|cool|great|sounds|thanks|thank|really|sure|true|right|me|that)\b"
    r"|\b(?:that|it|they|them|those|he|she|too|one|so|then)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|that|they|them|those|he|she|his|her|him|one|this|there|too|either|then|so)\b", re.IGNORECASE
)
_ASKING = re.compile(
    r"\b(?:do you|are you|have you|did you|can you|could you|would you|what|where|how|who|which|any)\b", re.IGNORECASE
)


def _has(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


FORMS: Final[dict[str, Callable[[str], bool]]] = {
    "opening": _has(_OPENING),
    "greeting": _has(_GREETING),
    "closing": _has(_CLOSING),
    "replying": _has(_REPLYING),
    "leaning": _has(_LEANING),
    "pronoun": _has(_PRONOUN),
    "asking": _has(_ASKING),
    "question": lambda text: text.rstrip().endswith("?") or "? " in text,
    "ends asking": lambda text: text.rstrip().endswith("?"),
}
"""Whether an utterance has each of these forms."""
