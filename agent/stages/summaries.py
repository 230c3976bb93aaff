"""Summarise one subject of a session: what was decided, produced and left open, every line citing its turns.

Extractive: a line is a sentence somebody said, at most shortened, or a plain statement of what a tool did.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from agent.domain.fragment import Fragment
from agent.domain.markdown import one_line
from agent.domain.subject import Line, Subject, Summary
from agent.domain.transcript import Turn
from agent.stages.learned import learned
from agent.stages.reading.resent import said_once
from agent.stages.reading.shortening import shortened
from agent.stages.reading.words import content
from agent.stages.summarising.condensing import condense
from agent.stages.summarising.outcomes import Said, quoted, sentences_of_the_user
from agent.stages.summarising.produced import produced

LINES: Final = 6
"""How many lines a slot shows."""
LINE_CHARACTERS: Final = 220
GIST_WORDS, GIST_DEPTH = 40, 4
"""Budget of the gist, and how many sentences of each turn are considered for it."""
DECIDES, DEFERS = 0.17, 0.17
"""Probabilities from which a sentence of the user's counts as a decision, and as left open."""
FAILED: Final = 0.9
"""What a run that failed to the end weighs among what is left open."""
SAME_ITEM: Final = 0.4
"""Share of an open item's telling words that a later line must repeat to be about it."""
SAME_LINE: Final = 0.7
_TAKEN_BACK = re.compile(
    r"\b(?:on second thoughts?|put (?:it|that|them) back|undo (?:it|that)|revert (?:it|that)|never ?mind"
    r"|scrap (?:it|that)"
    r"|changed my mind|forget (?:it|that|what I said)|take (?:it|that) back)\b",
    re.IGNORECASE,
)
"""Words that take back what was decided last."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something an earlier session left open: its words, and the note that lists it."""

    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """A line and how much it matters in its slot, 0 to 1."""

    line: Line
    weight: float


@dataclass(frozen=True, slots=True)
class _Judged:
    """A sentence, and the probabilities that it decides something and that it leaves something open."""

    said: Said
    decided: float
    open: float

    @property
    def decides(self) -> bool:
        return self.decided >= DECIDES and self.decided >= self.open and not self.said.asks

    @property
    def defers(self) -> bool:
        return self.open >= DEFERS and self.open > self.decided


def summarise(
    subject: Subject,
    turns: Sequence[Turn],
    decisions: Sequence[Fragment] = (),
    commitments: Sequence[Fragment] = (),
    earlier: Sequence[OpenItem] = (),
    root: str = "",
) -> Summary:
    """The summary of `turns`, which are one subject's.

    `decisions` and `commitments` are the fragments extracted from them; `earlier` what previous sessions of the subject
    left open; `root` the folder the session worked in.
    """
    said = sentences_of_the_user(said_once(turns))
    made = produced(turns, root)
    decides, defers = _settled_by_talk(said)
    decided = _shown([*(_kept(f) for f in decisions), *decides])
    left = _shown([*(_kept(f) for f in commitments), *(Weighed(line, FAILED) for line in made.failing), *defers])
    left = [line for line in left if not any(_same(line.text, d.text) for d in decided)]
    done = [*decided, *made.lines, *_told(said)]
    closed = [item for item in earlier if _settled(item, done, left)]
    return Summary(
        subject,
        gist=tuple(_gist(turns, said, {line.text for line in (*decided, *left)})),
        decided=tuple(decided),
        produced=made.most(LINES),
        left_open=tuple(left),
        closed=tuple(_closing_line(item, done) for item in closed),
    )


def _settled_by_talk(said: Sequence[Said]) -> tuple[list[Weighed], list[Weighed]]:
    """What the user's turns decide, and what they leave open: at most one line of each a turn."""
    decides: list[Weighed] = []
    defers: list[Weighed] = []
    for _, group in groupby(said, key=lambda one: one.turn):
        told = [_Judged(one, _odds("decided", one), _odds("open", one)) for one in group]
        if decides and any(_TAKEN_BACK.search(one.said.quote) for one in told):
            decides.pop()
        decides += _line([one for one in told if one.decides], max((one.decided for one in told), default=0.0))
        defers += _line([one for one in told if one.defers], max((one.open for one in told), default=0.0))
    return decides, defers


def _odds(slot: str, said: Said) -> float:
    return learned(slot).probability(said.features)


def _line(told: Sequence[_Judged], weight: float) -> list[Weighed]:
    return [Weighed(quoted([one.said for one in told]), weight)] if told else []


def _kept(fragment: Fragment) -> Weighed:
    """A fragment was weighed before it was kept, and reads better than the sentence it was made of."""
    turns = fragment.sources[0].turns if fragment.sources else ()
    return Weighed(Line(one_line(fragment.statement, LINE_CHARACTERS), turns), 1.0)


def _shown(lines: Sequence[Weighed]) -> list[Line]:
    """The lines that matter most, each thing said once, in the order of the session."""
    kept: list[Line] = []
    for item in sorted(lines, key=lambda item: -item.weight):
        line = replace(item.line, text=one_line(item.line.text, LINE_CHARACTERS))
        twin = next((k for k in kept if _same(k.text, line.text)), None)
        if twin is not None:
            kept[kept.index(twin)] = replace(twin, turns=tuple(sorted({*twin.turns, *line.turns})))
        elif len(kept) < LINES:
            kept.append(line)
    return sorted(kept, key=lambda line: line.turns)


def _gist(turns: Sequence[Turn], said: Sequence[Said], taken: set[str]) -> list[Line]:
    """The request that opened the subject, and what most of the talk was about."""
    asked = next((s for s in said if len(s.stems) > 2), None)
    chosen = [Line(one_line(shortened(asked.quote), LINE_CHARACTERS), (asked.turn,))] if asked else []
    chosen = [line for line in chosen if line.text not in taken]
    for line in condense(turns, GIST_WORDS, depth=GIST_DEPTH):
        if not any(_same(line.text, text) for text in (*taken, *(other.text for other in chosen))):
            return [*chosen, replace(line, text=one_line(line.text, LINE_CHARACTERS))]
    return chosen


def _told(said: Sequence[Said]) -> list[Line]:
    """What the user told in each turn, without what they asked or still want."""
    turns = groupby(said, key=lambda one: one.turn)
    told = {at: [s.quote for s in group if not s.asks and not _WANTING.search(s.quote)] for at, group in turns}
    return [Line(" ".join(quotes), (at,)) for at, quotes in told.items() if quotes]


def _settled(item: OpenItem, done: Sequence[Line], left: Sequence[Line]) -> bool:
    return any(_about(item, line) for line in done) and not any(_about(item, line) for line in left)


def _about(item: OpenItem, line: Line) -> bool:
    wanted = _telling(item.text)
    return len(wanted) >= 2 and len(wanted & _telling(line.text)) >= SAME_ITEM * len(wanted)


def _closing_line(item: OpenItem, done: Sequence[Line]) -> Line:
    evidence = next(line for line in reversed(done) if _about(item, line))
    return Line(item.text, evidence.turns)


_WANTING = re.compile(r"\b(?:needs?|wants?|help|how|look(?:ing)? for|should|must|have to|let['’]s)\b", re.IGNORECASE)
"""Speaks of what is still to come about: it closes nothing."""
_OPENERS = frozenset(
    content("leave later next time still need tomorrow todo follow open question come back pick another day session")
)


def _telling(text: str) -> set[str]:
    return {word for word in content(text) if word not in _OPENERS}


def _same(a: str, b: str) -> bool:
    one, other = set(content(a)), set(content(b))
    return bool(one and other) and len(one & other) >= SAME_LINE * min(len(one), len(other))
