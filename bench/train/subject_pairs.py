"""Fit the pair model of agent.stages.subjects on mixed sessions, none of them in mixed_subjects.

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.subject_pairs

Mixtures hold two to eight sessions of LongMemEval (MIT), half one after another, half woven, each once with its replies
in full and once with 160 characters of them, as in the benchmark. Long ones beside them hold one to four subjects over
20 to 90 exchanges: an exchange there is a passage of the user's and one of a reply, drawn from one session.

Prints the adjusted Rand index and how often the number of subjects is right, by models that saw neither the pairs nor
the beginnings of those sessions; then the weights from all. What is in agent.stages.grouping was chosen by these
figures.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from agent.domain.passages import pieces
from agent.domain.transcript import Exchange, Turn
from agent.ports import Vectors
from agent.stages import beginnings, subjects
from agent.stages.grouping import grouped
from agent.stages.learned import Learned
from bench.embedding import embedder
from bench.train.beginnings import STRENGTH, read, rows_of, told

MIXTURES = 120
LONG_MIXTURES = 40
SEED = 3
BRIEF = 160
SUBJECTS = (2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8)
LONG_SUBJECTS = (1, 1, 2, 2, 3, 4)
LONG_LENGTHS = (20, 30, 45, 60, 90)
LONG_WEIGHT = 0.3
LONGEST = 8
PASSAGES = 3

Session = list[Exchange]
Part = tuple[int, Exchange]
"""Which session an exchange is from, and the exchange."""
Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Mixed:
    """Exchanges of several sessions, which session each is from, and what two of them have in common."""

    kind: str
    cut: Session
    label: NDArray[np.int64]
    begins: NDArray[np.float32]
    features: NDArray[np.float32] = field(repr=False)


def main() -> None:
    sessions = _sessions()
    names = sorted(sessions)
    random.Random(SEED).shuffle(names)
    halves = [_examples({n: sessions[n] for n in half}, names) for half in (names[::2], names[1::2])]
    for kind, right in sorted(_held_out(halves).items()):
        rand, exact, over = np.mean(right, 0)
        print(f"{kind:12} {len(right):3} mixtures: ARI {rand:.3f}, exact {exact:.2f}, too many by {over:+.2f}")
    weights, prior = _fitted([mixed for half in halves for mixed in half])
    print("weights", [round(float(w), 2) for w in weights], "prior", round(prior, 2))


def _held_out(halves: Sequence[Sequence[Mixed]]) -> dict[str, list[tuple[float, bool, int]]]:
    found: dict[str, list[tuple[float, bool, int]]] = defaultdict(list)
    for half, other in (halves, halves[::-1]):
        weights, prior = _fitted(half)
        for mixed in other:
            guess = grouped(subjects.pair_odds(mixed.features, weights, prior), mixed.begins)
            over = len(set(guess)) - len(set(mixed.label))
            found[mixed.kind].append((adjusted_rand_score(mixed.label, guess), over == 0, over))
    return found


def _fitted(examples: Sequence[Mixed]) -> tuple[Weights, float]:
    x, y, weight = [], [], []
    for mixed in examples:
        upper = np.triu_indices(len(mixed.cut), 1)
        x.append(np.stack([f[upper] for f in mixed.features], 1))
        y.append((mixed.label[upper[0]] == mixed.label[upper[1]]).astype(int))
        share = LONG_WEIGHT if mixed.kind.startswith("long") else 1.0
        weight.append(np.full(len(upper[0]), share * len(upper[0]) ** -0.5))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=10, max_iter=3000))
    model.fit(np.vstack(x), np.concatenate(y), logisticregression__sample_weight=np.concatenate(weight))
    scaler, regression = model[0], model[1]
    weights = regression.coef_[0] / scaler.scale_
    return weights, float(regression.intercept_[0] - weights @ scaler.mean_)


def _examples(sessions: Mapping[str, Session], every: Sequence[str]) -> list[Mixed]:
    """Mixtures of these sessions. Their beginnings are rated by a model that saw all but them."""
    begins = _beginnings(sessions)
    found = []
    for mixture in _mixtures([session for _, session in sorted(sessions.items()) if len(session) > 2]):
        count = len({name for name, _ in mixture})
        name = "2 to 3" if count < 4 else "4 to 5" if count < 6 else "6 to 8"
        found += [_mixed(f"{name}{', brief' * brief}", mixture, brief, begins) for brief in (False, True)]
    for mixture in _long_mixtures([session for _, session in sorted(sessions.items()) if len(session) > 3]):
        count = len({name for name, _ in mixture})
        found.append(_mixed("long, one" if count == 1 else "long, 2 to 4", mixture, False, begins))
    return found


def _beginnings(held: Mapping[str, Session]) -> Callable[[str], float]:
    rows = rows_of({name: said for name, said in told() if name not in held})
    named, bias = rows.fitted(STRENGTH)
    return lambda message: Learned(bias, named).odds(beginnings.wording(message))


def _mixed(kind: str, mixture: Sequence[Part], brief: bool, begins: Callable[[str], float]) -> Mixed:
    cut = [Exchange(tuple(_cut(t, brief) for t in exchange.turns)) for _, exchange in mixture]
    label = np.array([name for name, _ in mixture])
    likely = beginnings.bounded([begins(subjects.said(exchange)) for exchange in cut])
    vectors = np.stack([_vector(exchange) for exchange in cut])
    return Mixed(kind, cut, label, likely, subjects.features(cut, vectors, likely))


@cache
def _vector(exchange: Exchange) -> NDArray[np.float32]:
    return subjects.exchange_vector(_passages(exchange, "user"), _passages(exchange, "assistant"))


def _passages(exchange: Exchange, role: str) -> Vectors:
    return embedder().embed([p for turn in exchange.said_by(role) for p in pieces(turn.text)[:PASSAGES]])


def _sessions() -> dict[str, Session]:
    """The evidence sessions of LongMemEval's open part that no row of mixed_subjects is made of."""
    data = Path(os.environ["WB_DATA"])
    used = {source for row in read(data / "mixed_subjects/dev.jsonl") for source in row["sources"]}
    return {
        f"evidence {ident}": _exchanges(session)[:LONGEST]
        for row in read(data / "longmemeval/oracle_dev.jsonl")
        for ident, session in zip(row["haystack_session_ids"], row["haystack_sessions"], strict=True)
        if ident not in used
    }


def _exchanges(session: list[dict[str, str]]) -> Session:
    found: list[list[Turn]] = []
    for said in session:
        if said["role"] == "user" or not found:
            found.append([])
        found[-1].append(Turn("user" if said["role"] == "user" else "assistant", said["content"]))
    return [Exchange(tuple(turns)) for turns in found]


def _mixtures(sessions: Sequence[Session]) -> Iterator[list[Part]]:
    dice = random.Random(SEED)
    for number in range(MIXTURES):
        yield _joined(dice.sample(sessions, dice.choice(SUBJECTS)), dice, 3 if number % 2 else None)


def _long_mixtures(sessions: Sequence[Session]) -> Iterator[list[Part]]:
    dice = random.Random(SEED)
    for number in range(LONG_MIXTURES):
        chosen = dice.sample(sessions, dice.choice(LONG_SUBJECTS))
        length = dice.choice(LONG_LENGTHS) / len(chosen)
        stretched = [_stretched(session, max(4, int(length * dice.uniform(0.4, 1.6))), dice) for session in chosen]
        yield _joined(stretched, dice, 6 if number % 2 else None)


def _joined(sessions: Sequence[Session], dice: random.Random, woven: int | None) -> list[Part]:
    """One session after another; or woven, up to so many exchanges of one at a time."""
    waiting = dict(enumerate(sessions))
    mixture: list[Part] = []
    while waiting:
        name = dice.choice(list(waiting)) if woven else min(waiting)
        some = dice.randint(1, woven) if woven else len(waiting[name])
        mixture += [(name, exchange) for exchange in waiting[name][:some]]
        waiting[name] = waiting[name][some:]
        waiting = {name: rest for name, rest in waiting.items() if rest}
    return mixture


def _stretched(session: Session, length: int, dice: random.Random) -> Session:
    """A talk of so many exchanges about what a session was about, opened as the session was."""
    opened, later, replies = (
        [p for exchange in part for turn in exchange.said_by(role) for p in pieces(turn.text)[:PASSAGES]]
        for part, role in ((session[:1], "user"), (session[1:], "user"), (session, "assistant"))
    )
    said = [opened[0], *(dice.choice(later) for _ in range(length - 1))]
    return [Exchange((Turn("user", text), Turn("assistant", dice.choice(replies)))) for text in said]


def _cut(turn: Turn, brief: bool) -> Turn:
    return Turn(turn.role, turn.text[:BRIEF]) if brief and turn.role == "assistant" else turn


if __name__ == "__main__":
    main()
