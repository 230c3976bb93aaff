"""What somebody asked for and did not wait for: durable as a file until a worker has done it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from agent.domain.session import SessionKey

RequestKind = Literal["start", "checkpoint", "end"]
KINDS: tuple[RequestKind, ...] = ("start", "checkpoint", "end")


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a host, a person or a schedule."""

    id: str
    """Unique; two requests with one id are one."""
    kind: RequestKind
    session: SessionKey
    at: datetime
    cwd: str | None = None
    transcript: str | None = None
    """Path of the session's transcript, which may still be growing."""
    reason: str = ""
    """Why, in the host's word: `logout`, `auto`, `resume`, …"""
    closed_by: str = ""
    """Who asked, where that is another than the host."""
    parent: int | None = None
    """Number of the process that asked: the host's, for a hook."""

    @classmethod
    def of(cls, facts: Mapping[str, object]) -> Request:
        """From a spool file or a job's input. Raises ValueError when something needed is missing or of another kind."""
        kind = next((known for known in KINDS if known == facts.get("kind")), None)
        ident, host, session, at = (facts.get(name) for name in ("id", "host", "session", "at"))
        if kind is None or not (isinstance(ident, str) and isinstance(host, str) and isinstance(session, str)):
            raise ValueError("a request needs id, kind, host and session")
        moment = at if isinstance(at, int | float) else None
        if moment is None:
            raise ValueError("a request needs the time it was made at")
        parent = facts.get("parent")
        return cls(
            id=ident,
            kind=kind,
            session=SessionKey(host, session),
            at=datetime.fromtimestamp(moment, UTC),
            cwd=_text(facts, "cwd") or None,
            transcript=_text(facts, "transcript") or None,
            reason=_text(facts, "reason"),
            closed_by=_text(facts, "closed_by"),
            parent=parent if isinstance(parent, int) else None,
        )

    def facts(self) -> dict[str, object]:
        """As JSON; `of` reads it back."""
        return {
            "id": self.id, "kind": self.kind, "host": self.session.host, "session": self.session.id,
            "at": self.at.timestamp(), "cwd": self.cwd, "transcript": self.transcript, "reason": self.reason,
            "closed_by": self.closed_by, "parent": self.parent,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """A request in the engine."""

    id: str
    status: Literal["waiting", "running", "done", "failed"]
    request: Request
    error: str = ""
    """Why it failed, once nothing more is tried."""


def _text(facts: Mapping[str, object], name: str) -> str:
    """A text without what no database takes."""
    found = facts.get(name)
    return found.encode("utf-8", "replace").decode().replace("\0", "") if isinstance(found, str) else ""
