"""What a turn hands over without a fence isn't the person's own, and what they say around it is."""

from __future__ import annotations

import pytest

from agent.stages.reading.sentences import split, typed


def own(text: str) -> list[str]:
    return [sentence.text for sentence in typed(text) if sentence.own]


@pytest.mark.parametrize(
    ("turn", "spoken"),
    [
        (
            "Review comments from Jonas, what do you make of them?\n\n"
            "I always put the guard first. We never return null here.\n\nThe method is too long, I prefer short ones.",
            ["Review comments from Jonas, what do you make of them?"],
        ),
        (
            "coderabbit flagged this\n\n⚠️ Potential issue: the lock is never released\nAlways use a context manager.",
            ["coderabbit flagged this"],
        ),
        (
            "The tenant upstairs complained:\nI work nights and I never sleep before noon. We want quiet until one.\n"
            "What are my duties?",
            ["The tenant upstairs complained:", "What are my duties?"],
        ),
        (
            "Dear members, the hall is closed in May. We no longer lend keys. I will be away.\n\nCan you shorten that?",
            ["Can you shorten that?"],
        ),
        ("Always rinse twice. Never use soap. That's from the label on the filter. Is it true?", ["Is it true?"]),
        (
            "Here is the spec, start with part one.\n\nThe service shall keep files for ten days. "
            "Users may not rename them.",
            ["Here is the spec, start with part one."],
        ),
        (
            "My build fails. Error: ENOENT: no such file or directory, open 'a.txt'. Always check the path.",
            ["My build fails."],
        ),
        (
            "Is this still right?\n\n## Releases\nTags are signed. Never skip the changelog.\n\nWe tag on Mondays now.",
            ["Is this still right?", "We tag on Mondays now."],
        ),
    ],
)
def test_words_of_others_are_told_from_what_is_said_around_them(turn: str, spoken: list[str]) -> None:
    assert [text for text in own(turn) if text in spoken] == spoken
    assert not [text for text in own(turn) if text not in spoken and not text.startswith("That's from")]


@pytest.mark.parametrize(
    "turn",
    [
        "I want to work like this from now on:\n\nYou plan first. You never touch migrations.",
        "We moved the database to pg2.\n\nIt's on port 6433, and Mira looks after it.",
        "Our rules, I wrote them: we squash every branch. We sign our tags.",
        "I read the review of the film.\nI didn't like it.",
        "Policy is: disable at once, delete after 90 days.",
        "My mother has a ring. That's from my grandmother.",
    ],
)
def test_what_a_person_says_of_their_own_stays_theirs(turn: str) -> None:
    assert own(turn) == [sentence.text for sentence in split(turn) if sentence.own]
