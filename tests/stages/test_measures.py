"""What a statement measures is read with what it is measured of."""

from __future__ import annotations

import pytest

from agent.stages.reading.measures import measures


@pytest.mark.parametrize(
    ("statement", "what", "value"),
    [
        ("I aim for level 150 eventually.", "which level", "150"),
        ("I want to reach level 100 before the holidays.", "which level", "100"),
        ("I've read four books this month.", "how many book", "4"),
        ("I swim twice a week.", "how often", "2 per week"),
    ],
)
def test_a_number_is_taken_with_what_it_counts(statement: str, what: str, value: str) -> None:
    assert {name: found.value for name, found in measures(statement).items()} == {what: value}


@pytest.mark.parametrize("statement", ["I was 40 before that.", "We were 12 eventually."])
def test_what_follows_a_number_and_counts_nothing_is_no_measure(statement: str) -> None:
    assert measures(statement) == {}
