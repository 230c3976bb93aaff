"""A session that says nothing is told from one that says little."""

from __future__ import annotations

import pytest

from agent.adapters.redactor import SpanRedactor
from agent.domain.session import SessionKey
from agent.domain.transcript import Action, Transcript, Turn
from agent.stages.intake import take_in

NOTHING = "a greeting or one quick question"


def nothing(*turns: Turn) -> str:
    return take_in(Transcript.of(SessionKey("test", "talk"), turns), SpanRedactor()).nothing


def test_however_often_somebody_says_hi_it_is_a_greeting() -> None:
    turns = [Turn("user", "hi"), Turn("assistant", "Hello! How can I help you?")] * 13

    assert nothing(*turns) == NOTHING


def test_looking_around_makes_a_greeting_no_session() -> None:
    look = Turn("tool", "a.txt\nb.txt", action=Action("run", "ls -l", True))

    assert nothing(Turn("user", "Hello"), look, Turn("assistant", "Found 2 files.")) == NOTHING


@pytest.mark.parametrize(
    "did",
    [Action("write", "bell.py", True), Action("run", "make release", True), Action("run", "cd a && python x.py", None)],
)
def test_what_leaves_something_behind_is_kept_however_little_was_said(did: Action) -> None:
    assert nothing(Turn("user", "go"), Turn("tool", "", action=did)) == ""


def test_three_short_turns_that_say_something_are_a_session() -> None:
    turns = []
    for text in ("why is the bell cracked?", "and the rope?", "what about the hammer"):
        turns += [Turn("user", text), Turn("assistant", "It is old.")]

    assert nothing(*turns) == ""


def test_words_of_any_script_count() -> None:
    assert nothing(Turn("user", "鐘は毎時間鳴りますが夜は鳴らさないでください" * 4), Turn("assistant", "はい")) == ""
