"""Groups are merged while the evidence is for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.stages import grouping
from agent.stages.grouping import BEGINNING, LONELY, WHOLE, grouped

Matrix = NDArray[np.float32]


def odds(n: int, seed: int, *, centre: float = 0.0, spread: float = 3.0) -> Matrix:
    half = np.triu(np.random.default_rng(seed).normal(centre, spread, (n, n)), 1)
    return (half + half.T).astype(np.float32)


def blocks(sizes: list[int], within: float, between: float) -> Matrix:
    """The odds of groups one after another, all pairs within one alike, and all across."""
    label = np.repeat(np.arange(len(sizes)), sizes)
    return np.where(np.equal.outer(label, label), within, between).astype(np.float32)


def going_on(n: int) -> Matrix:
    return np.full(n, -2.0, np.float32)


def looked_through(found: Matrix, begins: Matrix) -> list[int]:
    """The same merging by the definition: of all pairs of groups, the one with most evidence."""
    groups = [[at] for at in range(len(found))]

    def evidence(one: list[int], other: list[int]) -> float:
        size, later = min(len(one), len(other)), BEGINNING * float(begins[max(one[0], other[0])])
        link = float(found[np.ix_(one, other)].astype(np.float64).mean())
        return link + (LONELY + max(-later, 0)) / size - max(later, 0)

    while len(groups) > 1:
        pairs = [(a, b) for a in range(len(groups)) for b in range(a + 1, len(groups))]
        a, b = max(pairs, key=lambda pair: evidence(groups[pair[0]], groups[pair[1]]))
        if evidence(groups[a], groups[b]) < 0:
            break
        groups[a] = sorted(groups[a] + groups.pop(b))
    return [next(group[0] for group in groups if at in group) for at in range(len(found))]


@settings(max_examples=60)
@given(st.integers(2, 24), st.integers(0, 10_000), st.floats(-2, 2))
def test_merging_is_what_looking_through_all_pairs_finds(n: int, seed: int, centre: float) -> None:
    found = odds(n, seed, centre=centre)
    begins = np.random.default_rng(seed + 1).uniform(-3, 3, n).astype(np.float32)

    assert grouping._merged(found, BEGINNING * begins, 1.0) == looked_through(found, begins)


def test_what_begins_something_stays_apart_from_what_it_would_join_otherwise() -> None:
    found = blocks([5, 5], within=3.0, between=-0.4)
    begins = going_on(10)

    assert set(grouped(found, begins)) == {0}
    begins[5] = 3.0
    assert grouped(found, begins) == [0] * 5 + [5] * 5


def test_a_subject_that_returns_joins_what_it_left() -> None:
    label = np.array([0, 0, 0, 1, 1, 1, 0, 0])
    found = np.where(np.equal.outer(label, label), 2.0, -5.0).astype(np.float32)

    assert grouped(found, going_on(8)) == [0, 0, 0, 3, 3, 3, 0, 0]


@pytest.mark.parametrize("times", [1, 2, 5])
def test_how_many_groups_there_are_does_not_grow_with_the_length(times: int) -> None:
    drifting = blocks([WHOLE * times // 3] * 3, within=2.0, between=-0.4)
    apart = blocks([WHOLE * times // 3] * 3, within=2.0, between=-4.0)

    assert len(set(grouped(drifting, going_on(len(drifting))))) == 1
    assert len(set(grouped(apart, going_on(len(apart))))) == 3


def test_a_small_subject_of_a_very_long_session_is_one_still() -> None:
    found = blocks([1000, 12, 1000], within=3.0, between=-5.0)

    assert len(set(grouped(found, going_on(len(found))))) == 3


def test_nothing_has_no_groups() -> None:
    assert grouped(np.zeros((0, 0), np.float32), np.zeros(0, np.float32)) == []
    assert grouped(np.zeros((1, 1), np.float32), going_on(1)) == [0]
