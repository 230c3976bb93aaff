"""Sentences: their places, and what isn't the speaker's own prose."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.stages.reading.sentences import split


def own(text: str) -> list[str]:
    return [s.text for s in split(text) if s.own]


def test_prose_is_cut_at_full_stops_but_not_at_abbreviations() -> None:
    assert own("I met Dr. Smith today. She runs e.g. the lab! Fine?") == [
        "I met Dr. Smith today.",
        "She runs e.g. the lab!",
        "Fine?",
    ]


def test_numbers_of_points_do_not_end_a_sentence_and_a_no_does() -> None:
    assert own("We met no. 7 today. Oh no. We want this: 5. the border") == [
        "We met no. 7 today.",
        "Oh no.",
        "We want this: 5. the border",
    ]


def test_a_hard_wrapped_sentence_stays_whole() -> None:
    text = "We decided that every release of the billing service goes out on a\nTuesday morning."

    assert own(text) == [text]


def test_points_of_a_list_lose_their_marks_and_stay_the_speakers() -> None:
    assert own("Rules:\n- always use tabs\n2. never push to main") == [
        "Rules:",
        "always use tabs",
        "never push to main",
    ]


@pytest.mark.parametrize(
    "foreign",
    [
        "```\nI always use vim\n```",
        "> I prefer spaces",
        "2024-05-01 12:00:01 I am the server",
        "Traceback (most recent call last)",
        "Here is the email I got:\nI hate Mondays. Always call me Bob.",
        '"""\nI live in Paris.\n"""',
        "# I love headings",
        '"Your daily planning session was cut short because I always use vim."',
        "src/main.py:12:3: E501 line too long",
    ],
)
def test_what_was_pasted_or_quoted_is_not_own_prose(foreign: str) -> None:
    text = f"Please look.\n\n{foreign}"

    assert [s for s in own(text) if s not in ("Please look.", "Here is the email I got:")] == []


def test_talk_goes_on_after_a_pasted_block() -> None:
    assert own("This is the log:\n```\nboom\n```\nWe deploy on Fridays.") == [
        "This is the log:",
        "We deploy on Fridays.",
    ]


def test_a_long_paragraph_without_a_speaker_is_a_document() -> None:
    assert own("The committee met again and the motion was carried by the members present. " * 20) == []


@given(st.text(max_size=400))
def test_every_sentence_is_where_it_says(text: str) -> None:
    found = split(text)

    assert all(text[s.start : s.end] == s.text for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_what_stands_between_quotation_marks_is_somebody_elses() -> None:
    kinds = [s.kind for s in split('He wrote: "From now on we always meet at nine. I prefer tea." Is that fine?')]

    assert kinds == ["quote", "quote", "prose"]


def test_a_whole_turn_in_quotation_marks_is_the_speakers_own() -> None:
    assert [s.own for s in split('"I have a phobia of deep water and avoid diving."')] == [True]
