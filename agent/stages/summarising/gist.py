"""The opening lines of a summary: what the user came for, in their own words, or what people talked about.

What an assistant says stands in no gist: it is told by what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import groupby
from math import sqrt
from typing import Final

from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.stages.reading.references import adrift
from agent.stages.reading.shortening import shortened
from agent.stages.summarising.candidates import speaker
from agent.stages.summarising.condensing import condense
from agent.stages.summarising.last_asked import asks_for
from agent.stages.summarising.outcomes import Said
from agent.stages.summarising.ruled_out import praises
from agent.stages.summarising.settling import same

FEWEST: Final = 5
"""Telling words a request needs to stand for a talk."""
OPENING: Final = 3
"""Telling words a sentence needs to open one."""
MINUTES: Final = 60
"""Words of a talk among people."""
OVERHEAD: Final = 4
"""Telling words a sentence costs beside its own, so that a full one is preferred to a scrap."""


def gist(said: Sequence[Said], taken: Collection[str], fruitless: bool) -> list[Line]:
    """What a talk opened with, unless it is among the lines `taken`; of a `fruitless` one also what else was asked."""
    opening = _opening(said)
    if opening is None:
        return []
    first = _line(opening)
    if not fruitless:
        return [] if any(same(first.text, text) for text in taken) else [first]
    often = Counter(stem for one in said for stem in one.stems)
    more = [one for one in said if one.turn != opening.turn and _requests(one) and not same(one.quote, first.text)]
    best = max(more, key=lambda one: _worth(one, often), default=None)
    return [first, _line(best)] if best else [first]


def minutes(turns: Sequence[Turn], taken: Collection[str]) -> list[Line]:
    """What a talk among people was mostly about, by whom it was said: there is no request that it opened with."""
    return [line for line in condense(turns, MINUTES) if not any(same(line.text, text) for text in taken)]


def among_people(turns: Sequence[Turn]) -> bool:
    """Whether several people talk, and not one with an assistant."""
    return len({speaker(turn) for turn in turns if turn.role in ("user", "assistant")} - {""}) > 1


def _opening(said: Sequence[Said]) -> Said | None:
    """Of the first turn that says anything: the request, if it can be understood alone, else what it says first."""
    telling = (one for one in said if len(one.stems) >= OPENING)
    first = next((list(group) for _, group in groupby(telling, key=lambda one: one.turn)), [])
    return next((one for one in first if _requests(one)), next(iter(first), None))


def _requests(one: Said) -> bool:
    asks = one.quote.endswith("?") or asks_for(one.quote)
    return asks and len(one.stems) >= FEWEST and not (adrift(one.quote) or praises(one.quote))


def _worth(one: Said, often: Counter[str]) -> float:
    return sum(sqrt(often[stem]) for stem in one.stems) / (len(one.stems) + OVERHEAD)


def _line(one: Said) -> Line:
    return Line(shortened(one.quote), (one.turn,))
