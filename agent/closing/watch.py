"""Sessions under watch: where their transcript is, whose process they run in, which have gone quiet, which end."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from agent.closing.cadence import cadence, waiting
from agent.domain.closure import Activity, Cadence, Closure
from agent.domain.request import Request
from agent.domain.resource import Owner
from agent.domain.session import PendingCheck, Session, SessionKey
from agent.domain.transcript import CLOSER, Turn
from agent.ports import Doors, Revision

TRANSCRIPT, OWNER, CLOSURE, OVERDUE = "transcript", "owner", "closure", "overdue"
"""What a session's row keeps beside its own fields."""
QUEUED = "offline.sessionClosure.queued"
WATCHED = 1_000
KEPT = timedelta(days=30)
"""How long what checkpoints gathered of a session with a file of its own is kept, should it speak again."""


class Sessions:
    """The sessions of a home, as their hosts tell of them."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def listed(self, limit: int = 100) -> list[Session]:
        """The last seen first."""
        return self._doors.registry.sessions(limit=limit)

    def get(self, session: SessionKey | str) -> Session | None:
        return self._doors.registry.get(_key(session))

    def context(self, session: SessionKey | str) -> tuple[Turn, ...]:
        """The turns a session's checkpoints have gathered, redacted."""
        return self._doors.registry.turns(_key(session))

    def cadence(self, session: SessionKey | str, when: datetime) -> Cadence:
        """When reviewers next look at what the session left for them."""
        return cadence(self._doors, self.get(session), when)

    def checks(self, session: SessionKey | str) -> list[PendingCheck]:
        """What of the session still waits for a person."""
        row = self.get(session)
        return waiting(self._doors, row.pending_checks) if row else []

    def note(self, request: Request) -> Session:
        """Take a sign of life: the session's row, with what the request tells of it. One that was closed and speaks
        again is open again."""
        owner = self._doors.processes.owner(request.parent) if request.parent and request.kind == "start" else None

        def alive(known: Session | None) -> Revision:
            row = _told(known, request)
            extra = row.extra | ({OWNER: asdict(owner)} if owner is not None else {})
            # A sign from before the end, that was late on its way, opens nothing again.
            late = row.status == "completed" and row.closed is not None and request.at <= row.closed
            return Revision(replace(row, status=row.status if late else "open", extra=extra))

        return self._doors.registry.change(request.session, alive)

    def closing(self, request: Request) -> Closure:
        """Mark a session as closing, and write down who asked for it and how it was then. May repeat: a request is
        taken down once. A session without a file of its own gets a turn that says so."""
        ours = not request.transcript

        def marked(known: Session | None) -> Revision:
            if known is not None and known.extra.get(CLOSURE, {}).get("job") == request.id:
                return Revision(known)
            row = _told(known, request)
            by = request.closed_by or request.session.host
            # Told before the row is: how long it was silent until now.
            closure = Closure.of(known or row, request.id, by, request.reason, request.at)
            row = replace(
                row,
                status="closing",
                closed=request.at,
                closed_by=by,
                closure_reason=request.reason,
                extra={**row.extra, CLOSURE: closure.facts()},
            )
            told = row.change_cursor == (known.extra.get(CLOSURE, {}).get("change_cursor", 0) if known else 0)
            # Asked again without a word in between, there is nothing new to commit.
            said = _provenance(by, request) if ours and not told and TRANSCRIPT not in row.extra else ()
            return Revision(row, [(QUEUED, closure.facts())], said)

        row = self._doors.registry.change(request.session, marked)
        facts: dict[str, Any] = dict(row.extra[CLOSURE])
        return Closure(**{**facts, "activity": Activity(**facts["activity"])}, audited=row.audited or "")

    def abandoned(self, when: datetime, quiet: timedelta) -> list[Request]:
        """A request to end each open session that has been silent for so long, or whose process is gone."""
        rows = self._doors.registry.sessions(status=["open", "closing"], oldest=True, limit=WATCHED)
        return [_end(row, when, why) for row in rows if (why := self._why(row, when, quiet))]

    def silent(self, key: SessionKey) -> bool:
        """Whether no turn of the session has been taken in."""
        return not self._doors.registry.length(key)

    def finish(self, key: SessionKey, why: str) -> None:
        """End a session that left nothing to close."""
        row = self._doors.registry.get(key) or Session(key)
        done = replace(row, status="completed", reason=why)
        told = {"session": str(key), "reason": why}
        self._doors.registry.end(done, [("session_end", told), ("session.closed", {"outcome": "nothing"})])

    def fail(self, key: SessionKey, why: str) -> None:
        """Write down that a session could not be closed. It can be asked for again."""
        row = self._doors.registry.get(key) or Session(key)
        alert = {"reason": why, "severity": "high"}
        self._doors.registry.end(replace(row, status="failed", reason=why), [("admin.alert", alert)])

    def suspend(self) -> int:
        """Before this process ends: serialise the transcripts of open sessions and release the locks it holds. Returns
        how many sessions were serialised; each goes on at its next turn."""
        rows = self._doors.registry.sessions(status=["open", "closing"], limit=WATCHED)
        kept = [row for row in rows if self._doors.registry.shelve(row.key)]
        mine = self._doors.processes.owner(os.getpid())
        locks = [held for held in self._doors.registry.held() if held.kind == "lock" and held.owner == mine]
        self._doors.registry.release(locks)
        if kept or locks:
            told = {"sessions": [str(row.key) for row in kept], "locks": [held.name for held in locks]}
            self._doors.registry.record("service.stopped", None, told)
        return len(kept)

    def tidy(self, when: datetime) -> None:
        """Let go of copies of transcripts of sessions that ended long ago, and tell of statements that waited for a
        person beyond their time."""
        registry = self._doors.registry
        # Without a file of its own, the running transcript is all that a session which speaks again goes on from.
        registry.drop_contexts(registry.shelved(when - KEPT, having=TRANSCRIPT))
        for row in registry.sessions(status=["completed"], checked=True, limit=WATCHED):
            self._tell_overdue(row, when)

    def _tell_overdue(self, row: Session, when: datetime) -> None:
        told = set(row.extra.get(OVERDUE, []))
        late = [c for c in row.pending_checks if c.kind == "quarantine" and c.id not in told]
        late = [c for c in late if when - c.since > self._doors.limits.review_window]
        still = [check.id for check in waiting(self._doors, late)]
        if not still:
            return
        alert = {"reason": "moderation.overdue", "severity": "low", "fragments": still}

        def noted(known: Session | None) -> Revision:
            row_now = known or row
            return Revision(replace(row_now, extra={**row_now.extra, OVERDUE: sorted({*told, *still})}))

        self._doors.registry.change(row.key, noted)
        self._doors.registry.record("admin.alert", row.key, alert)

    def _why(self, row: Session, when: datetime, quiet: timedelta) -> str:
        owner = row.extra.get(OWNER)
        if owner and row.status == "open" and not self._doors.processes.alive(Owner(**owner)):
            return "its process is gone"
        last = row.seen or row.opened
        return "it went quiet" if last is None or when - last >= quiet else ""


def _key(session: SessionKey | str) -> SessionKey:
    return SessionKey.parse(session) if isinstance(session, str) else session


def _told(known: Session | None, request: Request) -> Session:
    """A session's row, with what a request tells of it."""
    row = known or Session(request.session, opened=request.at)
    extra = row.extra | ({TRANSCRIPT: request.transcript} if request.transcript else {})
    return replace(row, seen=max(row.seen or request.at, request.at), cwd=row.cwd or request.cwd, extra=extra)


def _provenance(by: str, request: Request) -> list[Turn]:
    why = f": {request.reason}" if request.reason else ""
    return [Turn("system", f"Closed by {by}{why}.", CLOSER, request.at)]


def _end(row: Session, when: datetime, why: str) -> Request:
    """One id per silence: asked twice it is done once."""
    last = row.seen.isoformat() if row.seen else "never"
    transcript = row.extra.get(TRANSCRIPT)
    return Request(f"sweep {row.key} {last}", "end", row.key, when, row.cwd, transcript, why, closed_by=CLOSER)
