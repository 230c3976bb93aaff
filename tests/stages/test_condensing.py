"""A conversation condensed to a budget: what was said, shorter, nothing made up."""

from __future__ import annotations

import pytest

from agent.domain.session import SessionKey
from agent.domain.transcript import Transcript, Turn
from agent.stages.summarising.condensing import condense


def talk(*said: tuple[str, str]) -> tuple[Turn, ...]:
    turns = [Turn("user", text, name) for name, text in said]
    return Transcript.of(SessionKey("test", "talk"), turns).turns


MEETING = talk(
    ("Ines", "Um so the brochure should be printed on recycled paper, I think."),
    ("Jon", "Yeah."),
    ("Ines", "Recycled paper costs twelve cents more per brochure, but the museum asked for it."),
    ("Jon", "Okay. Then we print four thousand brochures on recycled paper and not five thousand."),
    ("Ines", "My bus was late again this morning."),
)


def test_lines_come_in_order_within_the_budget_and_cite_their_turns() -> None:
    lines = condense(MEETING, 30)

    assert sum(len(line.text.split()) for line in lines) <= 30
    assert [line.turns for line in lines] == sorted(line.turns for line in lines)
    assert all(turn < len(MEETING) for line in lines for turn in line.turns)


def test_what_most_of_the_talk_is_about_comes_before_an_aside() -> None:
    said = " ".join(line.text for line in condense(MEETING, 20))

    assert "brochure" in said
    assert "bus" not in said


def test_a_focus_brings_forward_what_it_asks_for() -> None:
    said = " ".join(line.text for line in condense(MEETING, 18, focus="Why was the bus late this morning?"))

    assert "bus was late" in said


def test_one_speaker_needs_no_name() -> None:
    turns = Transcript.of(
        SessionKey("test", "chat"),
        [Turn("user", "I keep bees on the roof of the library in Turku."), Turn("assistant", "Bees like lime trees.")],
    ).turns

    assert [line.text for line in condense(turns, 15)] == [
        "I keep bees on the roof of the library in Turku.",
        "Bees like lime trees.",
    ]


@pytest.mark.parametrize("said", ["", "Okay.", "```\nx = 1\n```"])
def test_nothing_said_gives_nothing(said: str) -> None:
    assert condense(talk(("Ines", said)), 50) == []


def test_a_line_longer_than_the_budget_is_left_to_a_shorter_one() -> None:
    turns = talk(
        ("Ines", "The ferry to Korpo leaves at nine and takes cars, trucks, bicycles, tents, dogs and two caravans."),
        ("Jon", "The ferry leaves at nine."),
    )

    assert [line.text for line in condense(turns, 6)] == ["Jon: The ferry leaves at nine."]
