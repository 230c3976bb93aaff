"""The last step of a close: deregister the session, let go of what it holds, and tell the world it is complete."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime

from agent.closing import cleanup
from agent.closing.cadence import cadence
from agent.closing.telling import COMMITTED, OFFLINE_EVENT, closed, committed, found_committed, outage, with_checks
from agent.domain.receipt import Receipt
from agent.domain.session import Scope, Session
from agent.ports import Doors

BOUND = 2_000
"""Milliseconds within which a session has ended; beyond it somebody is told."""


def signal(doors: Doors, session: Session, scope: Scope, receipt: Receipt, when: datetime) -> Receipt:
    """End the session in one transaction of the registry. May repeat."""
    begun = time.monotonic()
    released, orphans = cleanup.release(doors, session.key), cleanup.orphans(doors)
    milliseconds = round(1000 * (time.monotonic() - begun))
    fresh = doors.registry.get(session.key) or session
    offline = not receipt.gateway_online or receipt.stores["gateway"].state == "pending"
    ended = replace(
        fresh,
        scope=scope,
        audited=session.audited,
        status="completed",
        completed=when,
        reason=receipt.stores["gateway"].state if offline else receipt.reason or receipt.outcome,
        gateway_pending=offline,
        receipt=_kept(session, receipt),
        last_ack_cursor=fresh.change_cursor,
        pending_checks=with_checks(fresh.pending_checks, receipt.decisions, when),
    )
    let_go = {"released": [*cleanup.told(released), *cleanup.named(orphans)], "cleanup_ms": milliseconds}
    log: list[tuple[str, dict[str, object]]] = [(COMMITTED, facts) for facts in _committed(doors, session, receipt)]
    if offline:
        log.append((OFFLINE_EVENT, outage(receipt.stores["gateway"])))
    log.append(("session_end", {"session": str(session.key), **let_go}))
    log.append(("session.closed", closed(receipt, cadence(doors, ended, when).as_json())))
    doors.registry.end(ended, log, orphans)
    # With the wait for others that write to the registry.
    took = round(1000 * (time.monotonic() - begun))
    if took > BOUND:
        slow = {"reason": "session_end.slow", "severity": "low", "milliseconds": took}
        doors.registry.record("admin.alert", session.key, slow)
    return receipt


def _kept(session: Session, receipt: Receipt) -> dict[str, object]:
    if receipt.outcome == "done" and session.receipt and session.receipt.get("digest") == receipt.digest:
        # The first receipt stays: it names the decisions; this one only found them done.
        return session.receipt
    return receipt.as_json()


def _committed(doors: Doors, session: Session, receipt: Receipt) -> list[dict[str, object]]:
    """The statements that this close wrote, or that the one before it wrote and died before it told."""
    if receipt.outcome == "close":
        return committed(receipt.decisions)
    told = session.receipt is not None and session.receipt.get("digest") == receipt.digest
    if receipt.outcome == "nothing" or told:
        return []
    return [facts for commit in doors.vault.commits_of(session.key)[:1] for facts in found_committed(doors, commit)]
