"""Compound statements: parted where plain, left whole otherwise."""

from __future__ import annotations

import pytest

from agent.stages.reading.compounds import parted


def test_several_properties_become_one_statement_each_of_what_was_changed() -> None:
    said = "new host is pg2.example.org, port 6432, and there's a pooler in front of it now."

    assert parted(said, "Ops moved the staging database over night.") == [
        "The staging database host is pg2.example.org",
        "The staging database port is 6432",
        "there's a pooler in front of it now",
    ]


def test_a_named_thing_keeps_its_properties() -> None:
    assert parted("The staging host is pg2, port 6432", "Ops moved the mail server.") == [
        "The staging host is pg2",
        "The staging port is 6432",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "The port is 6432.",
        "The staging host is pg2, which is slow on Mondays.",
        "We moved the host, the port and the name.",
        "My name is Ann, and I like tea.",
    ],
)
def test_what_is_not_plain_stays_whole(said: str) -> None:
    assert parted(said, "") == [said]
