"""What was said: turns in order, the actions tools took, and the exchanges they form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from agent.domain.session import SessionKey

Role = Literal["user", "assistant", "tool", "system"]
Verb = Literal["write", "run", "read", "other"]

ROLES: tuple[Role, ...] = ("user", "assistant", "tool", "system")


@dataclass(frozen=True, slots=True)
class Action:
    """What one tool call did, as far as its record tells."""

    verb: Verb
    target: str
    """The file written or read, or the command line run; empty when the record names neither."""
    ok: bool | None = None
    """Whether it succeeded; None when the record doesn't say."""


CLOSER = "closer"
"""The name under which closer itself adds a turn to a running transcript."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said by one party. A tool call and its result are one turn of role `tool`."""

    role: Role
    text: str
    name: str | None = None
    """The speaker's or the tool's name, where the format gives one."""
    when: datetime | None = None
    index: int = -1
    """Place in the transcript, counted from 0; -1 until a transcript takes the turn in."""
    action: Action | None = None

    @property
    def ours(self) -> bool:
        """Whether closer itself added it to a running transcript."""
        return self.role == "system" and self.name == CLOSER


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation, in order."""

    session: SessionKey
    turns: tuple[Turn, ...]
    source: str | None = None
    """Where it was read from: a path, or None for turns handed over in memory."""
    format: str = "turns"
    cwd: str | None = None
    title: str | None = None
    """The name the host gave the conversation, where it did."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Records passed over while reading, counted by their type."""
    shortened: int = 0
    """How many turns were longer than a reader keeps, and were cut with a mark saying so."""

    @classmethod
    def of(cls, session: SessionKey | str, turns: Sequence[Turn], **more: Any) -> Transcript:
        """A transcript whose turns are numbered from 0 in the order given. `session` may be text: `host:id`."""
        key = SessionKey.parse(session) if isinstance(session, str) else session
        numbered = tuple(replace(turn, index=i) for i, turn in enumerate(turns))
        return cls(key, numbered, **more)

    @property
    def started(self) -> datetime | None:
        return next((t.when for t in self.turns if t.when), None)

    @property
    def ended(self) -> datetime | None:
        return next((t.when for t in reversed(self.turns) if t.when), None)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A user turn and everything up to the next one: the smallest piece that is about something."""

    turns: tuple[Turn, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        return tuple(t.index for t in self.turns)

    def said_by(self, role: Role) -> tuple[Turn, ...]:
        return tuple(t for t in self.turns if t.role == role)


def exchanges(turns: Sequence[Turn]) -> list[Exchange]:
    """Cut turns into exchanges. What comes before the first user turn joins the first exchange."""
    return [Exchange(tuple(group)) for group in _grouped(turns)]


def _grouped(turns: Sequence[Turn]) -> Iterator[list[Turn]]:
    group: list[Turn] = []
    for turn in turns:
        if turn.role == "user" and any(t.role == "user" for t in group) and not _continues(group):
            yield group
            group = []
        group.append(turn)
    if group:
        yield group


def _continues(group: Sequence[Turn]) -> bool:
    """Two user turns in a row, with nobody answering between, are one thing said in two breaths."""
    return group[-1].role == "user"
