"""Leaves out what a user sent again word for word, after a lost connection or a stopped answer: it was said once."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.transcript import Turn

_FEWEST_WORDS = 5
"""A shorter turn (`yes`, `go on`) means something new each time."""


def said_once(turns: Sequence[Turn]) -> list[Turn]:
    """The turns without a user's repetitions of an earlier one; the first of each stays, in order."""
    seen: set[str] = set()
    kept = []
    for turn in turns:
        text = turn.text.strip()
        if turn.role == "user" and len(text.split()) >= _FEWEST_WORDS:
            if text in seen:
                continue
            seen.add(text)
        kept.append(turn)
    return kept
