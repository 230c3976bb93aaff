"""The close, in order: audit, summarise, record, index, decide, commit, follow, signal.

Everything up to the plan only reads. The vault's commit is the moment of success; what comes after it may fail and is
done again by the next close, open or reconcile, because each asks the vault what is already there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from agent.closing import follow, handoff, hands, notes, subjects
from agent.closing.deciding import Deciding
from agent.closing.scope import scope_of
from agent.closing.signal import signal
from agent.domain import episode_note, layout
from agent.domain.decision import Plan
from agent.domain.fragment import Fragment
from agent.domain.markdown import iso, one_line
from agent.domain.note import Note, parse
from agent.domain.progress import Progress
from agent.domain.receipt import OFFLINE, Receipt, StoreState
from agent.domain.scan import ScanReport
from agent.domain.session import KnownSession, Session, SessionKey
from agent.domain.subject import Subject, Summary
from agent.domain.transcript import Transcript
from agent.errors import NeedsReview, VaultMoved
from agent.ports import CodeState, Doors, Revision
from agent.stages import fragments, index, summaries
from agent.stages.intake import Intake, take_in

AUDIT = "Closer-Audit"
"""The trailer by which a commit names the audit log's entry it answers."""
STALE = timedelta(days=1)
"""After so long, what a folder holds is no longer what a session left, unless its start was recorded."""
ATTEMPTS = 5
"""How often a plan is made anew because the vault's branch moved under it."""


def close(doors: Doors, transcript: Transcript, when: datetime, progress: Progress) -> Receipt:
    """Close a session: make the plan, act on it, and say what was done. Repeating it finds its own work."""
    with doors.lock.hold(doors.limits.lock_wait):
        session = _closing(doors, transcript, when)
        by_hand: list[str] = []
        for _ in range(ATTEMPTS):
            with progress.step("catch up"):
                follow.catch_up(doors)
            try:
                plan, previous = decide(doors, transcript, when, progress)
                if kept := hands.keep(doors, [*plan.files, *plan.consulted]):
                    by_hand += [p for p in kept if p not in by_hand]
                    continue
                plan = replace(plan, notices=(*plan.notices, *(f"{p}: kept what was written by hand" for p in by_hand)))
                return _act(doors, plan, previous, session, when, progress)
            except VaultMoved:
                continue
    raise NeedsReview(
        "the vault kept changing while it was written to",
        hint="save what is open in an editor, then try again",
    )


def _closing(doors: Doors, transcript: Transcript, when: datetime) -> Session:
    def begun(known: Session | None) -> Revision:
        row = known or Session(transcript.session, opened=transcript.started)
        row = replace(row, status="closing", seen=when, cwd=row.cwd or transcript.cwd)
        return Revision(row, [("session.closing", {"turns": len(transcript.turns)})])

    return doors.registry.change(transcript.session, begun)


def decide(doors: Doors, transcript: Transcript, when: datetime, progress: Progress) -> tuple[Plan, dict[str, bytes]]:
    """The plan of a close, and the present contents of the files it rewrites. Writes nothing."""
    with progress.step("intake"):
        forgotten = doors.catalogue.tombstones if doors.catalogue.any_tombstone() else None
        taken = take_in(transcript, doors.redactor, forgotten)
    key = transcript.session
    known = doors.catalogue.session(key)
    row = doors.registry.get(key)
    cwd = transcript.cwd or (row.cwd if row else None)
    code = doors.code.state(Path(cwd)) if cwd else None
    scope = row.scope if row and not row.scope.is_global else scope_of(code, cwd)
    plan = Plan(
        session=key,
        scope=scope,
        outcome="close",
        reason="",
        digest=taken.digest,
        turns=len(taken.transcript.turns),
        base=doors.vault.head(),
        redactions=taken.redactions,
        skipped=transcript.skipped,
        notices=_notices(taken),
    )
    if known is not None and known.digest == taken.digest:
        return replace(plan, outcome="done", reason="this very transcript is committed already"), {}
    if known is not None and _older(taken, known, _previous(doors, known)):
        # What stands is the receipt of the whole.
        newer = replace(plan, digest=known.digest, turns=known.turns)
        return replace(newer, outcome="done", reason="an older copy of what is committed already"), {}
    with ThreadPoolExecutor(1) as aside, progress.step("decide"):
        scanning = aside.submit(_scan, doors, cwd, row, transcript.ended or when, when)
        candidates = fragments.extract(
            taken.transcript.turns, scope, key, new_from=_seen(taken, known), embed=doors.embedder.embed
        )
        if taken.nothing and not candidates and known is None:
            return replace(plan, outcome="nothing", reason=taken.nothing, scan=scanning.result()), {}
        audited = row.audited if row and row.status == "closing" else None
        return _decided(doors, plan, taken, known, candidates, code, scanning, when, progress, audited)


def _decided(
    doors: Doors,
    plan: Plan,
    taken: Intake,
    known: KnownSession | None,
    candidates: Sequence[Fragment],
    code: CodeState | None,
    scanning: Future[ScanReport],
    when: datetime,
    progress: Progress,
    audited: str | None,
) -> tuple[Plan, dict[str, bytes]]:
    # A session closed long after it ended, from a backlog, is as old as it is.
    when = min(when, taken.transcript.ended or when)
    deciding = Deciding(doors, when)
    with progress.step("dedup"):
        deciding.take(candidates)
    with progress.step("subjects"):
        previous = _previous(doors, known)
        found = subjects.find(doors, taken.exchanges, plan.scope, previous, ask_gateway=not deciding.offline)
    with progress.step("summaries"):
        written = [_summary(doors, taken, subject, deciding) for subject in found]
    scan = scanning.result()
    pages = notes.Notes(doors, when)
    began = taken.transcript.started or when
    episode = known.episode if known else layout.episode(found[0].slug, plan.session, began)
    with progress.step("notes"):
        paths = notes.fragments(pages, deciding, {str(plan.session): episode}, found)
        notes.session(pages, taken, plan.scope, found, written, deciding.decisions, paths, episode, scan)
        pages.put(handoff.note(taken.transcript, plan.scope, written, code, scan, when), handoff.OURS)
        notes.memory(pages)
        files = pages.files()
    gateway = OFFLINE if deciding.offline else "online"
    made = replace(
        plan,
        subjects=tuple(found),
        summaries=tuple(written),
        decisions=tuple(deciding.decisions),
        consulted=tuple(sorted(deciding.paths.values())),
        files=files,
        scan=scan,
        gateway=gateway,
        message=_message(plan, found, deciding, gateway, audited),
        redactions=dict(Counter(plan.redactions) + pages.caught),
        notices=(*plan.notices, *doors.embedder.notices),
    )
    return made, doors.vault.read(list(files))


def _seen(taken: Intake, known: KnownSession | None) -> int:
    """The first turn that is new: after those an earlier close saw, if they still are what they were."""
    return known.turns if known is not None and taken.grows(known.turns, known.digest) else 0


def _older(taken: Intake, known: KnownSession, episode: Note | None) -> bool:
    """Whether these turns are the beginning of what the vault has: a stale copy must not undo the rest."""
    turns = taken.transcript.turns
    if episode is None or len(turns) >= known.turns:
        return False
    recorded = {t.index: t.text.strip() for t in episode_note.turns(episode) if t.role in ("user", "assistant")}
    return all(recorded.get(t.index) == t.text.strip() for t in turns if t.role in ("user", "assistant"))


def _previous(doors: Doors, known: KnownSession | None) -> Note | None:
    if known is None:
        return None
    content = doors.vault.read([known.episode]).get(known.episode)
    return parse(known.episode, content) if content is not None else None


def _summary(doors: Doors, taken: Intake, subject: Subject, deciding: Deciding) -> Summary:
    mine = set(subject.turns)
    turns = [t for t in taken.transcript.turns if t.index in mine]
    said = [
        d.fragment
        for d in deciding.decisions
        if d.kind in ("add", "update", "merge", "touch") and mine & {t for s in d.fragment.sources for t in s.turns}
    ]
    earlier = doors.catalogue.notes("summary", subject=subject.slug, limit=10)
    others = [n for n in earlier if n.text("session") != str(taken.transcript.session)]
    return summaries.summarise(
        subject,
        turns,
        decisions=[f for f in said if f.kind in ("decision", "correction") and f.status == "active"],
        commitments=[f for f in said if f.kind == "commitment" and f.status == "active"],
        earlier=[summaries.OpenItem(text, path) for text, path in index.open_lines(others)],
        root=taken.transcript.cwd or "",
    )


def _scan(doors: Doors, cwd: str | None, row: Session | None, ended: datetime, when: datetime) -> ScanReport:
    if not cwd or not Path(cwd).is_dir():
        return ScanReport("skipped", "the session names no folder that is here")
    if when - ended > STALE and not (row and row.start_commit):
        return ScanReport("skipped", f"the session ended on {iso(ended)[:10]}: its folder has changed since")
    return doors.scanner.scan(Path(cwd), row.start_commit if row else None, row.start_tree if row else None)


def _notices(taken: Intake) -> tuple[str, ...]:
    cut = taken.transcript.shortened
    return (f"{cut} turn(s) were longer than is kept, and cut",) if cut else ()


def _message(plan: Plan, found: Sequence[Subject], deciding: Deciding, gateway: str, audited: str | None) -> str:
    counts: dict[str, int] = {}
    for decision in deciding.decisions:
        counts[decision.kind] = counts.get(decision.kind, 0) + 1
    body = "".join(f"- {one_line(s.title, 80)} ({len(s.turns)} turns)\n" for s in found[:20])
    told = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())) or "none"
    return (
        f"Close {one_line(str(plan.session), 60)}: {one_line(found[0].title, 60)}\n\n{body}\nFragments: {told}\n\n"
        f"Closer-Session: {one_line(str(plan.session))}\nCloser-Digest: {plan.digest}\nCloser-Gateway: {gateway}\n"
        + (f"{AUDIT}: {audited}\n" if audited else "")
    )


def _act(
    doors: Doors, plan: Plan, previous: dict[str, bytes], session: Session, when: datetime, progress: Progress
) -> Receipt:
    commit, kept = None, []
    if plan.outcome == "close" and plan.files:
        with progress.step("commit"):
            commit = doors.vault.commit(plan.files, plan.message, plan.base)
            kept = doors.vault.checkout(plan.files, previous)
    with progress.step("catalogue"):
        follow.catch_up(doors, placed=True)
    with progress.step("gateway"):
        doors.embedder.flush()
        gateway = follow.send(doors, doors.limits.gateway_budget)
    receipt = receipt_of(doors, plan, commit, kept, gateway, when, progress)
    return signal(doors, session, plan.scope, receipt, when)


def receipt_of(
    doors: Doors,
    plan: Plan,
    commit: str | None,
    kept: Sequence[str],
    gateway: StoreState,
    when: datetime,
    progress: Progress,
) -> Receipt:
    """The receipt of a plan acted upon."""
    stores = {
        "vault": StoreState("written" if commit else "unchanged", len(plan.files)),
        "catalogue": StoreState("written" if commit else "unchanged"),
        "gateway": gateway,
    }
    return Receipt(
        operation="close",
        session=plan.session,
        scope=plan.scope,
        outcome=plan.outcome,
        reason=plan.reason,
        when=iso(when),
        commit=commit or _earlier_commit(doors, plan),
        digest=plan.digest,
        turns=plan.turns,
        subjects=plan.subjects,
        decisions=plan.decisions,
        files=tuple(p for p, c in plan.files.items() if c is not None),
        removed=tuple(p for p, c in plan.files.items() if c is None),
        kept_by_hand=tuple(kept),
        stores=stores,
        redactions=plan.redactions,
        skipped=plan.skipped,
        scan=plan.scan,
        notices=plan.notices,
        milliseconds=progress.milliseconds,
    )


def _earlier_commit(doors: Doors, plan: Plan) -> str | None:
    """The commit that holds what is already done: from the registry, which wrote it down."""
    row = doors.registry.get(plan.session) if plan.outcome == "done" else None
    receipt = row.receipt if row else None
    if receipt and receipt.get("digest") == plan.digest and receipt.get("commit"):
        return str(receipt["commit"])
    known = doors.catalogue.session(plan.session) if plan.outcome == "done" else None
    return known.head if known else None


def running(doors: Doors, key: SessionKey) -> Transcript:
    """The transcript a session's checkpoints have gathered."""
    row = doors.registry.get(key)
    return Transcript(key, doors.registry.turns(key), cwd=row.cwd if row else None)
