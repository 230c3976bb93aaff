"""Fit which candidate names a subject best: writes agent/stages/weights/title.json.

    CLOSER_MODELS=… python -m bench.train.titles

Trained on bench/data/titles.jsonl (written for this project): of two candidates for one conversation, which is nearer
to the titles people gave it, in words and in meaning? Prints how near the chosen names come to the titles, from models
that never saw the conversation.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from agent.ports import Vectors
from agent.stages import titles
from agent.stages.learned import Learned
from agent.stages.reading import phrases, words
from bench.train.fitting import FOLDS, Rows, embedder, fold_of

DATA = Path(__file__).parents[1] / "data/titles.jsonl"
STRENGTH = 0.3
SCALE = 0.5
PAIRS = 400
"""Pairs of candidates drawn for each conversation; the further apart in worth, the likelier one is kept."""


@dataclass(frozen=True)
class Named:
    """A written conversation with its candidates."""

    id: str
    kind: str
    features: list[dict[str, float]]
    vectors: Vectors
    wording: NDArray[np.float64]
    """F1 of each candidate's stems with those of the best title."""
    meaning: NDArray[np.float64]
    """Cosine of each candidate with the nearest title."""

    @property
    def worth(self) -> NDArray[np.float64]:
        return (self.wording + self.meaning) / 2


def main() -> None:
    conversations = list(_conversations())
    chosen: dict[str, list[tuple[float, float]]] = {}
    for held in range(FOLDS):
        model = _fitted(_rows([each for each in conversations if fold_of(each.id) != held]))
        for each in (each for each in conversations if fold_of(each.id) == held):
            odds = [model.odds(f, v) for f, v in zip(each.features, each.vectors, strict=True)]
            best = int(np.argmax(odds))
            chosen.setdefault(each.kind, []).append((each.wording[best], each.meaning[best]))
    for kind, found in chosen.items():
        wording, meaning = np.mean(found, 0)
        print(f"{kind}: token F1 {wording:.3f}, cosine {meaning:.3f}, {len(found)} conversations, cross-validated")
    recipe = {"script": "bench/train/titles.py", "data": "bench/data/titles.jsonl", "scale": SCALE}
    print(_rows(conversations).save("title", STRENGTH, recipe))


def _conversations() -> Iterator[Named]:
    model = embedder()
    for row in map(json.loads, DATA.read_text("utf-8").splitlines()):
        own = [words.prose(text) for text in row["said"]]
        worth, forms = phrases.worth(own, [1.0] * len(own), {})
        candidates, vectors, features = titles.weighed(own, titles.said(own, forms, worth), worth, model.embed)
        wording = [max(_overlap(each.name, true) for true in row["titles"]) for each in candidates]
        meaning = (vectors @ model.embed(row["titles"]).T).max(1)
        yield Named(row["id"], row["kind"], features, vectors, np.array(wording), meaning.astype(np.float64))


def _rows(conversations: Sequence[Named]) -> Rows:
    """Differences of two candidates: true where the first is the better one."""
    rows, dice = Rows(SCALE), random.Random(11)
    for each in conversations:
        count = len(each.features)
        for _ in range(PAIRS):
            one, other = dice.randrange(count), dice.randrange(count)
            better = float(each.worth[one] - each.worth[other])
            if abs(better) > dice.random() / 2:
                mine, theirs = each.features[one], each.features[other]
                apart = {name: mine.get(name, 0.0) - theirs.get(name, 0.0) for name in mine | theirs}
                rows.add(apart, better > 0, each.id, each.vectors[one] - each.vectors[other])
    return rows


def _fitted(rows: Rows) -> Learned:
    names = DictVectorizer(sparse=False)
    x = np.hstack([names.fit_transform(rows.features), np.stack(rows.vectors) * SCALE])
    found = LogisticRegression(C=STRENGTH, max_iter=3000).fit(x, np.array(rows.truth)).coef_[0]
    count = len(names.feature_names_)
    return Learned(0.0, dict(zip(names.feature_names_, found[:count], strict=True)), found[count:] * SCALE)


def _overlap(one: str, other: str) -> float:
    """F1 of the stems of two names."""
    mine, theirs = Counter(words.content(one)), Counter(words.content(other))
    return 2 * (mine & theirs).total() / max((mine.total() + theirs.total()), 1)


if __name__ == "__main__":
    main()
