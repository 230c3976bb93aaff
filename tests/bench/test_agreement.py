"""Agreement of two labellings: its figures on cases worked out by hand, and what both labellings have to keep to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from bench.quality.agreement import (
    LABELS,
    SLOTS,
    Tally,
    compare,
    differences,
    kappa,
    lengths,
    matched,
    nearness,
    read,
    similarity,
    table,
)


def item(text: str, *turns: int, **more: str) -> dict[str, Any]:
    return {"text": text, "turns": list(turns), **more}


def session(until: int | None = None, **slots: list[dict[str, Any]]) -> dict[str, Any]:
    labelled: dict[str, Any] = {slot: slots.get(slot, []) for slot in SLOTS}
    return labelled | {"until": until} if until else labelled


def test_a_turn_beside_a_cited_one_counts_half() -> None:
    assert nearness([3, 4], [4, 5]) == pytest.approx((0.5 + 1 + 1 + 0.5) / 4)
    assert nearness([3], [5]) == 0
    assert nearness([2, 7], [7, 2]) == 1


def test_labels_are_of_one_thing_only_if_both_turns_and_words_meet() -> None:
    boiler = item("No new gas boiler", 3, 4)

    assert similarity(boiler, item("New gas boiler ruled out", 4)) == pytest.approx(((0.5 + 1 + 1) / 3 + 6 / 7) / 2)
    assert similarity(boiler, item("The radiators stay", 4)) == 0
    assert similarity(boiler, item("No new gas boiler", 9)) == 0


def test_names_are_found_in_paths() -> None:
    assert similarity(item("store/writer.go", 5), item("writer.go", 5)) == pytest.approx((1 + 2 / 3) / 2)


def test_what_was_closed_is_told_by_its_words_whichever_turns_close_it() -> None:
    wiring = item("Ask for the wiring plan", 2, session="house-1")

    assert similarity(wiring, item("Ask for the wiring plan", 9, session="house-1")) == 0.5
    assert similarity(wiring, item("Ask for the wiring plan", 2, session="house-2")) == 0


def test_the_largest_sum_is_matched_not_the_best_pair_first() -> None:
    assert matched(np.array([[0.9, 0.8], [0.8, 0.0]])) == [(0, 1), (1, 0)]
    assert matched(np.zeros((2, 2))) == []
    assert matched(np.zeros((0, 3))) == []


def test_kappa_takes_off_what_chance_would_give() -> None:
    grants = {(True, True): 20, (True, False): 5, (False, True): 10, (False, False): 15}

    assert kappa(grants) == pytest.approx((0.7 - 0.5) / (1 - 0.5))
    assert kappa({(True, True): 3, (False, False): 5}) == 1
    assert math.isnan(kappa({(False, False): 5}))
    assert math.isnan(kappa({}))


def test_one_label_for_two_things_is_matched_once_but_covers_both() -> None:
    tally = Tally()
    tally.add(
        [item("Oak desk and oak shelf ordered", 2, 3)],
        [item("Oak desk ordered", 2), item("Oak shelf ordered", 3)],
        length=5,
    )

    assert (tally.first, tally.second, tally.pairs, tally.covered) == (1, 2, 1, 3)
    assert tally.row()[3:] == ["0.67", "1.00", "1.00", "1.00"]


def test_turns_are_counted_up_to_where_labelling_stopped() -> None:
    one = {"a": session(until=4, open=[item("Call the plumber", 1)])}
    other = {"a": session(until=4, open=[item("Call the plumber", 2)])}

    turns = compare(one, other, {"a": 90})["open", "written"].turns
    assert turns == {(True, False): 1, (False, True): 1, (False, False): 2}


def test_turns_of_a_part_are_not_counted_when_a_session_of_it_is_missing() -> None:
    labels = {name: session(open=[item("Call the plumber", 1)]) for name in ("a", "logs/b.jsonl#0")}
    tallies = compare(labels, labels, {"a": 3})

    assert tallies["open", "written"].turns.total() == 3
    assert not tallies["open", "real"].turns
    assert not tallies["open", "all"].turns
    assert tallies["open", "all"].pairs == 2


def test_labellings_of_different_stretches_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different"):
        compare({"a": session(until=10)}, {"a": session()}, {})


def test_differences_tell_who_has_an_item_alone_and_whether_as_part_of_another() -> None:
    one = {"a": session(decided=[item("Oak desk and oak shelf ordered", 2, 3), item("No walnut", 4)])}
    other = {"a": session(decided=[item("Oak desk ordered", 2), item("Oak shelf ordered", 3)])}

    assert list(differences(one, other, ("decided",))) == [
        "<  a decided [4]: No walnut",
        ">~ a decided [3]: Oak shelf ordered",
    ]


def test_slots_without_a_label_are_left_out_of_the_table() -> None:
    labels = {"a": session(produced=[item("Ordered the desk", 1, kind="other")])}
    lines = list(table(compare(labels, labels, {"a": 2})))

    assert [line.split(" | ")[0] for line in lines[2:-1]] == ["| produced", "| produced"]
    assert lines[-1].endswith("1 of 1 alike, kappa –.")


@pytest.mark.parametrize("which", ["first", "second"])
def test_a_labelling_keeps_to_the_guide(which: str) -> None:
    labels = read(LABELS / f"labels-{which}.jsonl")
    length = lengths(list(labels), LABELS, None)
    for name, row in labels.items():
        for label in (label for slot in SLOTS for label in row[slot]):
            assert 0 < len(label["text"].split()) <= 15, (name, label)
            assert label["turns"] == sorted(set(label["turns"])), (name, label)
            assert label["turns"][0] >= 0
            assert label["turns"][-1] < row.get("until", length.get(name, math.inf)), (name, label)
        assert {label["kind"] for label in row["produced"]} <= {"file", "command", "commit", "other"}
        for label in row["closes"]:
            assert label["session"] < name
            assert label["text"] in {open_["text"] for open_ in labels[label["session"]]["open"]}, (name, label)


def test_every_written_session_is_labelled() -> None:
    written = {path.stem for path in LABELS.glob("*.jsonl") if not path.stem.startswith("labels-")}

    assert written == {name for name in read(LABELS / "labels-second.jsonl") if "#" not in name}
