"""What the service answers with, as its description names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.domain.audit import Entry
from agent.domain.markdown import iso
from agent.domain.request import Job
from agent.domain.session import PendingCheck, Session
from agent.domain.transcript import Turn

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as the registry knows it."""

    session: str
    scope: str
    cwd: str | None
    status: str
    opened: str | None
    seen: str | None
    closed: str | None
    completed: str | None
    closed_by: str | None
    closure_reason: str | None
    reason: str | None
    change_cursor: int
    last_ack_cursor: int
    pending_checks: int
    pending_offline_reconcile: bool
    last_closure_audit_ref: str | None

    @classmethod
    def of(cls, row: Session) -> SessionView:
        return cls(
            session=str(row.key),
            scope=row.scope.name,
            cwd=row.cwd,
            status=row.status,
            opened=iso(row.opened),
            seen=iso(row.seen),
            closed=iso(row.closed),
            completed=iso(row.completed),
            closed_by=row.closed_by,
            closure_reason=row.closure_reason,
            reason=row.reason,
            change_cursor=row.change_cursor,
            last_ack_cursor=row.last_ack_cursor,
            pending_checks=len(row.pending_checks),
            pending_offline_reconcile=row.gateway_pending,
            last_closure_audit_ref=row.audited,
        )


@dataclass(frozen=True, slots=True)
class CheckView:
    """Something that still waits for a person."""

    kind: str
    id: str
    since: str | None

    @classmethod
    def of(cls, check: PendingCheck) -> CheckView:
        return cls(check.kind, check.id, iso(check.since))


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of a running transcript, redacted."""

    role: str
    text: str
    name: str | None
    when: str | None

    @classmethod
    def of(cls, turn: Turn) -> TurnView:
        return cls(turn.role, turn.text, turn.name, iso(turn.when))


@dataclass(frozen=True, slots=True)
class JobView:
    """What somebody asked for, and how far it is."""

    id: str
    status: str
    kind: str
    session: str
    at: str | None
    reason: str
    closed_by: str
    error: str

    @classmethod
    def of(cls, job: Job) -> JobView:
        asked = job.request
        return cls(
            job.id, job.status, asked.kind, str(asked.session), iso(asked.at), asked.reason, asked.closed_by, job.error
        )


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry of the log."""

    number: int
    at: str
    event: str
    session: str
    facts: Json
    seal: str

    @classmethod
    def of(cls, entry: Entry) -> EntryView:
        return cls(entry.number, entry.at, entry.event, entry.session, dict(entry.facts), entry.seal)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A close that will be done, whatever dies: its request is on disk."""

    job: str
    session: str
    status: str
    """`closing`, or `deferred` while another process holds the registry: the worker marks the session then."""
    audit: str | None
    """The audit log's entry for it; None when it is deferred."""
    cadence: Json
    """`nextDigestAt`, and `moderationWindow` with the deadlines of what waits for a person."""
