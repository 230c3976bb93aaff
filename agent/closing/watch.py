"""Sessions under watch: where their transcript is, whose process they run in, and which have gone quiet."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from agent.domain.request import Request
from agent.domain.resource import Owner
from agent.domain.session import Session, SessionKey
from agent.ports import Doors

TRANSCRIPT, OWNER = "transcript", "owner"
"""What a session's row keeps beside its own fields."""
WATCHED = 1_000


class Sessions:
    """The sessions of a home, as their hosts tell of them."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def listed(self, limit: int = 100) -> list[Session]:
        """The last seen first."""
        return self._doors.registry.sessions(limit=limit)

    def get(self, session: SessionKey | str) -> Session | None:
        return self._doors.registry.get(SessionKey.parse(session) if isinstance(session, str) else session)

    def note(self, request: Request) -> Session:
        """Take a sign of life: the session's row, with what the request tells of it. One that was closed and speaks
        again is open again."""
        known = self._doors.registry.get(request.session) or Session(request.session, opened=request.at)
        extra = dict(known.extra)
        if request.transcript:
            extra[TRANSCRIPT] = request.transcript
        owner = self._doors.processes.owner(request.parent) if request.parent and request.kind == "start" else None
        if owner is not None:
            extra[OWNER] = asdict(owner)
        seen = max(known.seen or request.at, request.at)
        row = replace(known, status="open", seen=seen, cwd=known.cwd or request.cwd, extra=extra)
        self._doors.registry.put(row)
        return row

    def abandoned(self, when: datetime, quiet: timedelta) -> list[Request]:
        """A request to end each open session that has been silent for so long, or whose process is gone."""
        rows = self._doors.registry.sessions(status=["open", "closing"], limit=WATCHED)
        return [_end(row, when, why) for row in rows if (why := self._why(row, when, quiet))]

    def silent(self, key: SessionKey) -> bool:
        """Whether no turn of the session has been taken in."""
        return not self._doors.registry.length(key)

    def finish(self, key: SessionKey, why: str) -> None:
        """End a session that left nothing to close."""
        row = self._doors.registry.get(key) or Session(key)
        done = replace(row, status="completed", reason=why)
        self._doors.registry.end(done, {"session_end": {"reason": why}, "session.closed": {"outcome": "nothing"}})

    def fail(self, key: SessionKey, why: str) -> None:
        """Write down that a session could not be closed. It can be asked for again."""
        row = self._doors.registry.get(key) or Session(key)
        alert = {"reason": why, "severity": "high"}
        self._doors.registry.end(replace(row, status="failed", reason=why), {"admin.alert": alert})

    def _why(self, row: Session, when: datetime, quiet: timedelta) -> str:
        owner = row.extra.get(OWNER)
        if owner and not self._doors.processes.alive(Owner(**owner)):
            return "its process is gone"
        last = row.seen or row.opened
        return "it went quiet" if last is None or when - last >= quiet else ""


def _end(row: Session, when: datetime, why: str) -> Request:
    """One id per silence: asked twice it is done once."""
    last = row.seen.isoformat() if row.seen else "never"
    return Request(f"sweep {row.key} {last}", "end", row.key, when, row.cwd, row.extra.get(TRANSCRIPT), why)
