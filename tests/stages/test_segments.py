"""Talk without roles is cut where it turns to something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.adapters.embedder import open_embedder
from agent.ports import Embedder
from agent.stages import segments
from tests.fakes.embedder import HashingEmbedder

DOGS = [
    "my dog is a two year old beagle",
    "beagles are so cute , my dog is a poodle",
    "poodles are smart dogs",
]
WORK = [
    "what do you do for work ?",
    "i am a nurse at the hospital",
    "that must be hard work , nurses are heroes",
]
FERRY = [
    "I'd like two tickets for the evening ferry.",
    "Are you taking a car on board?",
    "Yes, a small van.",
    "That makes ninety-four in all, boarding starts at six.",
    "Great, thank you!",
    "You're welcome. Have a good crossing.",
]
CAKE = [
    "How long does a carrot cake keep?",
    "Four days in the fridge, if the icing has cream cheese in it.",
    "And without the icing?",
    "A week in a tin, and longer in the freezer.",
]


@pytest.fixture(scope="module")
def embedder(models: Path) -> Embedder:
    return open_embedder("all-MiniLM-L6-v2", models)


def cut(embedder: Embedder, texts: list[str]) -> list[int]:
    return segments.segment(embedder.embed(texts), texts)


def test_open_talk_is_cut_where_somebody_asks_about_something_else(embedder: Embedder) -> None:
    assert cut(embedder, DOGS + WORK) == [0] * 3 + [1] * 3


def test_one_errand_after_another_is_two_segments(embedder: Embedder) -> None:
    assert cut(embedder, FERRY + CAKE) == [0] * 6 + [1] * 4


def test_an_errand_alone_is_one_segment(embedder: Embedder) -> None:
    assert set(cut(embedder, FERRY)) == {0}


def test_one_utterance_is_one_segment() -> None:
    assert segments.segment(np.ones((1, 4), np.float32) / 2, ["hello"]) == [0]


def test_neighbouring_cuts_need_to_be_surer_than_one_alone() -> None:
    assert segments.placed([-0.8, -0.7, -3.0]) == [0, 1, 0]
    assert segments.placed([3.0, 3.0, -3.0]) == [1, 1, 0]


@given(st.lists(st.text(max_size=40), min_size=1, max_size=12))
def test_segments_are_contiguous_and_counted_from_nought(texts: list[str]) -> None:
    found = segments.segment(HashingEmbedder().embed(texts), texts)

    assert len(found) == len(texts)
    assert found[0] == 0
    assert all(step in (0, 1) for step in np.diff(found))


def test_another_embedders_vectors_are_compared_but_not_read() -> None:
    texts = DOGS + WORK

    assert len(segments.segment(HashingEmbedder(dimension=64).embed(texts), texts)) == 6
