"""Statements written as a note: a label, a colon, a value, and perhaps the reason behind a full stop.

`Dev server port: 5173. The old one clashed with the docs.`
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_LABELLED = re.compile(
    r"(?P<label>(?!https?\b)[^\W\d_][\w'’&/+#.()-]*(?: [\w'’&/+#.()-]+){0,5}): +(?P<value>\S.*)", re.DOTALL
)
_VALUE_ENDS = re.compile(r"(?<=\w)[.;!](?= )|, (?=because|since|as|so|for the|not|no longer)|(?<=\w) \(|(?<=\w) [—–-] ")
_SPEAKS = re.compile(
    r"(?:I|we|you|it|he|she|they|that|this|there|note|remember|correction|update|sorry|actually|so|but|and|also|because|"
    r"if|when|for example|e\.g|by the way|ps|edit)\b|.*\b(?:is|are|was|were|am|will|have|has|had|said|says|told)\b",
    re.IGNORECASE,
)
"""Openings and verbs of a sentence that happens to hold a colon. `Tea I buy` is a label, `I bought this` is none."""


_MANY = re.compile(
    r"\b(?:(?:dis)?likes?|loves?|hates?|enjoys?|avoids?|prefers?|dislike[ds]?|habit|goal|skill|hobby|interest|rule|"
    r"convention|lesson|gotcha|risk|decision|decided|ideas?|to-?do|task|note|tip|fact|symptom|allerg(?:y|ies)|taste|"
    r"routine|workaround|bug|question|event|memory|quote|feedback|preference|constraint|requirement|mood|wish)\b",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\b(?:favou?rite|default|current|main|primary|preferred|usual|next|last|number of|address|password)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The parts of a note."""

    label: str
    value: str
    rest: str
    """What stands behind the value: a reason, a comment; often empty."""
    many: bool
    """The label names a sort of notes (`Goal`, `Books`), of which several hold at a time, not a property."""


@lru_cache(maxsize=1 << 14)
def labelled(statement: str) -> Labelled | None:
    """The parts of a statement of the form `label: value`, or None when it is a sentence."""
    match = _LABELLED.match(statement)
    if not match or _SPEAKS.match(match["label"]):
        return None
    end = _VALUE_ENDS.search(match["value"])
    value, rest = (match["value"][: end.start()], match["value"][end.end() :]) if end else (match["value"], "")
    label = match["label"].strip()
    return Labelled(label, value.strip(" .!"), rest.strip(), _of_many(label))


def _of_many(label: str) -> bool:
    first = re.split(r" (?:I|we|you|he|she|they|that|for|in|on|of|at|to|from|with)\b", label)[0]
    plural = first.endswith("s") and not first.endswith(("ss", "us", "is"))
    return not _ONE.search(label) and (plural or bool(_MANY.search(label)))
