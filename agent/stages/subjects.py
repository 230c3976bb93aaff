"""Which exchanges belong together. Knows vectors and words; not titles, files or stores.

Two exchanges are compared by how much nearer they are to each other than either is to the rest of its session: raw
similarity differs too much between sessions, and between a terse exchange and a long one, for one threshold. And a
subject begins with an exchange that reads like a beginning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.domain.transcript import Exchange
from agent.ports import Vectors
from agent.stages import beginnings
from agent.stages.grouping import grouped
from agent.stages.reading import words

Matrix = NDArray[np.float32]

USER_SHARE: Final = 0.6
REPLY_CHARACTERS: Final = 4000
"""A reply's first characters say what it is about; what follows is detail."""

# Log-odds that two exchanges share a subject, from `features`: fitted by bench/train/subject_pairs.py.
WEIGHTS: Final = (19.3, 9.2, 3.6, -24.4, 49.1, -0.44)
PRIOR: Final = -8.7
MOST: Final = 6.0
"""One pair may not outweigh the others, however sure it is."""

ASIDE_WORDS: Final = frozenset(
    words.stem(word)
    for word in """
    agree agreed ahead alright amazing awesome bye commit continue cool correct done exactly excellent fine good
    great hello hey hi lgtm nice nope perfect proceed push run sorry sounds stop test wait wonderful works yea
    """.split()
)
TERSE: Final = 6
"""An exchange whose user says fewer telling words than this leans on the one before."""


def exchange_vector(user: Vectors, assistant: Vectors) -> Matrix:
    """One vector for an exchange, from those of its passages: the user's words weigh more than a long reply."""
    shares = ((user, USER_SHARE), (assistant, 1 - USER_SHARE))
    return _unit(np.sum([share * _unit(part.mean(0)) for part, share in shares if len(part)], axis=0))


def cluster(exchanges: Sequence[Exchange], vectors: Vectors) -> list[int]:
    """A subject's number for each exchange, counted by first appearance. Subjects may return later.

    Asides (`ok`, `yes, do it`) never make a subject: they belong to what they follow.
    """
    if len(exchanges) < 2:
        return [0] * len(exchanges)
    anchors = [at for at, exchange in enumerate(exchanges) if _telling(exchange)] or list(range(len(exchanges)))
    told = [exchanges[at] for at in anchors]
    begins = beginnings.begins([said(exchange) for exchange in told])
    odds = pair_odds(features(told, vectors[anchors], begins))
    groups = dict(zip(anchors, grouped(odds, begins), strict=True))
    labels = [groups[anchors[0]]]
    for at in range(len(exchanges)):
        labels.append(groups.get(at, labels[-1]))
    return numbered(labels[1:])


def settle(labels: Sequence[int], previous: Mapping[int, str]) -> tuple[list[int], dict[int, str]]:
    """Labels that keep what an earlier close filed, and the slug of each label that has one.

    `previous` gives the slug of exchanges already filed: these never move. New exchanges join the slug most of
    their cluster had, or form a new subject where nobody in the cluster had one.
    """
    claims: dict[int, Counter[str]] = {}
    for at, slug in sorted(previous.items()):
        claims.setdefault(labels[at], Counter())[slug] += 1
    heirs = {label: claim.most_common(1)[0][0] for label, claim in claims.items()}
    names = [previous.get(at) or heirs.get(label) for at, label in enumerate(labels)]
    settled = numbered([name or label for name, label in zip(names, labels, strict=True)])
    return settled, {label: name for label, name in zip(settled, names, strict=True) if name}


def numbered(names: Sequence[object]) -> list[int]:
    """The same grouping, as numbers counted by first appearance."""
    seen: dict[object, int] = {}
    return [seen.setdefault(name, len(seen)) for name in names]


def features(exchanges: Sequence[Exchange], vectors: Vectors, begins: NDArray[np.float32]) -> Matrix:
    """What each two exchanges have in common, one matrix for each of `WEIGHTS`: meaning, wording, nearness, how alike
    the two are to all others, and the session to itself; and whether the later one reads as if it began a subject."""
    n = len(vectors)
    leaned = _leaning(vectors, [_telling(exchange) for exchange in exchanges])
    wording = words.lexical_vectors([_stems(exchange) for exchange in exchanges])
    meaning = leaned @ leaned.T
    level = (meaning.sum(1) - meaning.diagonal()) / max(n - 1, 1)
    gap = np.abs(np.subtract.outer(np.arange(n, dtype=np.float32), np.arange(n, dtype=np.float32)))
    alike = np.full_like(meaning, level.mean()) if n else meaning
    own = np.add.outer(level, level)
    later = begins[np.maximum.outer(np.arange(n), np.arange(n))]
    stacked: Matrix = np.stack([meaning, wording @ wording.T, 1 / np.maximum(gap, 1), own, alike, later])
    return stacked


def said(exchange: Exchange) -> str:
    """What the user says in it."""
    return " ".join(turn.text for turn in exchange.said_by("user"))


def pair_odds(found: Matrix, weights: Sequence[float] = WEIGHTS, prior: float = PRIOR) -> Matrix:
    """For each two exchanges, the log-odds that they share a subject, from their `features`."""
    odds = np.tensordot(weights, found, 1) + prior
    bounded: Matrix = np.clip(odds, -MOST, MOST).astype(np.float32)
    return bounded


def _telling(exchange: Exchange) -> int:
    """How many words of the user's say what the exchange is about."""
    return sum(stem not in ASIDE_WORDS for turn in exchange.said_by("user") for stem in words.content(turn.text))


def _stems(exchange: Exchange) -> list[str]:
    """The words an exchange is compared by; the user's count twice, and files worked on count by name."""
    user = [stem for turn in exchange.said_by("user") for stem in words.content(turn.text)]
    reply = " ".join(turn.text for turn in exchange.said_by("assistant"))[:REPLY_CHARACTERS]
    files = [t.action.target for t in exchange.turns if t.action and t.action.verb in ("write", "read")]
    return [*user, *user, *words.content(reply), *words.content(" ".join(files))]


def _leaning(vectors: Vectors, told: Sequence[int]) -> Matrix:
    """Terse exchanges take some of their meaning from the one before."""
    leaned = vectors.astype(np.float32, copy=True)
    for at in range(1, len(leaned)):
        leaned[at] += max(0.0, 1 - told[at] / TERSE) * leaned[at - 1]
    return _unit(leaned)


def _unit(vectors: NDArray[np.float32]) -> Matrix:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Matrix = (vectors / np.maximum(norms, 1e-9)).astype(np.float32)
    return unit
