"""Fit what is worth keeping: the models `worth` (what is seen of a sentence) and `worth_by_meaning` (its vector too).

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.worth

Learns from the open part of bench/data/statements; from LongMemEval (MIT), where of a turn that holds evidence the
sentence nearest to question and answer is worth keeping and sentences of other turns are not, unless they announce a
preference, decision or commitment (questions ask for few of those); and from real Aider and
SpecStory sessions (Apache 2.0), whose orders leave nothing behind but what SPOKEN_FOR_GOOD names. Sentences of
LongMemEval's other turns are often worth keeping too, so a trait of their own takes up how much rarer its labels are.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.adapters import transcripts
from agent.domain.transcript import Turn
from agent.stages.extracting.signs import Signs
from agent.stages.extracting.telling import Heard, Told, heard
from agent.stages.reading.forms import at_work
from agent.stages.reading.words import content
from bench.quality.statements import cases, covers, turns
from bench.train.fitting import Rows, embedder

STRENGTH = 0.3
SCALE = 2.0
RARE = 4
"""Words seen less often than this are left out."""
LONGMEMEVAL = "longmemeval"
EXPECTED = "expected"
PRIOR_SCALE = 3.0
"""Large, so that fitting is free to trust what was expected."""
DATA = "bench/data/statements (open part); LongMemEval dev; Aider and SpecStory transcripts"
PRIOR: Signs = {
    "preference": 2.6,
    "decision": 2.6,
    "commitment": 1.4,
    "correction": 1.6,
    "remember": 4.0,
    "cue": 0.3,
    "standing": 0.8,
    "lasts": 1.0,
    "opens_first": 0.2,
    "past": 0.8,
    "acquired": 0.4,
    "habit": 0.6,
    "time": 1.6,
    "due": 0.9,
    "pledge": 1.2,
    "number": 1.3,
    "name": 0.4,
    "quoted": 0.5,
    "code": 0.8,
    "my_thing": 0.5,
    "kin": 0.6,
    "ours": 0.5,
    "state": 0.6,
    "we_do": 2.6,
    "aims": 0.3,
    "opinion": -0.5,
    "world": 1.2,
    "aside": 1.1,
    "substance": 0.9,
    "tentative_first": -0.6,
    "tentative": -0.7,
    "transient_first": -0.8,
    "thinking_of": 0.3,
    "leans_back": -1.4,
    "gerund": -1.2,
    "reaction": -1.5,
    "supposed": -4.0,
    "slot": 1.9,
    "contrast": 0.9,
    "of_self": 1.0,
    "of_other": -1.0,
    "request": -3.5,
    "here": -1.2,
    "short": -0.6,
    "tiny": -3.0,
    "unnamed": -1.5,
    "moment": -2.0,
    "fixed": 1.5,
    "decided": 0.9,
    "holds_on": 0.8,
    "once": -4.0,
    "undated": -1.0,
    "points_here": -2.0,
    "trouble": -2.0,
    "underway": -2.0,
    "verbless": -2.5,
}
"""Weights set by hand before there was data. What is learned starts from them, so that a cue the data hardly shows
(`remember that …`) still counts."""
SESSIONS = ("aider_markdown", "specstory_markdown")
SPOKEN_FOR_GOOD = frozenset("9e43456e900d 00159bd03c40 c98ed43a3808 d35a55847ba0".split())
"""Hashes of the sentences in these sessions that are worth keeping."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, whether it is worth keeping, and the conversation it must not be parted from."""

    statement: str
    signs: Signs
    worth: bool
    group: str


def main() -> None:
    examples = [*written(), *longmemeval(), *sessions()]
    vectors = embedder().embed([e.statement for e in examples])
    common = _common(examples)
    own = np.array([LONGMEMEVAL not in e.signs for e in examples])
    for name, with_vectors in (("worth", False), ("worth_by_meaning", True)):
        rows = Rows(SCALE)
        for example, vector in zip(examples, vectors, strict=True):
            seen = {k: v for k, v in example.signs.items() if k in common}
            expected = PRIOR_SCALE * sum(PRIOR.get(k, 0.0) * v for k, v in seen.items())
            rows.add({**seen, EXPECTED: expected}, example.worth, example.group, vector if with_vectors else None)
        guessed, truth = rows.cross_validated(STRENGTH)[own], np.array(rows.truth)[own]
        kept = guessed >= 0.5
        print(f"{name}: precision {truth[kept].mean():.3f} recall {truth[kept].sum() / truth.sum():.3f}, five folds")
        _fold(rows.save(name, STRENGTH, {"script": "bench.train.worth", "data": DATA}), common)


def _fold(path: Path, common: set[str]) -> None:
    """Write the weight of what was expected by hand into the weights of the signs it was expected of."""
    model = json.loads(path.read_text("utf-8"))
    trust = model["named"].pop(EXPECTED) * PRIOR_SCALE
    print(f"  trusts what was expected by {trust:.2f}")
    for name in sorted(common | PRIOR.keys()):
        model["named"][name] = round(model["named"].get(name, 0.0) + trust * PRIOR.get(name, 0.0), 4)
    model["named"].pop(LONGMEMEVAL)
    path.write_text(json.dumps(model, indent=1) + "\n", "utf-8")


def written() -> Iterator[Example]:
    """Sentences of the written conversations that training may read."""
    for case in cases("open"):
        for turn, item in told_in(turns(case)):
            worth = any(covers(item.statement, turn.index, label) for label in case["keep"])
            yield Example(item.statement, item.signs, worth, case["id"])


def longmemeval() -> Iterator[Example]:
    """Sentences of the sessions that hold the evidence for a question about the user."""
    lines = (Path(os.environ["WB_DATA"]) / "longmemeval/oracle_dev.jsonl").read_text("utf-8").splitlines()
    seen: set[str] = set()
    for row in map(json.loads, lines):
        about = set(content(f"{row['question']} {row['answer']}"))
        for name, said in zip(row["haystack_session_ids"], row["haystack_sessions"], strict=True):
            told = any(t.get("has_answer") and t["role"] == "user" for t in said)
            if told and name not in seen:
                seen.add(name)
                spoken = [Turn(t["role"], t["content"], index=i) for i, t in enumerate(said)]
                evidence = {i for i, t in enumerate(said) if t.get("has_answer")}
                yield from _evidence(spoken, evidence, about, row["question_id"].removesuffix("_abs"))


def _evidence(spoken: Sequence[Turn], evidence: set[int], about: set[str], group: str) -> Iterator[Example]:
    for h in _heard(spoken):
        worth = h.turn.index in evidence
        items = sorted(h.items, key=lambda item: len(about & set(content(item.statement))))[-1:] if worth else h.items
        for item in items:
            if worth or not item.reading.said:
                yield Example(item.statement, {**item.signs, LONGMEMEVAL: 1.0}, worth, group)


def sessions() -> Iterator[Example]:
    """Sentences of real coding sessions, each wording once."""
    seen: set[str] = set()
    for folder in SESSIONS:
        for path in sorted((Path(os.environ["WB_DATA"]) / "transcripts" / folder).iterdir()):
            for session in transcripts.read(path):
                for _, item in told_in(session.turns):
                    if item.statement not in seen:
                        seen.add(item.statement)
                        yield Example(item.statement, item.signs, _hash(item.statement) in SPOKEN_FOR_GOOD, path.name)


def told_in(spoken: Sequence[Turn]) -> Iterator[tuple[Turn, Told]]:
    """What the user turns of a conversation tell, each with its turn."""
    for h in _heard(spoken):
        for item in h.items:
            yield h.turn, item


def _heard(spoken: Sequence[Turn]) -> list[Heard]:
    return heard(spoken, lambda signs, vector=None: 0.0, work=at_work(spoken))


def _hash(statement: str) -> str:
    return hashlib.sha256(statement.encode()).hexdigest()[:12]


def _common(examples: Sequence[Example]) -> set[str]:
    seen = Counter(name for e in examples for name in e.signs)
    return {name for name, n in seen.items() if n >= RARE}


if __name__ == "__main__":
    main()
