"""How likely each word of a line is to be in what a person would write about a conversation.

A word is telling when it is said often, by several people, or asked for; a line lends its words more or less of that.
The weights are learned (`bench/train/summary_lines.py`); without vectors the lines' nearness to the focus is lexical.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import exp, log, log1p
from typing import Final

import numpy as np

from agent.domain.transcript import Turn
from agent.ports import Vectors
from agent.stages.learned import Learned, learned
from agent.stages.reading.words import content
from agent.stages.summarising.candidates import Candidate, speaker

USER: Final = 1.25
"""What a word of the person's is worth beside one of the assistant's."""
_CUES: Final = {
    "decides": re.compile(
        r"\b(?:decid\w*|agree\w*|settl\w+|go(?:ing)? (?:with|for)|let's|we(?:'ll| will| should| have to| need)"
        r"|should|have to|must|keep|choose|chose)\b",
        re.IGNORECASE,
    ),
    "reasons": re.compile(r"\b(?:because|'?cause|since|so that|therefore|reason|in order)\b", re.IGNORECASE),
    "judges": re.compile(
        r"\b(?:think|believe|feel|suggest\w*|propos\w+|recommend\w*|prefer\w*|important|better|best|problem|difficult"
        r"|good|idea)\b",
        re.IGNORECASE,
    ),
    "counts": re.compile(
        r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|hundred|thousand|percent"
        r"|million)s?\b",
        re.IGNORECASE,
    ),
    "asks": re.compile(r"\?$"),
    "you": re.compile(r"\byou\b", re.IGNORECASE),
    "I": re.compile(r"\bI\b"),
    "we": re.compile(r"\bwe\b", re.IGNORECASE),
    "denies": re.compile(r"\bnot\b|n't\b|\bno\b", re.IGNORECASE),
    "leans back": re.compile(r"^(?:it|that|this|they|he|she|there)\b", re.IGNORECASE),
}


def word_features(lines: Sequence[Candidate], turns: Sequence[Turn], focus: str = "") -> dict[str, dict[str, float]]:
    """Named features of each stem, from the whole sentences it occurs in."""
    whole = [line for line in lines if line.whole]
    said = Counter(stem for line in whole for stem in line.stems)
    where: dict[str, set[int]] = {}
    who: dict[str, set[str]] = {}
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for line in whole:
        for stem in line.stems:
            where.setdefault(stem, set()).add(line.turn)
            who.setdefault(stem, set()).add(line.speaker)
            first.setdefault(stem, line.place)
            last[stem] = line.place
    asked, names = set(content(focus)), {stem for turn in turns for stem in content(speaker(turn))}
    people, most = max(len({line.speaker for line in whole}), 1), max(said.values(), default=1)
    return {
        stem: {
            "word: often": log1p(count),
            "word: share": log((count + 0.5) / (len(whole) + 1)),
            "word: relative": count / most,
            "word: turns": log1p(len(where[stem])),
            "word: again": float(len(where[stem]) > 1),
            "word: people": len(who[stem]) / people,
            "word: asked": float(stem in asked),
            "word: name": float(stem in names),
            "word: length": min(len(stem), 10) / 10,
            "word: first": first[stem],
            "word: last": last[stem],
        }
        for stem, count in said.items()
    }


def line_features(
    lines: Sequence[Candidate],
    focus: str = "",
    vectors: Vectors | None = None,
    about: Vectors | None = None,
) -> list[dict[str, float]]:
    """Named features of each line. `vectors`: one unit row a line; `about`: the focus' (384,) unit vector."""
    asked = set(content(focus))
    found = [_line(line, asked) for line in lines]
    if vectors is None or not lines:
        return found
    centre = vectors.sum(0)
    nearness = {"central": vectors @ (centre / max(float(np.linalg.norm(centre)), 1e-9))}
    if about is not None:
        nearness["near"] = vectors @ about
    for name, values in nearness.items():
        spread = (values - values.mean()) / max(float(values.std()), 1e-6)
        for features, value in zip(found, spread, strict=True):
            features[f"line: {name}"] = float(value)
    return found


def _line(line: Candidate, asked: set[str]) -> dict[str, float]:
    features = {f"line: {name}": float(bool(cue.search(line.text))) for name, cue in _CUES.items()}
    return features | {
        "line: length": log(line.words),
        "line: dense": len(line.stems) / line.words,
        "line: begins": float(line.place < 0.1),
        "line: ends": float(line.place > 0.85),
        "line: asked words": float(len(line.stems & asked)),
        "line: asked speaker": float(bool(asked & set(content(line.speaker)))),
    }


def word_worth(
    lines: Sequence[Candidate],
    turns: Sequence[Turn],
    focus: str = "",
    vectors: Vectors | None = None,
    about: Vectors | None = None,
) -> list[dict[str, float]]:
    """For each line, what each of its stems is worth in a summary.

    Among people a probability, learned from meetings. What one person and an assistant say to each other is another
    kind of text: there a word is worth the root of how often it was said, the person's words a little more.
    """
    if any(line.speaker for line in lines):
        return _probabilities(learned("salience"), lines, turns, focus, vectors, about)
    said = Counter(stem for line in lines if line.whole for stem in line.stems)
    return [
        {stem: (said[stem] or 1) ** 0.5 * (USER if line.role == "user" else 1.0) for stem in line.stems}
        for line in lines
    ]


def _probabilities(
    model: Learned,
    lines: Sequence[Candidate],
    turns: Sequence[Turn],
    focus: str,
    vectors: Vectors | None,
    about: Vectors | None,
) -> list[dict[str, float]]:
    words = {stem: model.odds(found) for stem, found in word_features(lines, turns, focus).items()}
    # The bias is in every word's odds already.
    lent = [model.odds(found) - model.bias for found in line_features(lines, focus, vectors, about)]
    return [
        {stem: 1 / (1 + exp(-(words.get(stem, model.bias) + odds))) for stem in line.stems}
        for line, odds in zip(lines, lent, strict=True)
    ]
