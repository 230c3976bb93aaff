"""A sentence shortened says what it said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.stages.reading.shortening import clauses, opened, shortened, without_asides
from agent.stages.reading.words import tokens


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Okay, so um we take the the blue lamp, you know.", "We take the blue lamp."),
        ("Yeah {vocalsound} the L_C_D_ costs one Euro .", "The LCD costs one Euro."),
        ("I thought {disfmarker} I mean the t the tide turns at six .", "The tide turns at six."),
        ("It 's a long way , but we can walk .", "It's a long way, but we can walk."),
        ("**Use** the [old key](https://example.org/key) for now", "Use the old key for now"),
    ],
)
def test_what_says_nothing_goes(said: str, left: str) -> None:
    assert shortened(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "The number is twenty twenty five.",
        "It is very very quiet.",
        "No no, not that one.",
        "Right after lunch we leave.",
        "What kind of paper do we need?",
        "So that it fits, fold it twice.",
        "We don't know that that lamp works.",
        "You know what the museum wants.",
        "I didn't say so.",
        "Is it 5, 5 or 6?",
        "That was not so good though not bad.",
        "Only 'y', 'yes', 'n', 'no' or an empty line is taken.",
    ],
)
def test_what_means_something_stays(said: str) -> None:
    assert shortened(said) == said


KEPT = {"not", "no", "never", "don't", "nine", "two"}


@given(
    st.lists(
        st.sampled_from("um so the lamp not no never don't nine 12 two yeah you know, okay and it".split()), max_size=14
    )
)
def test_numbers_and_negations_survive(words: list[str]) -> None:
    said = " ".join(words)
    counted = {w for w in tokens(said) if w in KEPT or w.isdigit()}

    assert counted <= set(tokens(shortened(said)))


@given(st.lists(st.sampled_from("the lamp is blue , and but because which if we take it".split()), max_size=20))
def test_shortening_twice_changes_nothing_more(words: list[str]) -> None:
    once = shortened(" ".join(words))

    assert shortened(once) == once


def test_a_condition_stays_with_what_depends_on_it() -> None:
    assert clauses("If it rains on Sunday, we stay at home, and Jon brings the chess set") == [
        "If it rains on Sunday, we stay at home",
        "and Jon brings the chess set",
    ]


def test_a_clause_opens_as_a_sentence() -> None:
    assert opened("and then Jon brings the chess set") == "Jon brings the chess set"


def test_asides_in_brackets_go() -> None:
    assert without_asides("Two tents (the old ones) and one lamp(s).") == "Two tents and one lamp(s)."
