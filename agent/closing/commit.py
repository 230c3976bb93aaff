"""Commit decided statements at once, between closes: `remember` and mid-session checkpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from agent.closing import follow, hands, notes
from agent.closing.close import ATTEMPTS, running
from agent.closing.deciding import Deciding
from agent.closing.scope import scope_of
from agent.closing.telling import COMMITTED, OFFLINE_EVENT, committed, outage, with_checks
from agent.domain.fragment import Fragment
from agent.domain.identity import transcript_digest
from agent.domain.markdown import iso, one_line
from agent.domain.progress import Progress
from agent.domain.receipt import OFFLINE, Operation, Receipt, StoreState
from agent.domain.session import GLOBAL, Scope, Session, SessionKey
from agent.domain.transcript import Turn
from agent.errors import NeedsReview, UsageError, VaultMoved
from agent.ports import Doors, Revision
from agent.stages import fragments
from agent.stages.intake import redacted

AT_ONCE = ("preference", "correction")
"""What a checkpoint writes without waiting for the close; facts too, when they fill a slot of an entity."""


def remember(
    doors: Doors, text: str, key: SessionKey, scope: Scope | None, when: datetime, progress: Progress
) -> Receipt:
    """Store one statement, said by the user, in both stores."""
    found = doors.redactor.redact(text)
    if not found.text.strip():
        raise UsageError("there is nothing to remember in an empty text", hint="pass the statement as an argument")
    row = doors.registry.get(key)
    where = scope or (row.scope if row else GLOBAL)
    statement = fragments.stated(found.text, when, where, key)
    with doors.lock.hold(doors.limits.lock_wait):
        return write(doors, "remember", key, where, when, progress, lambda: [statement], found.counts)


def checkpoint(
    doors: Doors, key: SessionKey, turns: Sequence[Turn], cwd: str | None, when: datetime, progress: Progress
) -> Receipt:
    """Add new turns to a running session; write what can't wait."""
    counts: Counter[str] = Counter()
    fit = [redacted(replace(t, when=t.when or when), doors.redactor, counts) for t in turns]
    with doors.lock.hold(doors.limits.lock_wait):
        scope = _alive(doors, key, cwd, when).scope
        have = doors.registry.append(key, fit) - len(fit)
        whole = running(doors, key)

        def urgent() -> list[Fragment]:
            found = fragments.extract(whole.turns, scope, key, new_from=have, embed=doors.embedder.embed)
            return [f for f in found if f.status == "active" and (f.kind in AT_ONCE or _entity_fact(f))]

        receipt = write(doors, "checkpoint", key, scope, when, progress, urgent, counts)
        _acknowledge(doors, key, receipt, when)
    return replace(receipt, turns=len(whole.turns), digest=transcript_digest(whole.turns))


def _alive(doors: Doors, key: SessionKey, cwd: str | None, when: datetime) -> Session:
    """The row of a session that speaks, with its scope once its folder is known."""
    known = doors.registry.get(key) or Session(key)
    folder = known.cwd or cwd
    found = scope_of(doors.code.state(Path(folder)), folder) if known.scope.is_global and folder else None

    def spoke(known: Session | None) -> Revision:
        row = known or Session(key, opened=when)
        return Revision(replace(row, status="open", seen=when, cwd=folder, scope=found or row.scope))

    return doors.registry.change(key, spoke)


def _acknowledge(doors: Doors, key: SessionKey, receipt: Receipt, when: datetime) -> None:
    """Note how far the vault answers for the session, and what of it waits for a person."""

    def answered(known: Session | None) -> Revision:
        row = known or Session(key, opened=when)
        checks = with_checks(row.pending_checks, receipt.decisions, when)
        return Revision(replace(row, last_ack_cursor=row.change_cursor, pending_checks=checks))

    doors.registry.change(key, answered)


def _entity_fact(item: Fragment) -> bool:
    return item.kind == "fact" and bool(item.slot)


def write(
    doors: Doors,
    operation: Operation,
    key: SessionKey,
    scope: Scope,
    when: datetime,
    progress: Progress,
    candidates: Callable[[], Sequence[Fragment]],
    redactions: Mapping[str, int],
) -> Receipt:
    """Decide candidates and commit what came of it. The caller holds the lock."""
    for _ in range(ATTEMPTS):
        follow.catch_up(doors)
        base = doors.vault.head()
        deciding = Deciding(doors, when)
        with progress.step("dedup"):
            deciding.take(candidates())
        with progress.step("notes"):
            pages = _pages(doors, deciding, key, when)
            files = pages.files()
        try:
            if files and hands.keep(doors, [*files, *deciding.paths.values()]):
                continue
            with progress.step("commit"):
                previous = doors.vault.read(list(files))
                commit = doors.vault.commit(files, _message(operation, key, deciding), base) if files else None
                kept = doors.vault.checkout(files, previous) if files else []
        except VaultMoved:
            continue
        follow.catch_up(doors, placed=True)
        for facts in committed(deciding.decisions) if commit else ():
            doors.registry.record(COMMITTED, key, facts)
        with progress.step("gateway"):
            doors.embedder.flush()
            gateway = follow.send(doors, doors.limits.gateway_budget)
        _note_outage(doors, key, gateway)
        written = StoreState("written" if commit else "unchanged", len(files))
        return Receipt(
            operation=operation,
            session=key,
            scope=scope,
            outcome="close" if commit else "nothing",
            reason="" if commit else "nothing new to write",
            when=iso(when),
            commit=commit,
            decisions=tuple(deciding.decisions),
            files=tuple(files),
            kept_by_hand=tuple(kept),
            stores={"vault": written, "catalogue": replace(written, written=0), "gateway": gateway},
            redactions=dict(Counter(redactions) + pages.caught),
            milliseconds=progress.milliseconds,
        )
    raise NeedsReview(
        "the vault kept changing while it was written to",
        hint="save what is open in an editor, then try again",
    )


def _pages(doors: Doors, deciding: Deciding, key: SessionKey, when: datetime) -> notes.Notes:
    pages = notes.Notes(doors, when)
    known = doors.catalogue.session(key)
    notes.fragments(pages, deciding, {str(key): known.episode} if known else {})
    if pages.made:
        notes.memory(pages)
    return pages


def _note_outage(doors: Doors, key: SessionKey, gateway: StoreState) -> None:
    if gateway.state in ("written", "unchanged"):
        return

    def waits(known: Session | None) -> Revision:
        # A statement outside any session has no row yet, and is no open session either.
        return Revision(replace(known or Session(key, status="completed"), gateway_pending=True))

    doors.registry.change(key, waits)
    doors.registry.record(OFFLINE_EVENT, key, outage(gateway))


def _message(operation: Operation, key: SessionKey, deciding: Deciding) -> str:
    first = next((d for d in deciding.decisions if d.kind != "skip"), deciding.decisions[0])
    told = "\n".join(f"- {d.kind}: {one_line(d.fragment.statement, 100)}" for d in deciding.decisions[:20])
    gateway = OFFLINE if deciding.offline else "online"
    return (
        f"{operation.capitalize()}: {one_line(first.fragment.statement, 60)}\n\n{told}\n\n"
        f"Closer-Session: {one_line(str(key))}\nCloser-Gateway: {gateway}\n"
    )
