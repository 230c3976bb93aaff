"""Updates in free words: the statement that is out of date is found among its neighbours, or nothing is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.domain.decision import Decision
from agent.domain.fragment import Fragment
from agent.domain.session import GLOBAL, SessionKey
from agent.stages.comparing.comparison import ranked
from agent.stages.comparing.notes import TWO_NOTES, noted
from agent.stages.dedup import Nominee, decide
from agent.stages.fragments import stated
from agent.stages.learned import learned

BEFORE, NOW = SessionKey("test", "before"), SessionKey("test", "now")

STORE = {
    "The relay listens on port 7100.": 0.1,
    "Releases are cut on Thursdays.": 0.12,
    "Mira owns the billing module.": 0.08,
    "We host previews on Netlify.": 0.1,
    "I have 12 apple trees in the orchard.": 0.02,
    "My piano lesson is on Tuesdays at five.": 0.1,
    "Invoices are numbered by year.": 0.06,
}
"""Stored statements, and how near each is to anything that doesn't speak of it."""


def fragment(text: str, day: int, session: SessionKey) -> Fragment:
    return stated(text, datetime(2026, 3, day, tzinfo=UTC), GLOBAL, session)


def decided(said: str, stored: Mapping[str, float | None], kind: str | None = None) -> Decision:
    new = fragment(said, 9, NOW)
    nominees = [Nominee(fragment(text, 1, BEFORE), cosine) for text, cosine in stored.items()]
    return decide(replace(new, kind=kind) if kind else new, nominees, ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "stale", "cosine"),
    [
        ("the relay doesn't listen on 7100 any more, it's on 7200", "The relay listens on port 7100.", 0.79),
        ("From now on releases are cut on Mondays.", "Releases are cut on Thursdays.", 0.77),
        ("The billing module belongs to Joan, Mira left.", "Mira owns the billing module.", 0.75),
        ("we moved the previews off Netlify, Render hosts them now", "We host previews on Netlify.", 0.74),
        (
            "Planted two more, so there are 14 apple trees in my orchard now!",
            "I have 12 apple trees in the orchard.",
            0.8,
        ),
        ("my piano lesson got moved to Fridays at five", "My piano lesson is on Tuesdays at five.", 0.82),
    ],
)
def test_a_change_in_free_words_retires_what_it_changes(said: str, stale: str, cosine: float) -> None:
    decision = decided(said, STORE | {stale: cosine})

    assert (decision.kind, decision.other and decision.other.statement) == ("update", stale)


@pytest.mark.parametrize(
    "said",
    [
        "The archive listens on port 7300.",
        "Retrospectives are held on Mondays.",
        "Joan owns the search module.",
        "We host the docs on Render.",
        "I have 5 pear trees in the garden.",
        "My son's judo lesson is on Fridays at four.",
    ],
)
def test_a_neighbour_of_the_same_topic_stands_beside(said: str) -> None:
    nearest = max(STORE, key=lambda text: len(set(text.split()) & set(said.split())))

    decision = decided(said, STORE | {nearest: 0.6})

    assert (decision.kind, decision.other) == ("add", None)


def test_with_what_it_changes_not_stored_nothing_is_touched() -> None:
    others = {text: cosine for text, cosine in STORE.items() if "relay" not in text}

    assert decided("the relay moved, it's on port 7200 now", others).kind == "add"


def test_a_note_with_the_same_label_replaces_the_value_of_a_property() -> None:
    stored = {"Deploy target: Render": 0.75, "Staging host: kiwi": 0.4, "Queue: NATS": 0.2}

    decision = decided("Deploy target: Fly.io. Closer to the customers.", stored)

    assert decision.reason.startswith("Deploy target changed from Render to Fly.io:")


def test_a_note_under_a_label_of_many_adds_to_the_list() -> None:
    stored = {"Habit: cold showers in the morning.": 0.45, "Habit: a walk after lunch.": 0.5, "Shell: fish": 0.1}

    assert decided("Habit: reading on the balcony before bed.", stored).kind == "add"


TASTES = {
    "Jams I like to cook: Plum jam. It sets without any sugar.": 0.3,
    "Jams I like to cook: Wild cherry jam. The stones come out easily.": 0.3,
    "Jams I don't cook: Rhubarb jam. The threads get between my teeth.": 0.3,
    "Jams I don't cook: Kiwi jam. It turns grey.": 0.3,
    "Pans I like: A wide copper pan. It heats evenly.": 0.2,
}


@pytest.mark.parametrize(
    ("said", "stale"),
    [
        (
            "Jams I like to cook: Spiced plum jam. Cinnamon makes it better still.",
            "Jams I like to cook: Plum jam. It sets without any sugar.",
        ),
        (
            "Jams I like to cook: Strained rhubarb jam. Through a sieve the threads are gone.",
            "Jams I don't cook: Rhubarb jam. The threads get between my teeth.",
        ),
        (
            "Jams I don't cook: Plum jam. Nobody eats it any longer.",
            "Jams I like to cook: Plum jam. It sets without any sugar.",
        ),
    ],
)
def test_a_liking_refined_or_turned_into_its_opposite_gives_way(said: str, stale: str) -> None:
    decision = decided(said, TASTES | {stale: 0.7})

    assert (decision.kind, decision.other and decision.other.statement) == ("update", stale)


@pytest.mark.parametrize(
    ("said", "near"),
    [
        (
            "Jams I like to cook: Quince jam. It smells of October.",
            "Jams I like to cook: Plum jam. It sets without any",
        ),
        ("Jams I like to cook: Wild apple jam. It sets by itself.", "Jams I like to cook: Wild cherry jam."),
        ("Jams I don't cook: Carrot jam. It turns brown.", "Jams I don't cook: Kiwi jam. It turns grey."),
        ("Jams I don't cook: Melon jam. It is all water.", "Jams I like to cook: Plum jam."),
    ],
)
def test_another_thing_liked_or_disliked_stands_beside(said: str, near: str) -> None:
    nearest = next(text for text in TASTES if text.startswith(near))

    assert decided(said, TASTES | {nearest: 0.7}).kind == "add"


@pytest.mark.parametrize(
    ("statement", "topic", "taste", "head"),
    [
        ("Films they like to watch: Slow films about the sea. They calm.", {"film"}, 1, "slow"),
        ("Films I dislike: Loud space films showing wars.", {"film"}, -1, "spac"),
        ("Tea I drink: Smoked tea from a tin", {"tea"}, 0, "smok"),
        ("Reviews that don't work: wind-driven kites", {"review"}, -1, "kite"),
        ("Likes: long walks alone.", set(), 1, "alon"),
    ],
)
def test_a_note_turns_on_one_word(statement: str, topic: set[str], taste: int, head: str) -> None:
    note = noted(statement)

    assert note
    assert (note.topic, note.taste, note.head) == (topic, taste, head)


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("Nils reviews the migrations.", "Olga reviews the migrations."),
        ("The choir sang in Bremen.", "The choir sang in Kiel."),
        ("Beavers build dams from willow.", "Beavers build dams from birch."),
    ],
)
def test_other_people_and_other_events_are_no_update(said: str, stored: str) -> None:
    assert decided(said, {stored: 0.85, "Invoices are numbered by year.": 0.1}).kind == "add"


def test_a_name_for_another_name_is_left_to_a_person() -> None:
    decision = decided("Nils reviews the migrations now", {"Olga reviews the migrations.": 0.9, "We use tabs.": 0.1})

    assert (decision.kind, decision.doubtful) == ("add", True)
    assert "Olga reviews the migrations." in decision.reason


def test_a_wish_changes_nothing_yet() -> None:
    stored = {"We host previews on Netlify.": 0.8, "Invoices are numbered by year.": 0.1}

    assert decided("we moved the previews from Netlify to Render", stored).kind == "update"
    assert decided("I'd like to host the previews on Render instead of Netlify", stored).kind == "add"


def test_the_reason_shows_the_statement_and_the_value_that_went() -> None:
    said = "Planted two more, so there are 14 apple trees in my orchard now!"

    reason = decided(said, {"There were 12 apple trees in my orchard": 0.8, "Invoices are numbered by year.": 0}).reason

    assert "12" in reason
    assert "14" in reason


def test_without_vectors_the_words_alone_find_it() -> None:
    stored: dict[str, float | None] = dict.fromkeys(STORE)

    found = decided("From now on releases are cut on Mondays, not on Thursdays.", stored)
    beside = decided("The night train leaves on Mondays.", stored)

    assert (found.kind, found.other and found.other.statement) == ("update", "Releases are cut on Thursdays.")
    assert beside.kind == "add"


@pytest.mark.parametrize(("day", "kind"), [(1, "add"), (9, "update")])
def test_only_a_later_statement_replaces_another_without_saying_so(day: int, kind: str) -> None:
    said = replace(fragment("There are 14 apple trees in my orchard", day, NOW), cue=False)
    known = fragment("There are 12 apple trees in my orchard", 5, BEFORE)

    assert decide(said, [Nominee(known, 0.93)], ()).kind == kind


@pytest.mark.parametrize(
    ("name", "stored", "cosines"),
    [
        ("update", "Ann likes 3 cats, no dogs, on Mondays.", [0.8]),
        ("update_note", "Deploy target: Render. We began there.", [0.8]),
        ("update_words", "Ann likes 3 cats, no dogs, on Mondays.", None),
        ("update_words", "Deploy target: Render. We began there.", None),
    ],
)
def test_the_model_weighs_every_feature_it_is_given(name: str, stored: str, cosines: list[float] | None) -> None:
    new = "Deploy target: Fly. Not Render." if ":" in stored else "Actually Tom also has two dogs now, from Friday on."

    [(_, given)] = ranked(new, [stored], cosines)

    assert (name == "update_note") == bool(given.get(TWO_NOTES))
    assert given.keys() - {TWO_NOTES} <= set(learned(name).named)


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("My cousin Vera lives in Turku.", "My cousin Vera has just got engaged."),
        ("My cousin Vera works at the library.", "My cousin Vera lives above the library now."),
        ("My boss Ravi is a vegetarian.", "My boss Ravi just moved to Leeds."),
        ("My brother Ole plays bridge on Mondays.", "My brother Ole works on Thursdays now."),
    ],
)
def test_two_matters_of_one_person_both_hold(stored: str, said: str) -> None:
    assert decided(said, {stored: 0.85}).kind == "add"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("My cousin Vera lives in Turku.", "My cousin Vera moved to Malmö."),
        ("My brother Ole plays bridge on Mondays.", "My brother Ole plays bridge on Wednesdays now."),
    ],
)
def test_one_matter_of_one_person_is_updated(stored: str, said: str) -> None:
    assert decided(said, {stored: 0.85}).kind == "update"
