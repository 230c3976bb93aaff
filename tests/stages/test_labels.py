"""Notes of a label and a value."""

from __future__ import annotations

import pytest

from agent.stages.reading.labels import labelled


@pytest.mark.parametrize(
    ("note", "label", "value"),
    [
        ("Deploy target: Fly.io", "Deploy target", "Fly.io"),
        ("API base URL: https://api.example.org/v1", "API base URL", "https://api.example.org/v1"),
        ("Standup: 10:00 in the kitchen. The old room is gone.", "Standup", "10:00 in the kitchen"),
        ("Tea she buys: green (loose)", "Tea she buys", "green"),
    ],
)
def test_a_note_falls_into_its_label_and_value(note: str, label: str, value: str) -> None:
    found = labelled(note)

    assert found is not None
    assert (found.label, found.value) == (label, value)


@pytest.mark.parametrize(
    "sentence",
    [
        "I told her: never again",
        "Correction: the port is 7200",
        "https://example.org/a: the old page",
        "What I like is this: quiet",
        "The relay listens on port 7100",
    ],
)
def test_a_sentence_is_no_note(sentence: str) -> None:
    assert labelled(sentence) is None


@pytest.mark.parametrize(
    ("note", "many"),
    [
        ("Goal: ten pull-ups", True),
        ("Books on the shelf: atlases", True),
        ("Favourite snack: almonds", False),
        ("Deploy target: Fly.io", False),
        ("Address: 4 Mill Lane", False),
    ],
)
def test_a_label_names_a_property_or_a_list(note: str, many: bool) -> None:
    found = labelled(note)

    assert found is not None
    assert found.many is many
