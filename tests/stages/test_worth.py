"""Worth and kinds: what small models make of what is seen of a sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pytest

from agent.domain.fragment import CLASSES
from agent.domain.session import GLOBAL, SessionKey
from agent.domain.transcript import Action, Turn
from agent.ports import Vectors
from agent.stages.extracting.kinds import kind_of
from agent.stages.extracting.telling import DOUBT, Told, heard, reread
from agent.stages.extracting.worth import weighed
from agent.stages.fragments import extract

WHEN = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)


def told(text: str, *, work: bool = False) -> list[Told]:
    [at] = heard([Turn("user", text, when=WHEN, index=0)], weighed, work=work)
    return at.items


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("I'm allergic to peanuts.", "I'm tired today."),
        ("My sister lives in Lyon.", "That sounds great."),
        ("We decided to use Postgres.", "I always thought Postgres was slow."),
        ("I prefer short answers.", "I prefer the second one."),
    ],
)
def test_what_lasts_is_worth_more_than_what_passes(better: str, worse: str) -> None:
    assert told(better)[0].worth > told(worse)[0].worth


def test_a_paragraph_in_which_nobody_speaks_is_worth_less_beside_another() -> None:
    order = "Always use plum tomatoes and never skip the sugar."

    [alone] = told(order)
    beside = told(f"{order}\n\nI need this for two kilos please.")[0]

    assert beside.worth < alone.worth


def test_an_order_for_one_task_is_worth_little_at_work_and_what_is_to_be_remembered_much() -> None:
    [once] = told("don't use an alias for the import", work=True)
    [asked] = told("Remember that the kettle is loud.")

    assert once.worth <= 0.1
    assert asked.worth >= 0.95


def test_each_class_is_a_share_of_one_and_announced_classes_stand_unless_overruled() -> None:
    [item] = told("We decided to drop MySQL and use Postgres for the queue.")

    kind, likely = kind_of(item.signs, announced=item.reading.kind)

    assert kind == "decision"
    assert 1 / len(CLASSES) < likely <= 1


def test_only_what_may_be_worth_keeping_is_embedded_and_each_wording_once() -> None:
    seen: list[str] = []

    def embed(texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return np.zeros((len(texts), 384), np.float32)

    turns = [Turn("user", "My sister lives in Lyon. That sounds great.", when=WHEN, index=i) for i in range(2)]
    at = reread(heard(turns, weighed), weighed, embed)

    assert seen == ["My sister lives in Lyon."]
    assert [item.vector is not None for item in at[0].items] == [item.worth >= DOUBT for item in at[0].items]


def test_scores_and_confidence_are_probabilities_and_confidence_is_the_lower() -> None:
    turns = [Turn("user", "We deploy on Fridays. I'm allergic to peanuts.", when=WHEN)]

    found = extract(turns, GLOBAL, SessionKey("test", "one"))

    assert len(found) == 2
    assert all(0 < f.confidence <= f.score < 1 for f in found)


def test_orders_in_a_coding_session_leave_nothing_behind() -> None:
    ran = Turn("tool", "ok", action=Action("run", "pytest"))
    orders = ["add a flag --dry-run to the exporter", "use the same helper in views.py", "also the import is unused"]

    assert extract([ran, *(Turn("user", text) for text in orders)], GLOBAL, SessionKey("test", "one")) == []


@pytest.mark.parametrize("name", ["worth", "worth_by_meaning", "kinds", "kinds_by_meaning"])
def test_weights_say_how_they_were_made(name: str) -> None:
    recipe = json.loads(files("agent.stages").joinpath("weights", f"{name}.json").read_text("utf-8"))["recipe"]

    assert recipe["script"].startswith("bench.train.")
    assert recipe["rows"] > 500
