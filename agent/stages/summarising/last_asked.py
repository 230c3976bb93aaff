"""Finds what a user asked for last: a question or a request, not a thank-you nor something merely told."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.stages.reading.cues import read
from agent.stages.reading.wording import trimmed
from agent.stages.summarising.candidates import own_words


def last_asked(turns: Sequence[Turn]) -> Line | None:
    """The sentences by which the user last asked for something, with their turn; None when nothing was asked for."""
    for turn in reversed(turns):
        asks = [s.text for s in own_words(turn) if _asks(s.text)] if turn.role == "user" else []
        if asks:
            return Line(" ".join(asks), (turn.index,))
    return None


def _asks(sentence: str) -> bool:
    reading = read(trimmed(sentence))
    return reading.question or reading.request or reading.once or reading.standing
