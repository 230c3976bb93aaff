"""Exchanges are grouped by what they are about."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.adapters.embedder import open_embedder
from agent.domain.session import SessionKey
from agent.domain.transcript import Exchange, Transcript, Turn, exchanges
from agent.ports import Embedder, Vectors
from agent.stages import subjects
from tests.fakes.embedder import HashingEmbedder

UPLOADER = [
    (
        "The uploader gives up when the server answers 503. Can you add a retry?",
        "I'll look at uploader.py and wrap the upload request in a retry with exponential backoff.",
    ),
    ("yes do it", "Done: the uploader retries a failed upload five times, waiting longer each time."),
    ("How long does the uploader wait between two retries?", "One second, then two, four, eight and sixteen."),
    ("Make the number of upload retries configurable", "The uploader now reads max_retries from its settings."),
]
PARTY = [
    (
        "Different thing: my daughter turns six in May and I want to plan her birthday party",
        "Lovely! How many guests come to the birthday party, and is there a theme she likes?",
    ),
    ("About ten children. She loves dinosaurs", "A dinosaur party then: a fossil dig, dinosaur masks and a cake."),
    ("ok great", "Shall I write the birthday invitations?"),
    ("Yes, write birthday party invitations with a dinosaur", "You are invited to a dinosaur birthday party!"),
]
RETURN = [
    ("Back to the uploader: write a test for the upload retry", "test_uploader.py now covers an upload that fails "
     "twice and then succeeds on the third retry."),
    ("continue", "The upload retry tests pass."),
]  # fmt: skip

WRITTEN = Path(__file__).parents[2] / "bench/data/sessions"
EVERYDAY = "brainstorm budget cooking event health hiring lesson newsletter support thesis trip".split()


def about(opening: str, goals: list[str], things: list[str]) -> list[tuple[str, str]]:
    """A long talk about one thing, from every side of it."""
    later = [
        (
            f"Now {goal} {thing}, and keep it as simple as that",
            f"I took care of it: {thing}. {goal.capitalize()}: done.",
        )
        for goal, thing in product(goals, things)
    ]
    return [(opening, "Gladly. Where shall we start?"), *later]


LONG_UPLOADER = about(
    "I'm working on the uploader of our photo app, which loses uploads. Can you help me with it?",
    ["add a test for", "simplify", "write the documentation of", "log", "make configurable", "speed up"],
    ["the upload retry", "the upload queue", "the chunked upload", "the upload timeout", "the upload progress bar",
     "the resumed upload", "the checksum of uploaded photos", "the upload of large photos", "the failed uploads"],
)  # fmt: skip
LONG_PARTY = about(
    "I'm planning my daughter's birthday party in May, with ten children and dinosaurs. Can you help me?",
    ["suggest something for", "make a shopping list for", "plan the time of", "find something cheaper for"],
    ["the dinosaur cake", "the party games", "the birthday invitations", "the decoration of the party room",
     "the children's party food", "the party bags", "the treasure hunt at the party"],
)  # fmt: skip


@pytest.fixture(scope="module")
def embedder(models: Path) -> Embedder:
    return open_embedder("all-MiniLM-L6-v2", models)


def talk(*parts: list[tuple[str, str]]) -> list[Exchange]:
    said = [Turn(role, text) for part in parts for pair in part for role, text in zip(ROLES, pair, strict=True)]
    return exchanges(Transcript.of(SessionKey("test", "1"), said).turns)


ROLES = ("user", "assistant")


def written(name: str) -> list[tuple[str, str]]:
    """What was said in a written session, by exchange."""
    said: list[dict[str, list[str]]] = []
    for row in map(json.loads, (WRITTEN / f"{name}.jsonl").read_text("utf-8").splitlines()):
        if row["role"] == "user":
            said.append({role: [] for role in ROLES})
        if row["role"] in ROLES and said:
            said[-1][row["role"]].append(row["text"])
    return [("\n".join(part["user"]), "\n".join(part["assistant"])) for part in said]


def vectors(embedder: Embedder, cut: list[Exchange]) -> Vectors:
    return np.stack(
        [subjects.exchange_vector(*(embedder.embed([t.text for t in e.said_by(role)]) for role in ROLES)) for e in cut]
    )


def labels(embedder: Embedder, *parts: list[tuple[str, str]]) -> list[int]:
    cut = talk(*parts)
    return subjects.cluster(cut, vectors(embedder, cut))


def test_a_subject_that_returns_later_is_the_same_subject(embedder: Embedder) -> None:
    assert labels(embedder, UPLOADER, PARTY, RETURN) == [0] * 4 + [1] * 4 + [0] * 2


def test_a_session_about_one_thing_is_one_subject(embedder: Embedder) -> None:
    assert set(labels(embedder, UPLOADER, RETURN)) == {0}


def test_a_long_talk_about_one_thing_is_one_subject(embedder: Embedder) -> None:
    assert set(labels(embedder, LONG_UPLOADER)) == {0}


def test_a_long_talk_about_two_things_is_two_subjects(embedder: Embedder) -> None:
    halves = (LONG_UPLOADER[:30], LONG_PARTY[:15], LONG_UPLOADER[30:], LONG_PARTY[15:])

    assert labels(embedder, *halves) == [at % 2 for at, part in enumerate(halves) for _ in part]


def test_written_sessions_which_no_weight_was_fitted_on_hardly_fall_apart(embedder: Embedder) -> None:
    counts = [len(set(labels(embedder, written(f"{name}-01")))) for name in EVERYDAY]

    assert max(counts) <= 3
    assert sum(counts) / len(counts) < 2


def test_asides_join_what_they_follow(embedder: Embedder) -> None:
    asides = [("ok", "Good."), ("thanks!", "You're welcome."), ("go ahead", "On it.")]

    found = labels(embedder, PARTY[:2], asides, UPLOADER)

    assert found[2:5] == [found[1]] * 3


def test_an_opening_greeting_joins_what_follows(embedder: Embedder) -> None:
    assert set(labels(embedder, [("hi", "Hello! How can I help?")], UPLOADER)) == {0}


def test_a_session_of_asides_only_is_one_subject(embedder: Embedder) -> None:
    assert labels(embedder, [("ok", "Good."), ("thanks", "You're welcome.")]) == [0, 0]


def test_no_exchanges_have_no_subjects() -> None:
    assert subjects.cluster([], np.zeros((0, 384), np.float32)) == []


@given(st.lists(st.text(max_size=80), max_size=12))
def test_labels_are_counted_by_first_appearance(said: list[str]) -> None:
    cut = talk([(text, text[::-1]) for text in said])

    found = subjects.cluster(cut, vectors(HashingEmbedder(), cut)) if cut else []

    assert len(found) == len(said)
    assert list(dict.fromkeys(found)) == list(range(len(set(found))))


def test_what_was_filed_keeps_its_subject_and_new_exchanges_join_it() -> None:
    settled, slugs = subjects.settle([0, 0, 1, 1, 0, 2], {0: "uploader", 1: "uploader", 2: "party"})

    assert [slugs.get(label) for label in settled] == ["uploader", "uploader", "party", "party", "uploader", None]


def test_an_exchange_filed_elsewhere_stays_there_when_the_clusters_changed() -> None:
    settled, slugs = subjects.settle([0, 0, 0, 0], {0: "uploader", 1: "uploader", 2: "party"})

    assert [slugs[label] for label in settled] == ["uploader", "uploader", "party", "uploader"]


@given(st.lists(st.integers(0, 5), max_size=20), st.dictionaries(st.integers(0, 19), st.sampled_from("abc")))
def test_settling_never_moves_what_was_filed(found: list[int], filed: dict[int, str]) -> None:
    previous = {at: slug for at, slug in filed.items() if at < len(found)}

    settled, slugs = subjects.settle(found, previous)

    assert all(slugs[settled[at]] == slug for at, slug in previous.items())
    assert len(set(slugs.values())) == len(slugs)


def test_settling_twice_changes_nothing() -> None:
    settled, slugs = subjects.settle([0, 1, 0, 2], {0: "uploader"})

    assert subjects.settle(settled, {at: slugs[x] for at, x in enumerate(settled) if x in slugs}) == (settled, slugs)
