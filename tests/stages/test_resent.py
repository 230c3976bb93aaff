"""A message that was sent again is one message."""

from __future__ import annotations

from agent.adapters.redactor import SpanRedactor
from agent.domain.session import Scope, SessionKey
from agent.domain.transcript import Transcript, Turn
from agent.stages.fragments import extract
from agent.stages.intake import take_in
from agent.stages.reading.resent import said_once
from agent.stages.summarising.candidates import candidates

KEY = SessionKey("test", "resent")
TOLD = Turn("user", "I prefer release notes in plain words, one line a change.", index=0)


def again(turn: Turn, index: int) -> Turn:
    return Turn(turn.role, turn.text, index=index)


def test_a_short_answer_counts_each_time() -> None:
    turns = [Turn("user", "yes, go on", index=at) for at in range(3)]

    assert said_once(turns) == turns


def test_the_repetition_leaves_no_new_statement() -> None:
    reply = Turn("assistant", "The connection was lost.", index=1)
    turns = [TOLD, reply, again(TOLD, 2)]

    assert [f.sources[0].turns for f in extract(turns, Scope("shop"), KEY)] == [(0,)]
    assert extract(turns, Scope("shop"), KEY, new_from=2) == []


def test_the_repetition_weighs_nothing_in_a_summary() -> None:
    assert candidates([TOLD, again(TOLD, 1), again(TOLD, 2)]) == candidates([TOLD])


def test_one_quick_question_asked_three_times_is_still_one() -> None:
    asked = Turn("user", "what's the time in Lima right now")
    turns = [asked, Turn("assistant", "An error occurred."), asked, Turn("assistant", "An error occurred."), asked]

    assert take_in(Transcript.of(KEY, turns), SpanRedactor()).nothing == "a greeting or one quick question"
