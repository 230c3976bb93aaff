"""A subject is filed under the one it was before, or under none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.stages.filing import Known, file


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
