"""A subject is filed under the one it was before, or under none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.adapters.embedder import open_embedder
from agent.ports import Embedder
from agent.stages.filing import Known, file, readings


def towards(*parts: float) -> NDArray[np.float32]:
    vector = np.array(parts, np.float32)
    return vector / np.linalg.norm(vector)


UPLOADS = Known("upload-retries", "Upload retries", ("retry", "uploader", "backoff"), towards(1, 0, 0))
PARTY = Known("birthday-party", "Birthday party", ("cake", "guests"), towards(0, 1, 0))


def test_the_same_meaning_and_words_are_the_same_subject() -> None:
    assert file("Retry limit", ("retry", "uploader"), towards(1, 0.2, 0), [PARTY, UPLOADS]) == UPLOADS


def test_another_meaning_is_a_new_subject() -> None:
    assert file("Tax return", ("income", "deduction"), towards(0.3, 0.3, 1), [PARTY, UPLOADS]) is None


def test_shared_words_alone_are_not_enough() -> None:
    assert file("Retry the cake recipe", ("retry", "cake"), towards(0, 0.2, 1), [PARTY, UPLOADS]) is None


def test_nearness_without_shared_words_needs_to_be_close() -> None:
    assert file("Network timeouts", ("socket",), towards(1, 0, 1.2), [UPLOADS]) is None
    assert file("Network timeouts", ("socket",), towards(1, 0, 0.5), [UPLOADS]) == UPLOADS


def test_a_bare_name_made_by_a_person_is_met_more_easily() -> None:
    room = Known("soil-microbes", "soil microbes", (), towards(0.4, 0.9, 0))

    assert file("Soil life after synthetic fertiliser", (), towards(1, 0.1, 0), [room]) == room


def test_nothing_known_means_a_new_subject() -> None:
    assert file("Upload retries", (), towards(1, 0, 0), []) is None


@pytest.fixture(scope="module")
def embedder(models: Path) -> Embedder:
    return open_embedder("all-MiniLM-L6-v2", models)


def mean(embedder: Embedder, texts: list[str]) -> NDArray[np.float32]:
    return towards(*embedder.embed(texts).mean(0))


ORCHARD = (
    "Apple trees",
    ("apple", "pruning", "orchard", "scab"),
    ["Apple trees. apple, pruning, orchard, scab", "Prune the old apple trees in February; scab is worst on the Cox."],
)
PAYROLL = (
    "Payroll export",
    ("payroll", "export", "csv", "overtime"),
    ["Payroll export. payroll, export, csv, overtime", "The payroll export writes overtime in a column of its own."],
)


def met(embedder: Embedder, title: str, keywords: tuple[str, ...], said: str) -> str | None:
    known = [Known(title, title, words, mean(embedder, texts)) for title, words, texts in (ORCHARD, PAYROLL)]
    found = file(title, keywords, mean(embedder, [said]), known)
    return found.slug if found else None


def test_a_subject_met_again_is_filed_where_it_was(embedder: Embedder) -> None:
    said = "The payroll export loses the overtime column when the CSV has no header."

    assert met(embedder, "Overtime in the payroll export", ("payroll", "overtime", "csv"), said) == "Payroll export"


@pytest.mark.parametrize(
    ("title", "keywords", "said"),
    [
        (
            "Pear compote",
            ("pear", "sugar", "jars"),
            "How much sugar for four kilos of pears, and how long in the jars?",
        ),
        (
            "Invoice export",
            ("invoice", "pdf"),
            "Customers want their invoices as PDF by mail on the first of the month.",
        ),
        ("Apple laptop", ("laptop", "battery"), "My Apple laptop turns itself off at forty percent battery."),
    ],
)
def test_a_new_subject_beside_a_known_one_is_not_forced_into_it(
    embedder: Embedder, title: str, keywords: tuple[str, ...], said: str
) -> None:
    assert met(embedder, title, keywords, said) is None


def test_a_room_for_a_kind_of_session_is_read_as_what_people_keep_there(embedder: Embedder) -> None:
    rooms = [Known(n, n, (), mean(embedder, readings(n))) for n in ("daily logs", "beekeeping", "tax return")]
    said = "My day: mail in the morning, receipts in the afternoon, some reading in the evening. Tomorrow the rest."

    found = file(said, (), mean(embedder, [said]), rooms)

    assert found is not None
    assert found.slug == "daily logs"


def test_a_name_that_says_more_is_read_as_itself() -> None:
    assert readings("log rotation on staging") == ["log rotation on staging"]
    assert len(readings("daily logs")) == 2
