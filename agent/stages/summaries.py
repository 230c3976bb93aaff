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
from agent.stages.summarising.gist import among_people, gist, minutes
from agent.stages.summarising.outcomes import THIN, Said, quoted, sentences_of_the_user
from agent.stages.summarising.phrasing import leaning
from agent.stages.summarising.produced import produced
from agent.stages.summarising.ruled_out import not_decided, not_open, puts_off, settled_part
from agent.stages.summarising.settling import about, news, over, reported, same

LINES: Final = 6
"""How many lines a slot shows."""
LINE_CHARACTERS: Final = 220
DECIDES, DEFERS = 0.17, 0.17
"""Probabilities from which a sentence of the user's counts as a decision, and as left open."""
UNDONE: Final = 0.9
"""What a run that failed to the end, or was put off in so many words, weighs among what is left open."""
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
        answers = self.said.answers.text if self.said.answers else ""
        likely = self.decided >= DECIDES and self.decided >= self.open
        return likely and not self.said.asks and not not_decided(self.said.told, answers)

    @property
    def defers(self) -> bool:
        likely = puts_off(self.said.told) or (self.open >= DEFERS and self.open > self.decided)
        return likely and not self.said.asks and not self.said.ground and not not_open(self.said.told)


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
    decided = _shown([*(_kept(f) for f in decisions if not not_decided(f.statement)), *decides])
    promised = [_kept(f) for f in commitments if not not_open(f.statement)]
    left = _shown([*promised, *(Weighed(line, UNDONE) for line in made.failing), *defers])
    left = [line for line in left if not any(same(line.text, d.text) for d in decided) and not _unclear(line)]
    left = [line for line in left if not over(line, [*decided, *reported(said)])]
    done = [*decided, *made.lines, *news(said)]
    closed = [item for item in earlier if _settled(item, done, left)]
    shown = {line.text for line in (*decided, *left)}
    fruitless = not (shown or made.lines)
    opening = minutes(turns, shown) if among_people(turns) else gist(said, shown, fruitless)
    return Summary(
        subject,
        gist=tuple(replace(line, text=one_line(line.text, LINE_CHARACTERS)) for line in opening),
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
        settles, leaves = [one for one in told if one.decides], [one for one in told if one.defers]
        waits = any(puts_off(one.said.told) for one in leaves)
        if waits:
            settles = [one for one in settles if len(one.said.stems) >= THIN]
        both = bool(settles and leaves)
        decides += _line(settles, max((one.decided for one in told), default=0.0), both)
        defers += _line(leaves, UNDONE if waits else max((one.open for one in told), default=0.0), both)
    return decides, defers


def _odds(slot: str, said: Said) -> float:
    return learned(slot).probability(said.features)


def _line(told: Sequence[_Judged], weight: float, alone: bool) -> list[Weighed]:
    """`alone`: the turn has a line in the other slot, so that each keeps to its own sentences."""
    return [Weighed(quoted([one.said for one in told], alone), weight)] if told else []


def _kept(fragment: Fragment) -> Weighed:
    """A fragment was weighed before it was kept, and reads better than the sentence it was made of."""
    turns = fragment.sources[0].turns if fragment.sources else ()
    return Weighed(Line(one_line(settled_part(fragment.statement), LINE_CHARACTERS), turns), 1.0)


def _shown(lines: Sequence[Weighed]) -> list[Line]:
    """The lines that matter most, each thing said once, in the order of the session."""
    kept: list[Line] = []
    for item in sorted(lines, key=lambda item: -item.weight):
        line = replace(item.line, text=one_line(item.line.text, LINE_CHARACTERS))
        twin = next((k for k in kept if same(k.text, line.text)), None)
        if twin is not None:
            kept[kept.index(twin)] = replace(twin, turns=tuple(sorted({*twin.turns, *line.turns})))
        elif len(kept) < LINES:
            kept.append(line)
    return sorted(kept, key=lambda line: line.turns)


def _unclear(line: Line) -> bool:
    """Whether a line speaks of somebody or something that neither it nor what it answers names."""
    return len(line.turns) < 2 and leaning(line.text)


def _settled(item: OpenItem, done: Sequence[Line], left: Sequence[Line]) -> bool:
    return any(about(item.text, line) for line in done) and not any(about(item.text, line) for line in left)


def _closing_line(item: OpenItem, done: Sequence[Line]) -> Line:
    evidence = next(line for line in reversed(done) if about(item.text, line))
    return Line(item.text, evidence.turns)
