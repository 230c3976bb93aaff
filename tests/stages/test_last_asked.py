"""Where a session stopped: at what was asked for last."""

from __future__ import annotations

import pytest

from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.stages.summarising.last_asked import last_asked


def said(*texts: str) -> list[Turn]:
    return [Turn("user", text, index=at) for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "asked"),
    [
        (["Fix the footer on phones.", "great, thanks. that's it for today"], Line("Fix the footer on phones.", (0,))),
        (["Rename it.", "Nice. Can you run the tests too?"], Line("Can you run the tests too?", (1,))),
        (["I've moved to Ghent.", "We deploy on Tuesdays now."], None),
        (
            ["Fix the bell.", "let's NOT ring when only the flag changes."],
            Line("Let's NOT ring when only the flag changes.", (1,)),
        ),
        (
            ["Fix the bell.", "```\nTraceback (most recent call last):\nRingError: the rope is torn\n```"],
            Line("(pasted) RingError: the rope is torn", (1,)),
        ),
    ],
)
def test_thanks_and_news_are_no_request(texts: list[str], asked: Line | None) -> None:
    assert last_asked(said(*texts)) == asked
