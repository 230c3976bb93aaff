"""What work on code settles for good is told from what is to be done to the file at hand."""

from __future__ import annotations

import pytest

from agent.domain.fragment import Fragment
from agent.domain.session import GLOBAL, SessionKey
from agent.domain.transcript import Action, Turn
from agent.stages.fragments import extract
from agent.stages.reading.settled import settles


def kept(said: str) -> list[Fragment]:
    """What is kept of an order given in the middle of work with tools."""
    turns = [
        Turn("user", "Have a look at the repository first."),
        Turn("tool", "ok", "Bash", action=Action("run", "ls", True)),
        Turn("assistant", "I looked at it."),
        Turn("user", said),
    ]
    return extract([*turns, Turn("assistant", "Done.")], GLOBAL, SessionKey("test", "work"))


@pytest.mark.parametrize(
    "said",
    [
        "Let's switch the queue from Redis to Postgres.",
        "Use uv instead of pip.",
        "please use tabs, not spaces",
        "Let's store uploads in S3 rather than on disk.",
        "Let's bump Python to 3.12 everywhere.",
        "let's set the retry limit to 5",
        "Let's limit uploads to 20 MB.",
        "We want to use the repository pattern for all data access.",
        "I want all responses encoded as UTF-8.",
        "All new modules should have type hints.",
        "Let's deprecate the v1 API and drop it in 3.0.",
    ],
)
def test_what_holds_for_the_whole_project_is_kept_as_a_decision(said: str) -> None:
    assert [(f.kind, f.status) for f in kept(said)] == [("decision", "active")]


@pytest.mark.parametrize(
    "said",
    [
        "Let's fix the bug in the parser.",
        "Let's change this function to return a list.",
        "let's change the loop to a comprehension",
        "Let's update the schema to include the new column.",
        "use the Spinner instead of the inlined one",
        "use parse_rows() instead of read_rows()",
        "use git log instead of git show",
        "Let's set the timeout of this request to 5 s.",
        "let's remove all the print statements",
        "we need to bump the version to 0.3.2 for the release",
        "Let's move on to the next one.",
        "Maybe let's use Redis instead of Postgres.",
        "Can we use Redis instead of Postgres?",
    ],
)
def test_an_order_for_the_task_at_hand_is_not_kept(said: str) -> None:
    assert kept(said) == []


def test_a_question_whether_to_settle_something_settles_nothing() -> None:
    assert settles("Use uv instead of pip")
    assert kept("Should we use uv instead of pip?") == []
