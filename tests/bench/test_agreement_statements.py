"""Agreement on what is worth keeping: its figures on cases worked out by hand, and what the second labels keep to."""

from __future__ import annotations

from typing import Any

import pytest

from bench.quality.agreement_statements import (
    SECOND,
    Span,
    Tally,
    both,
    compare,
    differences,
    overlaps,
    quoted,
    read,
    sentences,
    table,
)
from bench.quality.statements import cases

KINDS = {"preference", "decision", "fact", "correction", "opinion", "commitment"}
TOLD = "I keep bees. The hives stand in Ede. Is that far? We sell no wax."


def label(quote: str, kind: str = "fact", turn: int = 0) -> dict[str, Any]:
    return {"turn": turn, "quote": quote, "kind": kind, "statement": quote}


def case(*keep: dict[str, Any], text: str = TOLD, register: str = "talk") -> dict[str, Any]:
    turns = [{"role": "user", "text": text}, {"role": "assistant", "text": "It is not far."}]
    return {"id": "bees", "register": register, "turns": turns, "keep": list(keep)}


def test_overlap_is_told_by_characters_of_the_same_turn() -> None:
    scores = overlaps([Span(0, 0, 10), Span(2, 0, 10)], [Span(0, 5, 11), Span(0, 10, 20)])

    assert scores.tolist() == [[pytest.approx(2 * 5 / 16), 0], [0, 0]]
    assert overlaps([], [Span(0, 0, 3)]).shape == (0, 1)


def test_a_quote_is_found_in_its_own_turn() -> None:
    turns = [{"role": "user", "text": "Ede it is"}, {"role": "user", "text": "so it is Ede"}]

    assert quoted(label("it is", turn=1), turns) == Span(1, 3, 8)
    with pytest.raises(ValueError, match="not found"):
        quoted(label("it was", turn=1), turns)


def test_only_the_users_own_prose_is_asked_about() -> None:
    turns = case(text="I keep bees.\n> They sting.\nWe sell no wax.")["turns"]

    assert [turns[span.turn]["text"][span.start : span.end] for span in sentences(turns)] == [
        "I keep bees.",
        "We sell no wax.",
    ]


def test_a_sentence_is_kept_if_any_part_of_it_is() -> None:
    tally = Tally()
    tally.add(case(label("bees"), label("The hives stand in Ede.")), [label("I keep bees."), label("no wax")])

    assert tally.sentences == {(True, True): 1, (True, False): 1, (False, True): 1, (False, False): 1}
    assert tally.row()[:7] == ["1", "4", "2", "2", "2", "2", "0.00"]


def test_one_quote_over_two_is_right_once_and_finds_both_but_gives_one_kind() -> None:
    tally = Tally()
    first = case(label("I keep bees.", "preference"), label("The hives stand in Ede."))
    tally.add(first, [label("I keep bees. The hives stand in Ede."), label("We sell no wax.", "decision")])

    assert (tally.first, tally.again, tally.second, tally.right) == (2, 2, 2, 1)
    assert tally.row()[7:10] == ["0.50", "1.00", "0.67"]
    assert tally.kinds == {("fact", "fact"): 1}


def test_conversations_count_under_their_register_and_under_all() -> None:
    first = case(label("I keep bees."), register="coding")
    tallies = compare([(first, first["keep"]), (case(), [])])

    assert {part: tally.conversations for part, tally in tallies.items()} == {"coding": 1, "other": 1, "all": 2}
    assert tallies["other"].first == 0
    assert [line.split(" | ")[0] for line in list(table(tallies))[2:]] == ["| coding", "| other", "| all"]


def test_conversations_labelled_once_are_left_out_and_missing_ones_told() -> None:
    assert list(both([case(), case() | {"id": "wasps"}], {"bees": []})) == [(case(), [])]
    with pytest.raises(ValueError, match="1 of"):
        list(both([case()], {"bees": [], "wasps": []}))


def test_differences_tell_who_keeps_what_alone_and_who_calls_it_what() -> None:
    first = case(label("bees"), label("The hives stand in Ede."))
    second = [label("I keep bees.", "preference"), label("We sell no wax.", "decision")]

    assert list(differences(first, second)) == [
        "< bees [0] fact: The hives stand in Ede.",
        "> bees [0] decision: We sell no wax.",
        "= bees [0] fact or preference: bees",
    ]


def test_the_second_labels_quote_the_user_and_use_the_known_kinds() -> None:
    for first, keep in both(cases(), read(SECOND)):
        for found in keep:
            span = quoted(found, first["turns"])
            assert first["turns"][span.turn]["role"] == "user"
            assert found["kind"] in KINDS
            assert found["statement"]
