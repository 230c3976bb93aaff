"""A session: one conversation, keyed by the host it ran in and the host's id for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

SessionStatus = Literal["open", "closing", "completed", "failed", "abandoned"]


@dataclass(frozen=True, slots=True, order=True)
class SessionKey:
    """`host:id`. The id may itself contain colons; the host may not."""

    host: str
    id: str

    @classmethod
    def parse(cls, text: str) -> SessionKey:
        """Read `host:id`; a bare id belongs to the host `cli`."""
        host, colon, ident = text.partition(":")
        return cls(host, ident) if colon and host and ident else cls("cli", text)

    def __str__(self) -> str:
        return f"{self.host}:{self.id}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a statement holds: everywhere, or in one project."""

    name: str
    """`global`, or `<project>-<hash8>`: readable, and the same from every worktree and clone of a project."""

    @property
    def is_global(self) -> bool:
        return self.name == "global"

    def __str__(self) -> str:
        return self.name


GLOBAL = Scope("global")


@dataclass(frozen=True, slots=True)
class PendingCheck:
    """Something of a session that somebody still has to look at."""

    kind: Literal["quarantine", "doubt"]
    """A statement that waits in quarantine, or one that is close to another and neither the same nor clearly not."""
    id: str
    """The fragment's."""
    since: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A registry row: what is known of a session while it runs and after."""

    key: SessionKey
    scope: Scope = GLOBAL
    cwd: str | None = None
    status: SessionStatus = "open"
    start_commit: str | None = None
    """HEAD of the code repository when the session opened; None when there was no repository or no open."""
    start_tree: str | None = None
    """Tree of the code repository's work tree when the session opened, uncommitted changes included."""
    opened: datetime | None = None
    seen: datetime | None = None
    closed: datetime | None = None
    """When its last close was asked for."""
    completed: datetime | None = None
    closed_by: str | None = None
    """Who asked: a person, a program, a host, or closer itself."""
    closure_reason: str | None = None
    """Why, in their words."""
    reason: str | None = None
    """How its last close came out."""
    gateway_pending: bool = False
    """The vault has this session and the gateway doesn't yet: `gateway offline — vault only`."""
    receipt: dict[str, Any] | None = None
    """The last close's receipt, as JSON."""
    extra: dict[str, Any] = field(default_factory=dict)
    audited: str | None = None
    """The audit log's entry that stands for its last close; the vault's commit names it too."""
    change_cursor: int = 0
    """How many turns closer has taken in while the session runs, its own left out. Never goes back but when the turns
    are let go of."""
    last_ack_cursor: int = 0
    """How many of them the vault answers for."""
    pending_checks: tuple[PendingCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSession:
    """What the vault at HEAD says of a session."""

    key: str
    digest: str
    turns: int
    head: str
    """The vault commit at which the catalogue took it in."""
    episode: str
    """Path of its episode note."""
