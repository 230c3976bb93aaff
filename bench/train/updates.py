"""Fit when a statement takes the place of a stored one: weights `update`, and `update_words` for want of vectors.

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.updates

Rows are pairs of a new statement and one of the stored ones nearest to it, from `bench/data/updates`. To learn
restraint, two sets are added: sentences of LongMemEval (MIT) that follow others of their conversation and update none
of them (its knowledge-update questions are left out), and pairs of PAWS-X, the same words in another order.
Prints what a decision over whole stores would do, cross-validated by the set of stored statements that rows share, so
that no statement is seen both in training and in the measure.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz

from agent.domain.session import GLOBAL, SessionKey
from agent.ports import Embedder
from agent.stages.comparing.comparison import MEANT, ranked
from agent.stages.fragments import stated
from agent.stages.reading.sentences import split
from bench.train.fitting import Rows, embedder

WRITTEN = Path(__file__).parents[1] / "data/updates"
STRENGTH = 0.5
QUIET = 150
"""Rows from LongMemEval: few enough not to teach that long sentences update nothing."""
REORDERED = 150
"""Pairs from PAWS-X: the same words in another order say nothing newer."""
SHOWN = (0.45, 0.5, 0.6, 0.7)

Row = Mapping[str, Any]
Probabilities = dict[str, list[tuple[int, float]]]


def main() -> None:
    rows = [*written(), *quiet(QUIET)]
    rows += [young(row) for row in rows] + reordered(REORDERED)
    model = embedder()
    for name, blind in (("update", False), ("update_words", True)):
        pairs, places = prepared(rows, None if blind else model)
        print(name)
        report(rows, pairs, places)
        saved = {"script": "bench/train/updates.py", "data": "bench/data/updates, LongMemEval oracle_dev (MIT), PAWS-X"}
        print(pairs.save(name, STRENGTH, saved))


def written() -> list[Row]:
    return [json.loads(line) for path in sorted(WRITTEN.glob("*.jsonl")) for line in path.read_text().splitlines()]


def quiet(most: int) -> list[Row]:
    """Sentences users wrote in LongMemEval, each after others of its conversation and some of other conversations."""
    talks = dict(_talks())
    pool = [said for talk in talks.values() for said in talk]
    found: list[Row] = []
    for name, talk in talks.items():
        dice = random.Random(name)
        for at in dice.sample(range(2, len(talk)), min(2, len(talk) - 2)):
            stored = list(dict.fromkeys(talk[max(0, at - 8) : at] + dice.sample(pool, dice.randint(3, 10))))
            if talk[at] not in stored:
                found.append({"id": f"{name}-{at}", "stored": stored, "new": talk[at], "does": "new", "target": None})
    random.Random(QUIET).shuffle(found)
    return found[:most]


def young(row: Row) -> Row:
    """The same row in a memory that holds nearly nothing yet: the target, or what looks most like the new one."""
    near = [fuzz.token_set_ratio(row["new"], old) for old in row["stored"]]
    at = near.index(max(near)) if row["target"] is None else row["target"]
    target = None if row["target"] is None else 0
    return {**row, "id": f"{row['id']}-young", "stored": [row["stored"][at]], "target": target, "young": True}


def reordered(most: int) -> list[Row]:
    path = Path(os.environ["WB_DATA"]) / "dedup_pairs/pawsx_en.jsonl"
    pairs = [json.loads(line) for line in path.read_text().splitlines()][:most]
    return [
        {"id": f"pawsx{n}", "stored": [pair["a"]], "new": pair["b"], "does": "new", "target": None, "young": True}
        for n, pair in enumerate(pairs)
    ]


def _talks() -> Iterator[tuple[str, list[str]]]:
    path = Path(os.environ["WB_DATA"]) / "longmemeval/oracle_dev.jsonl"
    for row in map(json.loads, path.read_text().splitlines()):
        if row["question_type"] == "knowledge-update":
            continue
        for name, session in zip(row["haystack_session_ids"], row["haystack_sessions"], strict=True):
            users = (s.text for t in session if t["role"] == "user" for s in split(t["content"][:4000]))
            talk = [text for text in users if _tells(text)]
            if len(talk) > 2:
                yield name, talk


def _tells(sentence: str) -> bool:
    own = re.search(r"\b(?:I|my|we|our|I['’]\w+)\b", sentence)
    return bool(own) and not sentence.endswith("?") and 4 <= len(sentence.split()) <= 45


def prepared(rows: Sequence[Row], model: Embedder | None) -> tuple[Rows, list[int]]:
    """Training rows, and the place of each one's stored statement. The group is the row's set of statements."""
    pairs, places = Rows(), []
    for row in rows:
        stored, new = [kept(text) for text in row["stored"]], kept(row["new"])
        cosines = None
        if model:
            first, *rest = model.embed([new, *stored])
            cosines = [float(vector @ first) for vector in rest]
        for at, features in ranked(new, stored, cosines):
            pairs.add(features, row["does"] == "update" and at == row["target"], group(row["id"]))
            places.append(at)
    return pairs, places


def kept(text: str) -> str:
    return stated(text, None, GLOBAL, SessionKey("bench", "train")).statement


def group(ident: str) -> str:
    return ident.split("-")[0]


def held(ident: str) -> bool:
    """Whether a row belongs to the third that nothing is tuned on."""
    return hashlib.sha256(group(ident).encode()).digest()[1] % 3 == 0


def report(rows: Sequence[Row], pairs: Rows, places: Sequence[int]) -> None:
    guessed = iter(zip(places, pairs.cross_validated(STRENGTH), strict=True))
    best = {
        row["id"]: max((next(guessed) for _ in range(min(MEANT, len(row["stored"])))), key=lambda g: g[1])
        for row in rows
    }
    for sure in SHOWN:
        count: dict[str, list[bool]] = defaultdict(list)
        for row in rows:
            at, probability = best[row["id"]]
            does = f"{row['does']} {'written' if 'register' in row else 'other'}{' young' if 'young' in row else ''}"
            count[does].append(probability >= sure and row["target"] in (None, at))
            count["wrong"] += [probability >= sure and row["target"] != at] if row["does"] == "update" else []
        print(sure, {does: round(float(np.mean(found)), 3) for does, found in sorted(count.items())})


if __name__ == "__main__":
    main()
