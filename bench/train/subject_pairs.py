"""Fit the pair model of agent.stages.subjects on sessions mixed from LongMemEval (MIT), none of them in mixed_subjects.

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.subject_pairs

Prints the weights. Half the mixtures are one subject after another, half woven, each once with its replies in full
and once with 160 characters of them, as in the benchmark. LONELY and what was added to PRIOR were then chosen on
mixed_subjects' open half.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.adapters.embedder import open_embedder
from agent.domain.passages import pieces
from agent.domain.transcript import Exchange, Turn
from agent.stages import subjects

MIXTURES = 120
SEED = 3
BRIEF = 160
SUBJECTS = (2, 2, 2, 3, 3, 3, 4, 4, 5)
LONGEST = 8

Mixture = list[tuple[int, Exchange]]


def main() -> None:
    embedder = open_embedder("all-MiniLM-L6-v2", Path(os.environ["CLOSER_MODELS"]), threads=2)
    x, y, weight = [], [], []
    for mixture in _mixtures(_sessions()):
        for brief in (False, True):
            cut = [Exchange(tuple(_cut(t, brief) for t in exchange.turns)) for _, exchange in mixture]
            vectors = np.stack(
                [
                    subjects.exchange_vector(
                        *(
                            embedder.embed([p for t in exchange.said_by(role) for p in pieces(t.text)[:3]])
                            for role in ("user", "assistant")
                        )
                    )
                    for exchange in cut
                ]
            )
            upper = np.triu_indices(len(cut), 1)
            label = np.array([name for name, _ in mixture])
            x.append(np.stack([f[upper] for f in subjects.features(cut, vectors)], 1))
            y.append((label[upper[0]] == label[upper[1]]).astype(int))
            weight.append(np.full(len(upper[0]), len(upper[0]) ** -0.5))
    model = LogisticRegression(C=np.inf, max_iter=5000)
    model.fit(np.vstack(x), np.concatenate(y), sample_weight=np.concatenate(weight))
    print("weights", [round(float(c), 1) for c in model.coef_[0]], "prior", round(float(model.intercept_[0]), 1))


def _sessions() -> list[list[Exchange]]:
    data = Path(os.environ["WB_DATA"])
    mixed = map(json.loads, (data / "mixed_subjects/dev.jsonl").read_text().splitlines())
    used = {source for row in mixed for source in row["sources"]}
    found = []
    for row in map(json.loads, (data / "longmemeval/oracle_dev.jsonl").read_text().splitlines()):
        fresh = [s for i, s in zip(row["haystack_session_ids"], row["haystack_sessions"], strict=True) if i not in used]
        found += [list(_exchanges(fresh[0]))[:LONGEST]] if fresh else []
    return [session for session in found if len(session) > 2]


def _exchanges(session: list[dict[str, str]]) -> Iterator[Exchange]:
    turns: list[Turn] = []
    for said in session:
        if said["role"] == "user" and turns:
            yield Exchange(tuple(turns))
            turns = []
        turns.append(Turn("user" if said["role"] == "user" else "assistant", said["content"]))
    if turns:
        yield Exchange(tuple(turns))


def _mixtures(sessions: list[list[Exchange]]) -> Iterator[Mixture]:
    dice = random.Random(SEED)
    for number in range(MIXTURES):
        waiting = dict(enumerate(dice.sample(sessions, dice.choice(SUBJECTS))))
        mixture: Mixture = []
        while waiting:
            name = dice.choice(list(waiting)) if number % 2 else min(waiting)
            some = dice.randint(1, 3) if number % 2 else LONGEST
            mixture += [(name, exchange) for exchange in waiting[name][:some]]
            waiting[name] = waiting[name][some:]
            waiting = {name: rest for name, rest in waiting.items() if rest}
        yield mixture


def _cut(turn: Turn, brief: bool) -> Turn:
    return Turn(turn.role, turn.text[:BRIEF]) if brief and turn.role == "assistant" else turn


if __name__ == "__main__":
    main()
