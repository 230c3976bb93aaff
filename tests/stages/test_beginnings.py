"""Whether a message reads as if it began a subject."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.stages.beginnings import MOST, USUAL, begins, bounded, wording

GOING_ON = [
    "That's helpful, thanks. I'll try the second one, I think.",
    "Do you have any other ideas for these?",
    "I'm also wondering whether they would like that.",
]


@pytest.mark.parametrize(
    "message",
    [
        "I'm planning a trip to Norway in May. Can you suggest some routes for a week?",
        "I'm looking for some advice on a new bicycle for my daughter.",
        "I need help with a letter to my landlord.",
    ],
)
def test_what_says_what_it_is_about_begins_rather_than_what_leans_on_something_said(message: str) -> None:
    first, *rest = begins([message, *GOING_ON])

    assert first > 0 > max(rest)


def test_a_session_in_which_everything_sounds_like_beginning_begins_no_more_often() -> None:
    assert np.median(bounded([2.0, 1.5, 2.5, 1.8, 2.1])) == USUAL
    assert bounded([2.0, -2.5, -2.2, -2.1]).tolist() == pytest.approx([2.0, -2.5, -2.2, -2.1])


def test_half_a_session_may_begin_something() -> None:
    assert bounded([2.0, 2.0]).tolist() == [USUAL, USUAL]
    assert bounded([2.0, -2.0, 2.0, -2.0]).tolist() == [2.0, -2.0, 2.0, -2.0]


def test_only_the_start_of_a_message_is_read() -> None:
    assert wording("so " * 200 + "therefore") == {"so": 1.0, "so so": 1.0}


@given(st.lists(st.text(max_size=400), max_size=8))
def test_every_message_has_bounded_odds(messages: list[str]) -> None:
    found = begins(messages)

    assert found.shape == (len(messages),)
    assert (np.abs(found) <= MOST).all()
