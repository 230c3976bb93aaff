"""What a tool implements to be measured. Any method may be left out: its metrics then say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

Kind = Literal["decision", "preference", "fact", "opinion", "commitment"]
Outcome = Literal["new", "duplicate", "update"]


class Said(TypedDict):
    """One turn. `name` is the speaker's, or the role again."""

    role: str
    content: str
    name: str


class System:
    """A tool under measurement. Derive from it and implement what the tool does."""

    def __init__(self, opts: dict[str, Any] | None = None) -> None:
        self.opts = opts or {}

    def warm(self, texts: Sequence[str]) -> None:
        """Texts that a metric is about to show, for whoever wants to embed them in one go."""

    def segment(self, utterances: Sequence[str]) -> list[int]:
        """One segment number per utterance, in order."""
        raise NotImplementedError

    def cluster(self, turns: Sequence[Said]) -> list[int]:
        """One subject number per turn; a subject may return."""
        raise NotImplementedError

    def extract(self, turns: Sequence[Said]) -> list[tuple[str, str, int]]:
        """Kind, statement and source turn of everything worth keeping, surest first."""
        raise NotImplementedError

    def decide(self, existing: Sequence[str], new: str) -> tuple[Outcome, int | None]:
        """What `new` does to what is stored, and to which of it."""
        raise NotImplementedError

    def summarise(self, turns: Sequence[Said], topic: str | None = None, words: int = 60) -> str:
        """About `words` words about the turns, or about `topic` in them."""
        raise NotImplementedError

    def title(self, turns: Sequence[Said]) -> str:
        """A short name."""
        raise NotImplementedError

    def redact(self, text: str) -> str:
        """The text without its secrets."""
        raise NotImplementedError

    def assign(self, summary: str, subjects: Sequence[str]) -> str:
        """One of `subjects`, or `other`."""
        raise NotImplementedError


def said(role: str, content: str, name: str | None = None) -> Said:
    return {"role": role, "content": content, "name": name or role}
