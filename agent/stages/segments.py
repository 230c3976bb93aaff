"""Where talk without roles changes subject: contiguous segments of utterances.

Each gap between two utterances gets the log-odds that a new subject begins there, from how alike its sides are, how the
utterances open and close, and what the next one says. Cuts are then placed together: two in a row cost extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.ports import Vectors
from agent.stages.naming import openings
from agent.stages.rated import rated
from agent.stages.reading import words

Column = NDArray[np.float64]

BEGINS: Final = 0.27
"""How probable a change of subject must be to cut there: a cut one utterance off is better than none."""
CROWDED: Final = 0.7
"""What a cut right after another one costs, in log-odds."""
MEMORY: Final = 4
"""How many utterances back a word still counts as said before."""


def segment(vectors: Vectors, texts: Sequence[str]) -> list[int]:
    """A segment's number for each utterance, counted from 0 in order."""
    if len(texts) < 2:
        return [0] * len(texts)
    odds = rated("new_segment", evidence(vectors, texts), vectors[1:])
    return [0, *np.cumsum(placed(odds)).tolist()]


def evidence(vectors: Vectors, texts: Sequence[str]) -> list[dict[str, float]]:
    """What each gap between two utterances tells of a change, by name; one entry per gap.

    What counts is often how a gap compares with the others of the same talk: in some, everybody keeps asking, and in
    some, all utterances are near each other.
    """
    columns = _meaning(vectors) | _wording(texts) | _form(texts)
    columns["asks apart"] = columns["asks"] * (columns["apart"] > 0)
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in np.column_stack(list(columns.values())).tolist()]


def placed(odds: Sequence[float]) -> list[int]:
    """1 for each gap to cut: the cuts of the greatest joint odds, where neighbouring ones pay for being crowded."""
    gains = [each - log(BEGINS / (1 - BEGINS)) for each in odds]
    whole, cut = 0.0, gains[0]
    came: list[tuple[int, int]] = []
    for gain in gains[1:]:
        came.append((int(cut > whole), int(cut - CROWDED > whole)))
        whole, cut = max(whole, cut), gain + max(whole, cut - CROWDED)
    cuts = [int(cut > whole)]
    for step in reversed(came):
        cuts.append(step[cuts[-1]])
    return cuts[::-1]


def _meaning(vectors: Vectors) -> dict[str, Column]:
    near, wide, wider = (_similar(vectors, reach) for reach in (1, 2, 3))
    skipping = np.asarray((vectors[:-2] * vectors[2:]).sum(1), np.float64)
    count = len(near)
    return {
        "near": near,
        "wide": wide,
        "wider": wider,
        "next near": np.append(near[1:], 0.3),
        "next but one": np.append(skipping, near[-1]),
        "last but one": np.insert(skipping, 0, near[0]),
        "central": np.asarray(vectors[1:] @ vectors.mean(0), np.float64),
        "near relative": _relative(near),
        "apart": -_relative(wide),
        "near valley": _valley(near),
        "wide valley": _valley(wide),
        "wider valley": _valley(wider),
        "wide rank": _rank(wide),
        "wider rank": _rank(wider),
        "wide lowest": _lowest(wide),
        "wider lowest": _lowest(wider),
        "first": np.arange(count) < 1,
        "last": np.arange(count) > count - 3,
    }


def _wording(texts: Sequence[str]) -> dict[str, Column]:
    stems = [set(words.content(text)) for text in texts]
    gaps = range(1, len(texts))
    earlier = [set().union(*stems[max(0, at - MEMORY) : at]) for at in gaps]
    later = [set().union(*stems[at + 1 : at + MEMORY]) for at in gaps]
    sides = [
        (set().union(*stems[max(0, at - MEMORY + 1) : at]), set().union(*stems[at : at + MEMORY - 1])) for at in gaps
    ]
    return {
        "wording": _similar(words.lexical_vectors([words.content(text) for text in texts]), 2),
        "new words": _counted([len(stems[at] - earlier[at - 1]) for at in gaps], 8),
        "old words": _counted([len(stems[at] & earlier[at - 1]) for at in gaps], 4),
        "kept words": _counted([len(stems[at] & later[at - 1]) for at in gaps], 4),
        "words across": _counted([len(before & after) for before, after in sides], 4),
    }


def _form(texts: Sequence[str]) -> dict[str, Column]:
    flags = {name: np.array([test(text) for text in texts], float) for name, test in openings.FORMS.items()}
    size = np.array([min(len(text), 150) / 100 for text in texts])
    before = {name: flag[:-1] for name, flag in flags.items()}
    after = {name: flag[1:] for name, flag in flags.items()}
    return {
        "asks": after["asking"],
        "leans back": after["leaning"],
        "pronoun": after["pronoun"],
        "replies": after["replying"],
        "greets": after["greeting"],
        "opens": after["opening"],
        "closes": after["closing"],
        "question": after["question"],
        "ends asking": after["ends asking"],
        "question before": before["question"],
        "asked before": before["ends asking"],
        "asked two before": np.insert(flags["ends asking"][:-2], 0, 0.0),
        "asked, not asking": before["ends asking"] * (1 - after["ends asking"]),
        "asked and replies": before["ends asking"] * after["replying"],
        "opened before": before["opening"],
        "opened, asks": before["opening"] * after["ends asking"],
        "first, greeted": (np.arange(len(texts) - 1) < 1) * before["greeting"],
        "closed before": before["closing"],
        "closed, opens": before["closing"] * after["opening"],
        "next replies": np.append(flags["replying"][2:], 0.0),
        "next asks": np.append(flags["ends asking"][2:], 0.0),
        "size": size[1:],
        "size before": size[:-1],
    }


def _similar(vectors: NDArray[np.float32], reach: int) -> Column:
    """For each gap, the cosine of what lies `reach` utterances before and after it."""
    sums = [(vectors[max(0, at - reach) : at].sum(0), vectors[at : at + reach].sum(0)) for at in range(1, len(vectors))]
    return np.array([float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9) for a, b in sums])


def _relative(values: Column) -> Column:
    relative: Column = (values - values.mean()) / max(float(values.std()), 1e-6)
    return relative


def _valley(values: Column) -> Column:
    """How deep each value lies below the nearest rises at its two sides, added up."""
    return _climb(values) + _climb(values[::-1])[::-1] - 2 * values


def _climb(values: Column) -> Column:
    """For each value, how high one gets going left without ever going down."""
    tops: list[float] = []
    for at, value in enumerate(values):
        tops.append(tops[-1] if at and values[at - 1] >= value else float(value))
    return np.array(tops)


def _rank(values: Column) -> Column:
    """0 for the lowest value of the talk, 1 for the highest."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") / max(len(values) - 1, 1)


def _lowest(values: Column) -> Column:
    """Whether a value is the lowest within two steps of it."""
    return np.array([value <= values[max(0, at - 2) : at + 3].min() for at, value in enumerate(values)], float)


def _counted(counts: Sequence[int], most: int) -> Column:
    return np.minimum(counts, most) * 2 / most
