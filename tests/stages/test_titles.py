"""A subject's name is a phrase of the user's words, as a person would put it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.adapters.embedder import open_embedder
from agent.ports import Embedder, Vectors
from agent.stages import titles
from agent.stages.naming import doings, situations
from agent.stages.naming.wellformed import names_something
from agent.stages.reading import phrases
from agent.stages.titles import UNTITLED, names, title
from tests.fakes.embedder import HashingEmbedder


@pytest.fixture(scope="module")
def embedder(models: Path) -> Embedder:
    return open_embedder("all-MiniLM-L6-v2", models)


def doings_of(said: str) -> list[str]:
    return [name for clause in phrases.clauses(said) for name, _ in doings.doings(clause, {})]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Can you fix the retry logic in the uploader? It gives up after one failure.", "Retry logic in the uploader"),
        ("please implement rate limiting for the public API", "Rate limiting for the public API"),
        ("hi! I'm planning a birthday party for my niece", "Birthday party"),
        ("Hello, I need help with our Kubernetes ingress", "Kubernetes ingress"),
    ],
)
def test_the_name_is_what_the_user_talks_about(said: str, name: str) -> None:
    assert title([said], [1.0], {})[0] == name


def test_the_name_is_made_of_the_users_words_not_the_replies() -> None:
    name, _ = title(
        ["Why is the docker image so big?", "Multi-stage builds and alpine base layers shrink any docker image."],
        [3.0, 1.0],
        {},
    )

    assert name == "Docker image"


def test_code_and_paths_make_no_name() -> None:
    said = "Look at src/app/session_store.py please\n```python\nsecret_sauce = bake(cake)\n```\nThe session store leaks"

    name, keywords = title([said], [1.0], {})

    assert name == "Session store leaks"
    assert "cake" not in keywords


def test_words_of_every_subject_say_less_than_words_of_this_one() -> None:
    said = ["The project needs release notes", "The project release notes are long"]
    spread = {"project": 4}

    assert "project" not in title(said, [1.0, 1.0], spread)[0].lower()


def test_names_keep_their_capitals() -> None:
    assert title(["Move the orders to PostgreSQL. PostgreSQL is faster"], [1.0], {})[0] == "PostgreSQL"


def test_a_name_another_subject_has_is_not_given_again() -> None:
    said = ["The Kubernetes ingress drops long requests"]
    first, _ = title(said, [1.0], {})

    second, _ = title(said, [1.0], {}, None, {first})

    assert second != first


def test_nothing_said_is_untitled() -> None:
    assert title(["ok", "thanks"], [1.0, 1.0], {}) == (UNTITLED, ())


@given(st.lists(st.text(max_size=200), max_size=5))
def test_any_text_gets_a_short_name_on_one_line(said: list[str]) -> None:
    name, keywords = title(said, [1.0] * len(said), {})

    assert name
    assert "\n" not in name
    assert len(name.split()) <= 6
    assert len(keywords) <= 8


def test_talk_is_named_for_its_situation_though_nobody_says_it(embedder: Embedder) -> None:
    said = [
        "Take a seat. What did you do at your last company?",
        "I ran the stock of a bookshop for four years.",
        "Why should we take you and not one of the other applicants?",
        "I've done this work before, and I could begin in May.",
    ]

    assert title(said, [1.0] * len(said), {}, embedder.embed)[0] in {"Job interview", "Interview"}


def test_a_task_is_named_for_what_it_is_about(embedder: Embedder) -> None:
    said = [
        "can you migrate our invoices from MongoDB to Postgres?",
        "the invoices table needs an index on the due date",
        "now write the script that moves old invoices to Postgres in batches",
    ]

    name, _ = title(said, [3.0] * 3, {}, embedder.embed)

    assert "invoices" in name.lower() or "postgres" in name.lower()
    assert 2 <= len(name.split()) <= 6


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Could you book a table for six?", ["booking a table", "booking a table for six", "table booking"]),
        ("I'd like to open an account", ["opening an account"]),
        ("We're planning a trip to Norway", ["planning a trip", "planning a trip to Norway", "trip plan"]),
        ("please set up the linter", ["setting up the linter"]),
        ("don't remove the old flag", ["removing the old flag", "old flag removal"]),
        ("What is a monad?", []),
        ("I booked a table yesterday", []),
        ("Meanwhile the release notes for 2.4", []),
    ],
)
def test_what_somebody_wants_done_makes_a_name(said: str, names: list[str]) -> None:
    assert doings_of(said) == names


def test_a_command_is_no_part_of_a_name() -> None:
    assert title(["ignore vendored folders", "only ignore vendored folders"], [1.0] * 2, {})[0] == "Vendored folders"


def test_code_with_dots_makes_no_name() -> None:
    assert "Store.Session" not in title(["why does Store.Session leak the handle"], [1.0], {})[0]


def test_situations_are_short_and_told_once() -> None:
    lowered = [name.lower() for name in situations.NAMES]

    assert len(set(lowered)) == len(lowered)
    assert all(1 <= len(name.split()) <= 5 and name[0].isupper() for name in situations.NAMES)


@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_text_gets_a_short_name_with_an_embedder_too(said: list[str]) -> None:
    name, _ = title(said, [1.0] * len(said), {}, HashingEmbedder().embed)

    assert name
    assert "\n" not in name
    assert len(name.split()) <= 6


def test_another_embedder_names_subjects_too() -> None:
    said = ["Can you fix the retry logic in the uploader?"]

    assert title(said, [1.0], {}, HashingEmbedder(dimension=64).embed)[0]


def test_what_somebody_did_is_not_the_beginning_of_a_name() -> None:
    found = {phrase.text for phrase in phrases.phrases(["Tomas moved the staging database over night."], {})}

    assert "staging database" in found
    assert not any(text.startswith("moved") for text in found)


def test_names_come_best_first_and_each_once(embedder: Embedder) -> None:
    said = ["Can you fix the retry logic in the uploader?", "The uploader gives up after one failure."]
    found, _ = names(said, [1.0] * 2, {}, embedder.embed)

    assert found[0] == title(said, [1.0] * 2, {}, embedder.embed)[0]
    assert found[1] == title(said, [1.0] * 2, {}, embedder.embed, {found[0]})[0]
    assert len(set(found)) == len(found) > 2


def test_of_a_long_talk_only_a_part_is_embedded() -> None:
    made: list[str] = []
    model = HashingEmbedder()

    def embed(texts: Sequence[str]) -> Vectors:
        made.extend(texts)
        return model.embed(texts)

    said = [
        f"The uploader retries every failed chunk of photo set {n}, and the mobile carrier drops it." for n in range(90)
    ]
    names(said, [1.0] * 90, {}, embed)

    assert sum(len(text) for text in made if text not in situations.NAMES) < 3000


@pytest.mark.parametrize(
    ("phrase", "whole", "names"),
    [
        ("error and skip", True, False),
        ("tokens to add to autocomplete", True, False),
        ("AskUserQuestion tool in the Claude", False, False),
        ("ops moved the staging", True, False),
        ("rate limiting for the public API", True, True),
        ("essentials to pack", True, True),
        ("salt and pepper", True, True),
        ("staging database", False, True),
    ],
)
def test_a_piece_of_a_sentence_is_no_name(phrase: str, whole: bool, names: bool) -> None:
    assert names_something(phrase, whole) is names


def test_with_an_assistant_a_situation_nobody_spoke_of_weighs_less(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ["What should I cook for six people tonight? Lentil dal, maybe.", "A dal takes forty minutes."]
    places = []
    for unsaid in (0.0, titles.UNSAID, 9.0):
        monkeypatch.setattr(titles, "UNSAID", unsaid)
        places.append(names(said, [3.0, 1.0], {}, embedder.embed)[0].index("What to eat"))

    assert places == sorted(places)
    assert places[0] < places[-1]


def test_among_people_it_weighs_what_it_did(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ["Take a seat. What did you do at your last company?", "I ran the stock of a bookshop for four years."]
    before = names(said, [1.0, 1.0], {}, embedder.embed)[0]
    monkeypatch.setattr(titles, "UNSAID", 9.0)

    assert names(said, [1.0, 1.0], {}, embedder.embed)[0] == before
