"""Which exchanges belong together. Knows vectors and words; not titles, files or stores.

Two exchanges are compared by how much nearer they are to each other than either is to the rest of its session: raw
similarity differs too much between sessions, and between a terse exchange and a long one, for one threshold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.domain.transcript import Exchange
from agent.ports import Vectors
from agent.stages.reading import words

Matrix = NDArray[np.float32]

USER_SHARE: Final = 0.6
REPLY_CHARACTERS: Final = 4000
"""A reply's first characters say what it is about; what follows is detail."""

# Log-odds that two exchanges share a subject, from `features`: fitted by bench/train/subject_pairs.py, PRIOR
# then raised by 0.3: a subject too few reads better than one too many.
WEIGHTS: Final = (20.9, 8.3, 2.7, -27.7, 45.8)
PRIOR: Final = -5.1
MOST: Final = 6.0
"""One pair may not outweigh the others, however sure it is."""
LONELY: Final = 2.0
"""A small group needs less evidence to join another; shared by its size."""

ASIDE_WORDS: Final = frozenset(
    words.stem(word)
    for word in """
    agree agreed ahead alright amazing awesome bye commit continue cool correct done exactly excellent fine good
    great hello hey hi lgtm nice nope perfect proceed push run sorry sounds stop test wait wonderful works yea
    """.split()
)
TERSE: Final = 6
"""An exchange whose user says fewer telling words than this leans on the one before."""
ROUNDS: Final = 4


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
    evidence = _evidence([exchanges[at] for at in anchors], vectors[anchors])
    groups = dict(zip(anchors, _grouped(evidence), strict=True))
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


def features(exchanges: Sequence[Exchange], vectors: Vectors) -> Matrix:
    """What each two exchanges have in common, one matrix for each of `WEIGHTS`: meaning, wording, nearness, how alike
    the two are to all others, and the session to itself."""
    n = len(vectors)
    leaned = _leaning(vectors, [_telling(exchange) for exchange in exchanges])
    wording = words.lexical_vectors([_stems(exchange) for exchange in exchanges])
    meaning = leaned @ leaned.T
    level = (meaning.sum(1) - meaning.diagonal()) / max(n - 1, 1)
    gap = np.abs(np.subtract.outer(np.arange(n, dtype=np.float32), np.arange(n, dtype=np.float32)))
    alike = np.full_like(meaning, level.mean()) if n else meaning
    own = np.add.outer(level, level)
    stacked: Matrix = np.stack([meaning, wording @ wording.T, 1 / np.maximum(gap, 1), own, alike])
    return stacked


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


def _evidence(exchanges: Sequence[Exchange], vectors: Vectors) -> Matrix:
    """For each two exchanges, the log-odds that they share a subject."""
    odds = np.tensordot(WEIGHTS, features(exchanges, vectors), 1) + PRIOR
    bounded: Matrix = np.clip(odds, -MOST, MOST).astype(np.float32)
    return bounded


def _grouped(odds: Matrix) -> list[int]:
    """Average-link groups, merged while the evidence is for it; then each exchange goes where it fits best."""
    labels = _merged(odds)
    for _ in range(ROUNDS):
        moved = _moved(odds, labels)
        if moved == labels:
            break
        labels = moved
    return labels


def _merged(odds: Matrix) -> list[int]:
    n = len(odds)
    links, sizes, labels = odds.copy(), np.ones(n, np.float32), np.arange(n)
    np.fill_diagonal(links, -np.inf)
    lonely = np.full((n, n), LONELY, np.float32)
    for _ in range(n - 1):
        best = links + lonely
        a, b = divmod(int(best.argmax()), n)
        if best[a, b] < 0:
            break
        joint = (sizes[a] * links[a] + sizes[b] * links[b]) / (sizes[a] + sizes[b])
        links[a, :] = links[:, a] = joint
        links[b, :] = links[:, b] = links[a, a] = -np.inf
        sizes[a] += sizes[b]
        lonely[a, :] = lonely[:, a] = LONELY / np.minimum(sizes, sizes[a])
        labels[labels == b] = a
    merged: list[int] = labels.tolist()
    return merged


def _moved(odds: Matrix, labels: Sequence[int]) -> list[int]:
    names = sorted(set(labels))
    member = np.equal.outer(np.array(labels), np.array(names)).astype(np.float32)
    own = np.diag(odds)[:, None] * member
    peers = member.sum(0) - member
    fit = (odds @ member - own) / np.maximum(peers, 1)
    return [names[at] for at in np.where(peers > 0, fit, -LONELY).argmax(1)]


def _unit(vectors: NDArray[np.float32]) -> Matrix:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Matrix = (vectors / np.maximum(norms, 1e-9)).astype(np.float32)
    return unit
