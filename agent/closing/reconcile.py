"""Bring gateway and catalogue to the vault's HEAD after an outage, or make them anew; and prove it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.closing import follow, hands, notes
from agent.closing.deciding import Deciding
from agent.domain import fragment_note
from agent.domain.decision import Decision
from agent.domain.fragment import Fragment
from agent.domain.markdown import iso
from agent.domain.progress import Progress
from agent.domain.receipt import OFFLINE, Operation, Receipt, StoreState
from agent.domain.session import GLOBAL
from agent.errors import GatewayOffline, VaultMoved
from agent.ports import Doors

RECHECKED = 200
"""How many vault-only fragments one reconcile checks again against the gateway."""


def reconcile(doors: Doors, when: datetime, progress: Progress) -> Receipt:
    """Send what waits, compare every id, digest and vector, repair, compare again."""
    with doors.lock.hold(doors.limits.lock_wait):
        with progress.step("catalogue"):
            follow.catch_up(doors)
        with progress.step("recheck"):
            decisions, commit = _recheck(doors, when)
        return _prove(doors, "reconcile", when, progress, decisions, commit)


def rebuild(doors: Doors, when: datetime, progress: Progress) -> Receipt:
    """Make catalogue and gateway anew from the vault alone."""
    with doors.lock.hold(doors.limits.lock_wait):
        with progress.step("catalogue"):
            doors.catalogue.clear()
            follow.catch_up(doors)
        try:
            doors.gateway.wipe()
        except GatewayOffline as error:
            state = StoreState(OFFLINE, 0, doors.catalogue.pending(), error.message)
            return _receipt(doors, "rebuild", when, state, progress, (), None)
        return _prove(doors, "rebuild", when, progress, (), None)


def _prove(
    doors: Doors,
    operation: Operation,
    when: datetime,
    progress: Progress,
    decisions: tuple[Decision, ...],
    commit: str | None,
) -> Receipt:
    written = 0
    try:
        for _ in range(3):
            with progress.step("gateway"):
                state = follow.send(doors, float("inf"))
                doors.embedder.flush()
            written += state.written
            if state.state == OFFLINE:
                break
            with progress.step("verify"):
                apart = follow.drift(doors, repair=True)
            if not apart:
                state = StoreState("written" if written else "unchanged", written)
                _settle(doors, when)
                break
            state = StoreState("pending", written, apart.missing + apart.extra, "vault and gateway still differ")
    except GatewayOffline as error:
        state = StoreState(OFFLINE, written, doors.catalogue.pending(), error.message)
    return _receipt(doors, operation, when, state, progress, decisions, commit)


def _settle(doors: Doors, when: datetime) -> None:
    for key in doors.registry.pending():
        row = doors.registry.get(key)
        if row is not None:
            doors.registry.put(replace(row, gateway_pending=False, reason="reconciled"))
            doors.registry.record("gateway.reconciled", key, {"at": iso(when)})


def _recheck(doors: Doors, when: datetime) -> tuple[tuple[Decision, ...], str | None]:
    """Decide again, now against the gateway too, the fragments that were written while it was away. One that turns out
    to be known already in near-identical words is merged into the earlier one."""
    waiting = [p for p, current in doors.catalogue.outbox(RECHECKED) if current and p.shelf.kind == "fragment"]
    if not waiting or not doors.registry.pending():
        return (), None
    deciding = Deciding(doors, when)
    merged: list[tuple[str, Fragment]] = []
    for path, note in doors.catalogue.fragments([p.id for p in waiting]).values():
        item = fragment_note.from_note(note)
        stands = deciding.standing.get(item.id, item)
        if item.status != "active" or stands.status != "active":
            continue
        decision = deciding.again(item)
        if deciding.offline:
            return (), None
        if decision.kind in ("merge", "touch"):
            gone = replace(item, status="superseded", superseded_by=decision.fragment.id, updated=when)
            deciding.standing[item.id] = gone
            merged.append((path, gone))
    if not merged:
        return (), None
    pages = notes.Notes(doors, when)
    notes.fragments(pages, deciding, {})
    for path, gone in merged:
        pages.put(fragment_note.to_note(gone, path), (fragment_note.EVIDENCE,))
    files = pages.files()
    if hands.keep(doors, files):
        return (), None
    message = f"Merge {len(merged)} statement(s) known before the gateway's outage\n\nCloser-Gateway: online\n"
    try:
        commit = doors.vault.commit(files, message, doors.vault.head())
    except VaultMoved:
        # Somebody committed meanwhile; the next reconcile looks again.
        return (), None
    doors.vault.checkout(files, doors.vault.read(list(files), at=f"{commit}^"))
    follow.catch_up(doors, placed=True)
    return tuple(deciding.decisions), commit


def _receipt(
    doors: Doors,
    operation: Operation,
    when: datetime,
    gateway: StoreState,
    progress: Progress,
    decisions: tuple[Decision, ...],
    commit: str | None,
) -> Receipt:
    stores = {
        "vault": StoreState("written" if commit else "unchanged"),
        "catalogue": StoreState("written" if operation == "rebuild" else "unchanged"),
        "gateway": gateway,
    }
    return Receipt(
        operation=operation,
        session=None,
        scope=GLOBAL,
        outcome="done" if gateway.state in ("written", "unchanged") else "nothing",
        reason=gateway.reason,
        when=iso(when),
        commit=commit or doors.vault.head(),
        decisions=decisions,
        stores=stores,
        milliseconds=progress.milliseconds,
    )
