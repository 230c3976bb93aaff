"""The write-side benchmark: its definitions on cases worked out by hand, and its door for other tools."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.quality.tables import METRICS as SHOWN
from bench.quality.tables import table
from bench.writeside.metrics import METRICS, assign, decide
from bench.writeside.metrics.cluster import bcubed
from bench.writeside.metrics.segment import boundaries, pk_windowdiff
from bench.writeside.protocol import Outcome, System
from bench.writeside.sources import SOURCES, Data, sample
from bench.writeside.text import content, sentences, token_f1, token_recall


class Obedient(System):
    """Decides what it is told to."""

    def __init__(self, outcome: Outcome, at: int | None) -> None:
        super().__init__()
        self.answer = (outcome, at)

    def decide(self, existing: Sequence[str], new: str) -> tuple[Outcome, int | None]:
        return self.answer

    def assign(self, summary: str, subjects: Sequence[str]) -> str:
        return subjects[0]


def test_a_boundary_missed_by_one_costs_less_than_one_missed_altogether() -> None:
    true = [0] * 6 + [1] * 6
    near, none = [0] * 5 + [1] * 7, [0] * 12

    assert pk_windowdiff(true, true) == (0, 0)
    assert 0 < pk_windowdiff(true, near)[0] < pk_windowdiff(true, none)[0]
    assert boundaries(true).tolist() == [0] * 5 + [1] + [0] * 5


def test_windowdiff_counts_a_superfluous_boundary_that_pk_may_pass_over() -> None:
    pk, window = pk_windowdiff([0, 0, 0, 1, 1, 1], [0, 0, 1, 2, 2, 2])

    assert window > pk


def test_bcubed_is_one_for_the_same_groups_under_other_names() -> None:
    assert bcubed([0, 0, 1, 2], ["x", "x", "y", "z"]) == 1
    assert bcubed([0, 0, 1, 1], [0, 0, 0, 0]) == pytest.approx(2 / 3)


def test_content_words_are_stemmed_and_sentences_end_at_marks() -> None:
    assert content("The cats were sleeping on Ana's mats") == ("cat", "sleep", "ana", "mat")
    assert sentences("We met Dr. Lee. She said e.g. no!\n- a point") == [
        "We met Dr. Lee.",
        "She said e.g. no!",
        "a point",
    ]
    assert token_f1("red cats", "a red cat") == 1
    assert token_recall("red cat naps", "the cat") == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("outcome", "false_merge", "found"), [("new", 0.0, 0.0), ("duplicate", 1.0, 1.0), ("update", 0.5, 1.0)]
)
def test_an_update_loses_a_different_fact_but_not_a_changed_one(
    outcome: Outcome, false_merge: float, found: float
) -> None:
    kinds = {"same": "duplicate", "other": "different", "later": "changed"}
    rows = [{"a": "x", "b": "y", "is": kind} for kind in kinds]

    figures = decide._pairs(Obedient(outcome, 0), rows, lambda row: kinds[row["is"]], 0)  # type: ignore[arg-type]

    assert (figures["false_merge"], figures["dup_R"]) == (false_merge, found)


def test_touching_a_store_whose_target_is_gone_is_never_right() -> None:
    store = decide.Store(["old", "other"], 0, "new")

    figures = decide._stores(Obedient("update", 0), [store])

    assert (figures["right"], figures["silent_when_absent"], figures["balanced"]) == (1, 0, 0.5)


def test_a_tool_is_measured_on_the_rows_of_a_folder(tmp_path: Path) -> None:
    path = tmp_path / SOURCES["rooms"].files
    path.parent.mkdir()
    rows = [{"session_summary": "s", "rooms": ["a", "b"], "gold": {"closed_set_label": gold}} for gold in "ab"]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")

    assert assign.measure(Obedient("new", None), Data(tmp_path), 0)["rooms"]["accuracy"] == 0.5
    with pytest.raises(NotImplementedError):
        assign.measure(System(), Data(tmp_path), 0)


def test_every_system_sees_the_same_sample() -> None:
    assert sample(range(100), 5) == sample(range(100), 5)
    assert sample(range(3), 5) == [0, 1, 2]


def test_the_results_name_every_figure_in_which_closer_is_behind() -> None:
    ours, theirs = {"rooms": {"accuracy": 0.60}}, {"rooms": {"accuracy": 0.65}}

    lines = table("assign", {"theirs": theirs, "closer": ours})

    assert lines[4].startswith("| **closer** | 0.60 |")
    assert lines[-4] == "Behind: accuracy 0.60 for 0.70; accuracy 0.60 against 0.65 of theirs."
    assert "accuracy: not measured" in "\n".join(table("assign", {"closer": {}}))
    assert set(SHOWN) == set(METRICS)
    assert not any(math.isnan(column.goal) for _, columns in SHOWN.values() for column in columns)
