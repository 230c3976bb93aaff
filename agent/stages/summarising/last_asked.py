"""Finds where a user stopped: what they asked or ordered last, or the trouble they pasted; no thank-you, no news."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.domain.markdown import one_line
from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.stages.reading.cues import read
from agent.stages.reading.sentences import typed
from agent.stages.reading.wording import trimmed
from agent.stages.summarising.candidates import own_words
from agent.stages.summarising.phrasing import joined

_ORDERS: Final = re.compile(
    r"^(?:(?:ok(?:ay)?|so|and|but|then|also|good|great|yes|no|now|please)[,.! ]+)*(?:let['’]?s|let us|don['’]t"
    r"|do not|never|stop"
    r"|leave|keep|make it|switch|instead)\b",
    re.IGNORECASE,
)
"""Tells the assistant what to do, or not to."""
_TROUBLE: Final = re.compile(
    r"\b(?:\w*error|\w*exception|fail(?:ed|ure|ing|s)?|fatal|panic|traceback|refused|denied|not found|cannot|can['’]t"
    r"|undefined|unable|invalid|abort\w*|timed? ?out|exit(?:ed)? (?:code|status) [1-9])\b",
    re.IGNORECASE,
)


def last_asked(turns: Sequence[Turn]) -> Line | None:
    """The sentences by which the user last asked for something, with their turn; None when nothing was asked for.

    A pasted error asks for something too: it is told by the line that says what went wrong.
    """
    for turn in reversed(turns):
        if turn.role != "user":
            continue
        asks = [one_line(s.text) for s in own_words(turn) if asks_for(s.text) or _ORDERS.match(s.text)]
        trouble = _pasted_trouble(turn)
        if asks or trouble:
            return Line(" ".join([*([joined(asks)] if asks else []), *trouble]), (turn.index,))
    return None


def asks_for(sentence: str) -> bool:
    """Whether a sentence of the user's is a question, a request or an order."""
    reading = read(trimmed(sentence))
    return reading.question or reading.request or reading.once or reading.standing


def _pasted_trouble(turn: Turn) -> list[str]:
    """The line of what was pasted that says what went wrong: the last one, as a traceback ends with it."""
    pasted = [line.strip() for s in typed(turn.text) if not s.own for line in s.text.splitlines()]
    wrong = [line for line in pasted if _TROUBLE.search(line) and not line.startswith("Traceback")]
    return [f"(pasted) {one_line(wrong[-1], 160)}"] if wrong else []
