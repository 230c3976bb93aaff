"""Slots: what a sentence of a known shape fixes, and no guess for any other."""

from __future__ import annotations

import pytest

from agent.stages.reading.slots import Slot, slot_of


@pytest.mark.parametrize(
    ("statement", "slot"),
    [
        ("The relay port is 7100", Slot("relay", "port", "7100")),
        ("We deploy on Fridays", Slot("deploy", "day", "Friday")),
        ("I live in Bonn", Slot("user", "home", "Bonn")),
        ("I love jazz", Slot("user", "taste for jazz", "likes")),
        ("I prefer tabs over spaces", Slot("user", "space or tab", "tab", former="space")),
    ],
)
def test_a_known_shape_says_whose_property_has_which_value(statement: str, slot: Slot) -> None:
    assert slot_of(statement) == slot


@pytest.mark.parametrize("statement", ["That was a long day", "It depends on the weather", "Jazz, mostly"])
def test_any_other_sentence_has_none(statement: str) -> None:
    assert slot_of(statement) is None


def test_a_denied_value_is_the_former_one() -> None:
    slot = slot_of("Actually the relay port is 7200, not 7100")

    assert slot is not None
    assert (slot.value, slot.former) == ("7200", "7100")
