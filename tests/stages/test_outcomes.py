"""A sentence of the user's is quoted so that it can be understood later."""

from __future__ import annotations

import pytest

from agent.domain.session import SessionKey
from agent.domain.transcript import Transcript, Turn
from agent.stages.learned import learned
from agent.stages.summarising.outcomes import Said, quoted, sentences_of_the_user


def said(*turns: tuple[str, str]) -> list[Said]:
    talk = Transcript.of(SessionKey("test", "talk"), [Turn(r, t) for r, t in turns])  # type: ignore[arg-type]
    return sentences_of_the_user(talk.turns)


def test_a_short_answer_is_quoted_after_what_it_answers() -> None:
    [answer] = said(("assistant", "The shed is full. I could store the bells in the tower."), ("user", "do that"))
    line = quoted([answer])

    assert line.text == "I could store the bells in the tower — do that."
    assert line.turns == (0, 1)


def test_an_answer_to_a_question_is_quoted_after_it() -> None:
    [answer] = said(
        ("assistant", "Should the bell ring at noon or at one?"),
        ("user", "at noon, the school next door has lessons until then"),
    )

    assert quoted([answer]).text.startswith("Should the bell ring at noon or at one? — at noon, the school")


def test_a_sentence_that_says_enough_stands_alone() -> None:
    found = said(
        ("assistant", "The tower is free."), ("user", "The bells of the old chapel go to the museum in Bruges on loan.")
    )

    assert quoted(found).text == "The bells of the old chapel go to the museum in Bruges on loan."
    assert quoted(found).turns == (1,)


def test_what_was_pasted_is_not_said() -> None:
    assert said(("user", "```\nring = 2\n```")) == []


@pytest.mark.parametrize(
    ("told", "decides", "passes"),
    [
        ("Paper or plastic labels?", "Paper, always paper.", "What is the weather like?"),
        ("We could ring twice or once.", "Let's keep it at once, no more than that.", "Thanks, looks good."),
    ],
)
def test_a_decision_is_likelier_decided_than_small_talk(told: str, decides: str, passes: str) -> None:
    model = learned("decided")
    [one], [other] = said(("assistant", told), ("user", decides)), said(("assistant", told), ("user", passes))

    assert model.probability(one.features) > 2 * model.probability(other.features)


@pytest.mark.parametrize("later", ["I'll ask Brecht about it tomorrow.", "We need to look at that next week."])
def test_a_promise_is_likelier_open_than_a_decision(later: str) -> None:
    model = learned("open")
    talk = [
        ("user", "The bell rings once."),
        ("assistant", "It does."),
        ("user", "Good."),
        ("assistant", "And the hammer?"),
    ]
    promise = said(*talk, ("user", later))[-1]
    choice = said(*talk, ("user", "Let's take the wooden one."))[-1]

    assert model.probability(promise.features) > 2 * model.probability(choice.features)


@pytest.mark.parametrize("asked", ["Does the bell have a specialized ringer", "where is the key of the tower"])
def test_a_question_without_its_mark_is_one(asked: str) -> None:
    assert said(("user", asked))[0].asks


@pytest.mark.parametrize("told", ["Do not ring before noon.", "Where we ring, we ring twice."])
def test_an_order_or_a_statement_is_no_question(told: str) -> None:
    assert not said(("user", told))[0].asks
