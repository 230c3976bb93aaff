"""When reviewers next look at what a session left for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.domain import fragment_note
from agent.domain.closure import Cadence
from agent.domain.session import PendingCheck, Session
from agent.ports import Doors


def cadence(doors: Doors, session: Session | None, when: datetime) -> Cadence:
    """The next digest, and the deadlines of the session's statements that wait in quarantine."""
    checks = waiting(doors, session.pending_checks) if session else []
    return Cadence.at(when, doors.limits.digest_at, doors.limits.review_window, checks)


def waiting(doors: Doors, checks: Sequence[PendingCheck]) -> list[PendingCheck]:
    """Those that nobody has seen to: the statement is still there, and still in quarantine if it was."""
    if not checks:
        return []
    known = doors.catalogue.fragments([check.id for check in checks])
    stands = {ident: fragment_note.from_note(note).status for ident, (_, note) in known.items()}
    wanted = {"quarantine": "quarantined", "doubt": "active"}
    return [check for check in checks if stands.get(check.id) == wanted[check.kind]]
