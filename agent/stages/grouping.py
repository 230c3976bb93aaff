"""Groups of exchanges from the evidence that two belong together. Knows numbers only; not what the evidence is.

Average-link groups are merged while the evidence is for it; then each exchange goes where it fits best. A group is
believed when its first exchange reads as if it began something; one that is small for its session, or begins with
something that goes on, needs less evidence to join another. So how many groups there are doesn't grow with the length,
up to LARGEST exchanges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

LONELY: Final = 3.0
"""What a group of one is short of, in log-odds; shared by its size."""
WHOLE: Final = 30
"""In a session of more exchanges than this, a group of the same share is as small as in one of so many."""
LARGEST: Final = 150
"""In a session of more than this, a group is believed as in one of so many: other subjects may well stand beside it."""
BEGINNING: Final = 1.4
"""How much it counts that a group's first exchange reads as if it began something."""
ROUNDS: Final = 4


def grouped(odds: Matrix, begins: NDArray[np.float32]) -> list[int]:
    """A group's name for each of n exchanges. `odds`: for each two, the log-odds that they belong together, n x n;
    `begins`: for each, the log-odds that it begins something."""
    if not len(odds):
        return []
    one = WHOLE / min(max(len(odds), WHOLE), LARGEST)
    labels = _merged(odds, BEGINNING * begins, one)
    for _ in range(ROUNDS):
        moved = _moved(odds, labels, -LONELY / one)
        if moved == labels:
            break
        labels = moved
    return labels


def _merged(odds: Matrix, begins: NDArray[np.float32], one: float) -> list[int]:
    """Each exchange's group, named by its first. `one`: the size of a single exchange.

    `best` and `partner` follow every change: looking through all pairs at each of n merges takes far longer.
    """
    n = len(odds)
    links: Matrix = odds.astype(np.float32, copy=True)
    sizes, labels = np.full(n, one, np.float32), np.arange(n)
    np.fill_diagonal(links, -np.inf)
    evidence = links + _allowance(begins, sizes, np.arange(n)[:, None], np.arange(n))
    partner = evidence.argmax(1)
    best = evidence[labels, partner]
    for _ in range(n - 1):
        top = int(best.argmax())
        if best[top] < 0:
            break
        a, b = sorted((top, int(partner[top])))
        joint = (sizes[a] * links[a] + sizes[b] * links[b]) / (sizes[a] + sizes[b])
        links[a, :] = links[:, a] = joint
        links[b, :] = links[:, b] = links[a, a] = -np.inf
        sizes[a] += sizes[b]
        labels[labels == b] = a
        joined = links[a] + _allowance(begins, sizes, a, np.arange(n))
        evidence[a, :] = evidence[:, a] = joined
        evidence[b, :] = evidence[:, b] = -np.inf
        better = (joined > best) | ((joined == best) & (a < partner))
        stale = np.flatnonzero((partner == a) | (partner == b))
        partner[better], best[better] = a, joined[better]
        stale = np.append(stale, (a, b))
        partner[stale] = evidence[stale].argmax(1)
        best[stale] = evidence[stale, partner[stale]]
    merged: list[int] = labels.tolist()
    return merged


def _allowance(begins: Matrix, sizes: Matrix, one: int | NDArray[np.int_], other: NDArray[np.int_]) -> Matrix:
    """What is added to the link of groups, known by their first exchanges: joined, the later first begins nothing."""
    later = begins[np.maximum(one, other)]
    shared = (LONELY + np.maximum(-later, 0)) / np.minimum(sizes[one], sizes[other])
    allowed: Matrix = (shared - np.maximum(later, 0)).astype(np.float32)
    return allowed


def _moved(odds: Matrix, labels: Sequence[int], alone: float) -> list[int]:
    names = sorted(set(labels))
    member = np.equal.outer(np.array(labels), np.array(names)).astype(np.float32)
    own = np.diag(odds)[:, None] * member
    peers = member.sum(0) - member
    fit = (odds @ member - own) / np.maximum(peers, 1)
    return [names[at] for at in np.where(peers > 0, fit, alone).argmax(1)]
