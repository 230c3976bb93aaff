"""What only sounds decided or left open."""

from __future__ import annotations

import pytest

from agent.stages.summarising.ruled_out import (
    leads_in,
    not_decided,
    not_open,
    puts_off,
    says_something,
    seeks,
    settled_part,
)


@pytest.mark.parametrize(
    "sentence",
    [
        "That sounds really interesting!",
        '"The Bell Ringers of Ghent" sounds really interesting!',
        "Yes, there is one, it hangs in the small tower.",
        "I'm torn between going with bronze and taking iron.",
        "I keep getting an error when the clock strikes.",
        "Let's address these two remarks of the sexton's:",
        "Let's look at the hammer first.",
        "On my last visit I only ended up ringing two of them.",
        "I'm trying to keep the tower light.",
        "A review comment: The function has several exits.",
        "Looking forward to our next rehearsal!",
        "Let's leave the carillon for next time.",
    ],
)
def test_praise_work_doubt_and_accounts_decide_nothing(sentence: str) -> None:
    assert not_decided(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Let's keep the old hammer.",
        "Let's NOT ring when only the flag changes.",
        "We go with bronze.",
        "I'm not sure about the rope, but I've decided on bronze.",
        "No bells before noon, never on Sundays.",
        "Update the date everywhere to 12 June.",
    ],
)
def test_a_choice_stays_one(sentence: str) -> None:
    assert not not_decided(sentence)


@pytest.mark.parametrize(
    ("answers", "reply", "settles"),
    [
        ("Would you like some tips on ringing?", "Yes, please.", False),
        ("Shall I go on?", "yes", False),
        ("I could hang the bells in the tower.", "ok, do that", True),
        ("Want me to delete the old bells?", "Delete them.", True),
    ],
)
def test_a_yes_to_more_words_settles_nothing(answers: str, reply: str, settles: bool) -> None:
    assert not_decided(reply, answers) is not settles


@pytest.mark.parametrize(
    "sentence",
    [
        "Always name the year when I ask about a bell.",
        "I think I'll try the smaller hammer.",
        "Maybe I can hang one outside.",
        "Let me know what you need, and I'll take care of it.",
        "I had to turn the choir down in April.",
        "can you check the rope too",
    ],
)
def test_orders_for_good_and_advice_taken_up_leave_nothing_to_do(sentence: str) -> None:
    assert not_open(sentence)


@pytest.mark.parametrize(
    "sentence", ["I'll ask Brecht about the key tomorrow.", "We still need a new rope.", "The flaky bell can wait."]
)
def test_a_promise_stays_open(sentence: str) -> None:
    assert not not_open(sentence)


@pytest.mark.parametrize(
    ("sentence", "waits"),
    [
        ("and don't hang the bell yet, Tomas still has to paint the beam", True),
        ("let's leave the carillon for another day", True),
        ("We don't have a carillon yet.", False),
        ("Leave the rope where it is.", False),
    ],
)
def test_what_waits_says_so(sentence: str, waits: bool) -> None:
    assert puts_off(sentence) is waits


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("The big chapel bell cracked last winter, can you tell me why", "The big chapel bell cracked last winter"),
        ("I'm stuck on the tuning, but I've decided to use the old fork", "I've decided to use the old fork"),
        ("Need to look at how the old bells did it, don't want other tones.",) * 2,
        ("The kettlebell weighs 16 kg, which is far too much.",) * 2,
    ],
)
def test_only_what_goes_on_to_ask_is_left_out(sentence: str, told: str) -> None:
    assert settled_part(sentence) == told


def test_the_ground_of_a_question_and_its_announcement_are_known() -> None:
    assert seeks("I want to make sure the rope holds.")
    assert leads_in("Back to the tower, one thing bugs me.")
    assert not seeks("I'll ask the sexton on Friday.")


@pytest.mark.parametrize(("sentence", "tells"), [("Ouch.", False), ("much better.", False), ("Twelve bells.", True)])
def test_an_exclamation_tells_nothing(sentence: str, tells: bool) -> None:
    assert says_something(sentence) is tells
