"""A fragment: one durable statement, with where it came from and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent.domain.session import GLOBAL, Scope, SessionKey

FragmentClass = Literal["preference", "decision", "fact", "correction", "commitment", "opinion"]
Trust = Literal["user", "agreed", "assistant", "tool"]
FragmentStatus = Literal["active", "superseded", "retracted", "quarantined"]

CLASSES: tuple[FragmentClass, ...] = ("preference", "decision", "fact", "correction", "commitment", "opinion")
TRUSTED: frozenset[Trust] = frozenset({"user", "agreed"})


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement was said: a session, the turns, and the words themselves."""

    session: SessionKey
    turns: tuple[int, ...]
    quote: str = ""
    """The verbatim words, redacted; empty when the statement came without any."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One durable statement as it stands, or is proposed to stand, in the vault."""

    id: str
    statement: str
    kind: FragmentClass
    scope: Scope = GLOBAL
    entity: str = ""
    """What the statement is about (`user`, `deploy script`); with `attribute`, the slot a correction looks for."""
    attribute: str = ""
    """Which property of the entity it fixes (`editor`, `day`); empty when no slot was recognised."""
    trust: Trust = "user"
    status: FragmentStatus = "active"
    score: float = 0.5
    """How much it is worth keeping, 0 to 1."""
    confidence: float = 0.5
    """How sure the analyst is that it was meant as said, 0 to 1."""
    cue: bool = False
    """The words themselves announce a change (`actually`, `no longer`, `from now on`)."""
    created: datetime | None = None
    updated: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    seen: int = 1
    sources: tuple[Source, ...] = ()
    supersedes: tuple[str, ...] = ()
    superseded_by: str | None = None
    aliases: tuple[str, ...] = ()
    """Other wordings that were merged into this one."""
    tags: tuple[str, ...] = field(default=())

    @property
    def slot(self) -> str:
        """`entity/attribute`, or empty when either part is unknown."""
        return f"{self.entity}/{self.attribute}" if self.entity and self.attribute else ""

    @property
    def trusted(self) -> bool:
        return self.trust in TRUSTED and self.status == "active"
