"""Values as the registry's rows hold them, and back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from agent.domain.markdown import iso, moment
from agent.domain.resource import Owner, Resource
from agent.domain.session import PendingCheck, Scope, Session, SessionKey
from agent.domain.transcript import Action, Turn

CONTEXT = "closer.context/1"


def row_of(session: Session) -> dict[str, Any]:
    """All of a session but its cursors, which only move forward."""
    return {
        "key": str(session.key),
        "scope": session.scope.name,
        "cwd": session.cwd,
        "status": session.status,
        "start_commit": session.start_commit,
        "start_tree": session.start_tree,
        "opened": iso(session.opened),
        "seen": iso(session.seen),
        "closed": iso(session.closed),
        "completed": iso(session.completed),
        "closed_by": session.closed_by,
        "closure_reason": session.closure_reason,
        "reason": session.reason,
        "gateway_pending": session.gateway_pending,
        "receipt": json.dumps(session.receipt) if session.receipt is not None else None,
        "extra": json.dumps(session.extra),
        "audited": session.audited,
        "pending_checks": json.dumps([[c.kind, c.id, iso(c.since)] for c in session.pending_checks]),
    }


def session_of(row: sa.RowMapping) -> Session:
    return Session(
        key=SessionKey.parse(row["key"]),
        scope=Scope(row["scope"]),
        cwd=row["cwd"],
        status=row["status"],
        start_commit=row["start_commit"],
        start_tree=row["start_tree"],
        opened=moment(row["opened"] or ""),
        seen=moment(row["seen"] or ""),
        closed=moment(row["closed"] or ""),
        completed=moment(row["completed"] or ""),
        closed_by=row["closed_by"],
        closure_reason=row["closure_reason"],
        reason=row["reason"],
        gateway_pending=bool(row["gateway_pending"]),
        receipt=json.loads(row["receipt"]) if row["receipt"] else None,
        extra=json.loads(row["extra"]),
        audited=row["audited"],
        change_cursor=row["change_cursor"],
        last_ack_cursor=row["last_ack_cursor"],
        pending_checks=tuple(
            PendingCheck(kind, ident, since)
            for kind, ident, at in json.loads(row["pending_checks"])
            if (since := moment(at)) is not None
        ),
    )


def resource_of(row: sa.Row[Any]) -> Resource:
    owner = None if row.pid is None else Owner(row.pid, row.boot, row.started)
    return Resource(SessionKey.parse(row.session), row.kind, row.name, owner, moment(row.since or ""))


def body_of(turn: Turn) -> str:
    return json.dumps(_facts(turn))


def turn_of(number: int, body: str) -> Turn:
    return _turn(number, json.loads(body))


def packed(turns: Sequence[Turn]) -> bytes:
    """A running transcript as one value."""
    whole = {"schema": CONTEXT, "turns": [_facts(turn) for turn in turns]}
    return zlib.compress(json.dumps(whole).encode())


def unpacked(body: bytes) -> tuple[Turn, ...]:
    found = json.loads(zlib.decompress(body))
    return tuple(_turn(number, facts) for number, facts in enumerate(found["turns"]))


def _facts(turn: Turn) -> dict[str, Any]:
    return {
        "role": turn.role,
        "text": turn.text,
        "name": turn.name,
        "when": iso(turn.when),
        "action": asdict(turn.action) if turn.action else None,
    }


def _turn(number: int, said: dict[str, Any]) -> Turn:
    action = Action(**said["action"]) if said["action"] else None
    return Turn(said["role"], said["text"], said["name"], moment(said["when"] or ""), number, action)
