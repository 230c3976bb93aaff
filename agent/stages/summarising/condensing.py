"""Condense a conversation to a budget of words: the lines that together say most of what it was about.

Extractive: every line is a sentence somebody said, or some clauses of one. Greedy cover of telling words, so what was
said twice is quoted once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.ports import Vectors
from agent.stages.reading.words import content
from agent.stages.summarising.candidates import Candidate, candidates
from agent.stages.summarising.salience import word_worth

Embed = Callable[[Sequence[str]], Vectors]

AGAIN: Final = 0.3
"""What a word is worth each further time, as a share of the time before."""
SPEAKER: Final = 0.3
"""What a word of a speaker's name is worth the first time."""
OVERHEAD: Final = 6
"""Words every line costs beside its own, so that few full lines are preferred to many scraps."""
NEAR: Final = 1.0
"""What full nearness to the focus in meaning adds to a line, as a multiple of its worth."""


def condense(turns: Sequence[Turn], words: int, focus: str = "", embed: Embed | None = None) -> list[Line]:
    """At most `words` words of what was said, in order, each line citing its turn.

    `focus` is a question or subject the lines should be about. With `embed` they are also weighed by meaning, at the
    price of embedding every sentence.
    """
    lines = candidates(turns)
    vectors = embed([line.text for line in lines]) if embed and lines else None
    about = embed([focus])[0] if embed and focus else None
    worth = word_worth(lines, turns, focus, vectors, about)
    for said, line, nearness in zip(worth, lines, _nearness(lines, focus, vectors, about), strict=True):
        said.update({stem: said[stem] * (1 + nearness) for stem in line.stems})
    return [Line(lines[i].shown, (lines[i].turn,)) for i in sorted(cover(lines, worth, words))]


def _nearness(
    lines: Sequence[Candidate], focus: str, vectors: Vectors | None, about: Vectors | None
) -> NDArray[np.float64]:
    """How near each line is to the focus: the share of its words the line has, and the cosine of their meanings."""
    asked = frozenset(content(focus))
    shared = np.array([len(line.stems & asked) / max(len(asked), 1) for line in lines], np.float64)
    return shared if vectors is None or about is None else shared + NEAR * np.maximum(vectors @ about, 0)


def cover(lines: Sequence[Candidate], worth: Sequence[dict[str, float]], words: int) -> list[int]:
    """Indices of the lines to take, best first: each time the one that adds most per word, one of each sentence."""
    stems = sorted({stem for line in worth for stem in line} | {s for line in lines for s in content(line.speaker)})
    column = {stem: i for i, stem in enumerate(stems)}
    cells = [_cells(line, said, column) for line, said in zip(lines, worth, strict=True)]
    left, value = words, np.ones(len(stems))
    free = list(range(len(lines)))
    taken: list[int] = []
    while free := [i for i in free if lines[i].cost <= left]:
        gain, best = max((float(value[cells[i][0]] @ cells[i][1]) / (lines[i].cost + OVERHEAD), -i) for i in free)
        if gain <= 0:
            break
        taken.append(-best)
        left -= lines[-best].cost
        value[cells[-best][0]] *= AGAIN
        free = [i for i in free if lines[i].sentence != lines[-best].sentence]
    return taken


def _cells(
    line: Candidate, said: dict[str, float], column: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Columns of a line's words, and what each is worth."""
    named = dict.fromkeys(content(line.speaker), SPEAKER) | said
    return np.array([column[s] for s in named], np.int64), np.array(list(named.values()), np.float64)
