"""What the world is told: the log's entries about statements, outages and ends. Statements are named, never quoted: the
log keeps what it was told for ever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from agent.domain.decision import Decision
from agent.domain.layout import FRAGMENTS
from agent.domain.note import parse
from agent.domain.receipt import Receipt, StoreState
from agent.domain.session import PendingCheck
from agent.ports import Doors

COMMITTED, OFFLINE_EVENT = "fragment.committed", "gateway.offline"


def committed(decisions: Iterable[Decision]) -> list[dict[str, object]]:
    """What is told of each statement that a commit wrote."""
    return [
        {"id": d.fragment.id, "class": d.fragment.kind, "status": d.fragment.status, "decision": d.kind}
        for d in decisions
        if d.kind != "skip"
    ]


def found_committed(doors: Doors, commit: str) -> list[dict[str, object]]:
    """The same, of a commit whose maker died before it told: from what it changed."""
    told: list[dict[str, object]] = []
    for change in doors.vault.changes(doors.vault.parent(commit), commit):
        if change.content is not None and change.path.startswith(f"{FRAGMENTS}/"):
            note = parse(change.path, change.content)
            told.append({"id": note.text("id"), "class": note.text("class"), "status": note.text("status")})
    return told


def outage(gateway: StoreState) -> dict[str, object]:
    return {"reason": gateway.reason, "pending": gateway.pending}


def closed(receipt: Receipt, cadence: dict[str, Any]) -> dict[str, object]:
    """How a close came out, and where to read on."""
    return {
        "outcome": receipt.outcome,
        "commit": receipt.commit,
        "digest": receipt.digest,
        "gateway": receipt.stores["gateway"].state,
        "receipt": {"session": str(receipt.session), "digest": receipt.digest},
        # Told again, by a close that found the work done, it has the same key.
        "idempotency_key": f"{receipt.session} {receipt.digest}",
        "cadence": cadence,
    }


def with_checks(
    known: Sequence[PendingCheck], decisions: Iterable[Decision], when: datetime
) -> tuple[PendingCheck, ...]:
    """What of a session waits for a person, with what these decisions add."""
    found = {(c.kind, c.id): c for c in known}
    for decision in decisions:
        ident = decision.fragment.id
        if decision.kind == "quarantine":
            found.setdefault(("quarantine", ident), PendingCheck("quarantine", ident, when))
        elif decision.doubtful:
            found.setdefault(("doubt", ident), PendingCheck("doubt", ident, when))
    return tuple(found.values())
