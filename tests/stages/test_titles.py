"""A subject's name is a phrase of the user's words, as a person would put it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.stages.titles import UNTITLED, title


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


def test_nothing_said_is_untitled() -> None:
    assert title(["ok", "thanks"], [1.0, 1.0], {}) == (UNTITLED, ())


@given(st.lists(st.text(max_size=200), max_size=5))
def test_any_text_gets_a_short_name_on_one_line(said: list[str]) -> None:
    name, keywords = title(said, [1.0] * len(said), {})

    assert name
    assert "\n" not in name
    assert len(name.split()) <= 6
    assert len(keywords) <= 8
