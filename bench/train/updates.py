"""Fit when a statement takes the place of a stored one: weights `update`, `update_note` for two notes about one thing,
and `update_words` for want of vectors.

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.updates

Rows are pairs of a new statement and one of the stored ones nearest to it, from `bench/data/updates`. To learn
restraint, two sets are added: sentences of LongMemEval (MIT) that follow others of their conversation and update none
of them (its knowledge-update questions are left out), and pairs of PAWS-X, the same words in another order. What
people like and dislike, written as notes, only teaches about notes.
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
from agent.stages.comparing.comparison import ranked
from agent.stages.comparing.notes import TWO_NOTES
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

LIKINGS = "likings"
"""The register of what people like and dislike, as notes: so many of one form that they only teach about notes."""

Row = Mapping[str, Any]
Meant = list[tuple[Row, int]]
"""For each pair the row it comes from, and the place of its stored statement."""


def main() -> None:
    rows = [*written(), *quiet(QUIET)]
    rows += [young(row) for row in rows] + reordered(REORDERED)
    told = [row for row in rows if row.get("register") != LIKINGS]
    model = embedder()
    fit("update", *plain(*prepared(told, model)))
    fit("update_note", *of_notes(*prepared(rows, model)))
    fit("update_words", *plain(*prepared(told, None)))


def fit(name: str, pairs: Rows, meant: Meant) -> None:
    print(name)
    report(pairs, meant)
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


def prepared(rows: Sequence[Row], model: Embedder | None) -> tuple[Rows, Meant]:
    """Training rows, and what each is about. The group is the row's set of statements."""
    pairs, meant = Rows(), []
    for row in rows:
        stored, new = [kept(text) for text in row["stored"]], kept(row["new"])
        cosines = None
        if model:
            first, *rest = model.embed([new, *stored])
            cosines = [float(vector @ first) for vector in rest]
        for at, features in ranked(new, stored, cosines):
            pairs.add(features, row["does"] == "update" and at == row["target"], group(row["id"]))
            meant.append((row, at))
    return pairs, meant


def plain(pairs: Rows, meant: Meant) -> tuple[Rows, Meant]:
    """The same without the features that only notes have."""
    pairs.features = [
        {name: value for name, value in features.items() if name != TWO_NOTES and not name.startswith("note ")}
        for features in pairs.features
    ]
    return pairs, meant


def of_notes(pairs: Rows, meant: Meant) -> tuple[Rows, Meant]:
    """Only the pairs of two notes about one thing."""
    few, about = Rows(), []
    for features, truth, name, what in zip(pairs.features, pairs.truth, pairs.groups, meant, strict=True):
        if TWO_NOTES in features:
            few.add(features, bool(truth), name)
            about.append(what)
    return few, about


def kept(text: str) -> str:
    return stated(text, None, GLOBAL, SessionKey("bench", "train")).statement


def group(ident: str) -> str:
    return ident.split("-")[0]


def held(ident: str) -> bool:
    """Whether a row belongs to the third that nothing is tuned on."""
    return hashlib.sha256(group(ident).encode()).digest()[1] % 3 == 0


def report(pairs: Rows, meant: Meant) -> None:
    guessed: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for (row, at), probability in zip(meant, pairs.cross_validated(STRENGTH), strict=True):
        guessed[row["id"]].append((at, float(probability)))
    rows = {row["id"]: row for row, _ in meant}
    for sure in SHOWN:
        count: dict[str, list[bool]] = defaultdict(list)
        for name, row in rows.items():
            at, probability = max(guessed[name], key=lambda guess: guess[1])
            does = f"{row['does']} {'written' if 'register' in row else 'other'}{' young' if 'young' in row else ''}"
            count[does].append(probability >= sure and row["target"] in (None, at))
            count["wrong"] += [probability >= sure and row["target"] != at] if row["does"] == "update" else []
        print(sure, {does: round(float(np.mean(found)), 3) for does, found in sorted(count.items())})


if __name__ == "__main__":
    main()
