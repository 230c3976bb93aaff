"""What is known of a session at the moment somebody asks for its close, and when people will next look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from agent.domain.markdown import iso
from agent.domain.session import PendingCheck, Session


@dataclass(frozen=True, slots=True)
class Activity:
    """How lively a session was."""

    turns: int
    per_minute: float
    """Turns a minute since it opened."""
    idle_seconds: float
    """Since its last sign of life."""


@dataclass(frozen=True, slots=True)
class Closure:
    """A close that was asked for, as its job captures it."""

    job: str
    closed_by: str
    reason: str
    activity: Activity
    change_cursor: int
    last_ack_cursor: int
    pending_checks: int
    audited: str = ""
    """The audit log's entry, `number:seal`."""

    @classmethod
    def of(cls, session: Session, job: str, closed_by: str, reason: str, when: datetime) -> Closure:
        """The state of a session at `when`."""
        return cls(
            job=job,
            closed_by=closed_by,
            reason=reason,
            activity=_activity(session, when),
            change_cursor=session.change_cursor,
            last_ack_cursor=session.last_ack_cursor,
            pending_checks=len(session.pending_checks) + session.gateway_pending,
        )

    def facts(self) -> dict[str, Any]:
        """As the log keeps it; `audited` is the entry itself."""
        found = asdict(self)
        del found["audited"]
        return found


def _activity(session: Session, when: datetime) -> Activity:
    opened, seen = session.opened or session.seen or when, session.seen or when
    minutes = max((seen - opened).total_seconds() / 60, 1.0)
    idle = max((when - seen).total_seconds(), 0.0)
    return Activity(session.change_cursor, round(session.change_cursor / minutes, 2), round(idle, 3))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A statement in quarantine, and until when it waits for a person."""

    fragment: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Cadence:
    """When reviewers next hear of what waits for them."""

    next_digest: datetime
    window: datetime
    """Until when a statement that is quarantined now would wait."""
    waiting: tuple[Waiting, ...] = ()

    @classmethod
    def at(cls, when: datetime, digest: time, window: timedelta, checks: Sequence[PendingCheck]) -> Cadence:
        """`digest`: the time of day, UTC, at which a digest is due every day."""
        today = datetime.combine(when.astimezone(UTC).date(), digest, UTC)
        quarantined = [c for c in checks if c.kind == "quarantine"]
        return cls(
            today if today > when else today + timedelta(days=1),
            when + window,
            tuple(Waiting(c.id, c.since + window) for c in quarantined),
        )

    def as_json(self) -> dict[str, Any]:
        waiting = [{"fragment": w.fragment, "deadline": iso(w.deadline)} for w in self.waiting]
        return {
            "nextDigestAt": iso(self.next_digest),
            "moderationWindow": {"until": iso(self.window), "waiting": waiting},
        }
