"""Take back: forget a statement for good, or roll back what a session wrote. Each is one commit, with tombstones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from agent.closing import follow, hands, notes
from agent.domain import fragment_note, layout
from agent.domain.decision import Decision
from agent.domain.fragment import Fragment
from agent.domain.identity import normalised, statement_digest
from agent.domain.markdown import iso, one_line, prose
from agent.domain.note import Note, parse, render
from agent.domain.progress import Progress
from agent.domain.receipt import Operation, Receipt, StoreState
from agent.domain.session import GLOBAL, SessionKey
from agent.errors import UsageError
from agent.ports import Doors
from agent.stages.intake import FORGOTTEN


def forget(doors: Doors, what: str, when: datetime, progress: Progress) -> Receipt:
    """Forget a fragment, by id or by its text: its note goes, its words are struck from episodes and summaries, and a
    tombstone, which keeps only digests, sees to it that they are not learned again."""
    with doors.lock.hold(doors.limits.lock_wait):
        follow.catch_up(doors)
        found = _meant(doors, what)
        if not found:
            raise UsageError(
                f"no fragment has the id or the text “{one_line(what, 80)}”",
                hint="`closer recall` shows ids; `closer forget ID` takes one",
            )
        pages = notes.Notes(doors, when)
        files: dict[str, bytes | None] = {}
        for path, item in found:
            pages.remove(path)
            for words in {item.statement, *item.aliases, *(s.quote for s in item.sources if s.quote)}:
                tomb = _tombstone(words, when)
                files[tomb.path] = render(tomb)
            files |= _struck(doors, path, item, files)
            _revive(doors, pages, item, when)
        decisions = tuple(
            Decision(
                "skip",
                replace(item, status="retracted", statement=FORGOTTEN, sources=()),
                "forgotten on request",
            )
            for _, item in found
        )
        return _commit(doors, "forget", None, pages, files, "Forget a statement", decisions, when, progress)


def _meant(doors: Doors, what: str) -> list[tuple[str, Fragment]]:
    ids = [what] if doors.catalogue.fragments([what]) else doors.catalogue.same_statement(statement_digest(what))
    return [(path, fragment_note.from_note(note)) for path, note in doors.catalogue.fragments(ids).values()]


def _tombstone(words: str, when: datetime) -> Note:
    digest = statement_digest(words)
    meta = {"id": f"tombstone-{digest[:8]}", "type": "tombstone", "digest": digest, "created": iso(when)}
    return Note(layout.tombstone(digest), meta, prose("A statement that was forgotten; only its digest is kept."))


def _struck(doors: Doors, note: str, item: Fragment, done: dict[str, bytes | None]) -> dict[str, bytes | None]:
    """The episodes, summaries, pages and hand-offs that quote a statement, with its words struck out."""
    sessions = {str(s.session) for s in item.sources}
    paths = {
        found.path
        for key in sessions
        for kind in ("episode", "summary", "handoff")
        for found in doors.catalogue.notes(kind, session=key, limit=500)
    }
    paths |= {layout.subject(slug) for slug in item.tags}
    words = sorted({item.statement, *item.aliases, *(s.quote for s in item.sources)}, key=len, reverse=True)
    shown = [
        w for text in words if normalised(text) for w in dict.fromkeys((text, prose(text), *text.split("\n"))) if w
    ]
    found: dict[str, bytes | None] = {}
    for path, content in doors.vault.read(sorted(paths)).items():
        present = done.get(path) or content
        text = present.decode("utf-8", "replace")
        # The link's target is gone, and its path still spells the words.
        text = "\n".join(line for line in text.split("\n") if f"[[{note.removesuffix('.md')}" not in line)
        for one in shown:
            if len(normalised(one)) >= 3:
                text = text.replace(one, FORGOTTEN)
        if text.encode() != present:
            found[path] = text.encode()
    return found


def rollback(doors: Doors, key: SessionKey, when: datetime, progress: Progress) -> Receipt:
    """Take back all that a session wrote. What it superseded stands again; what it only touched loses that sighting;
    its statements get tombstones."""
    with doors.lock.hold(doors.limits.lock_wait):
        follow.catch_up(doors)
        commits = doors.vault.commits_of(key)
        if not commits:
            raise UsageError(f"no commit in the vault is of session {key}", hint="`closer status` lists sessions")
        pages = notes.Notes(doors, when)
        files: dict[str, bytes | None] = {}
        decisions: list[Decision] = []
        for kind in ("episode", "summary", "handoff"):
            for note in doors.catalogue.notes(kind, session=str(key), limit=1000):
                pages.remove(note.path)
        touched = {c.path for commit in commits for c in doors.vault.changes(doors.vault.parent(commit), commit)}
        for path, note in _fragments_at(doors, touched):
            item = fragment_note.from_note(note)
            others = tuple(s for s in item.sources if s.session != key)
            if item.sources and not others:
                pages.remove(path)
                tomb = _tombstone(item.statement, when)
                files[tomb.path] = render(tomb)
                decisions.append(Decision("skip", replace(item, status="retracted"), f"session {key} was rolled back"))
                _revive(doors, pages, item, when)
            elif len(others) < len(item.sources):
                kept = replace(item, sources=others, seen=max(1, item.seen - 1), updated=when)
                pages.put(fragment_note.to_note(kept, path), (fragment_note.EVIDENCE,))
        if not pages.gone and not pages.made:
            raise UsageError(f"nothing of session {key} is left in the vault", hint="it was rolled back before")
        _repage(doors, pages, key)
        receipt = _commit(
            doors, "rollback", key, pages, files, f"Roll back session {one_line(str(key), 60)}", tuple(decisions), when,
            progress,
        )  # fmt: skip
        row = doors.registry.get(key)
        if row is not None:
            doors.registry.put(replace(row, status="abandoned", reason="rolled back", receipt=None))
        doors.registry.record("session.rolledBack", key, {"commit": receipt.commit})
        return receipt


def _fragments_at(doors: Doors, paths: Iterable[str]) -> list[tuple[str, Note]]:
    roots = (f"{layout.FRAGMENTS}/", f"{layout.QUARANTINE}/")
    asked = sorted(p for p in paths if p.startswith(roots))
    return [(path, parse(path, content)) for path, content in doors.vault.read(asked).items()]


def _revive(doors: Doors, pages: notes.Notes, item: Fragment, when: datetime) -> None:
    for path, note in doors.catalogue.fragments(item.supersedes).values():
        old = fragment_note.from_note(note)
        if old.superseded_by == item.id and path not in pages.gone:
            again = replace(old, status="active", superseded_by=None, valid_to=None, updated=when)
            pages.put(fragment_note.to_note(again, path), (fragment_note.EVIDENCE,))


def _repage(doors: Doors, pages: notes.Notes, key: SessionKey) -> None:
    """Subject pages without the session's summaries; a subject that had nothing else goes."""
    slugs = {n.text("slug") for n in doors.catalogue.notes("summary", session=str(key), limit=1000)}
    for slug in sorted(slugs):
        others = [n for n in doors.catalogue.notes("summary", subject=slug, limit=2) if n.path not in pages.gone]
        if others:
            notes.subject_page(pages, slug)
        else:
            pages.remove(layout.subject(slug))


def _commit(
    doors: Doors,
    operation: Operation,
    key: SessionKey | None,
    pages: notes.Notes,
    files: dict[str, bytes | None],
    title: str,
    decisions: Sequence[Decision],
    when: datetime,
    progress: Progress,
) -> Receipt:
    notes.memory(pages)
    made = pages.files()
    made |= files
    hands.keep(doors, made)
    present = doors.vault.read(list(made))
    made = {p: c for p, c in made.items() if c is not None or p in present}
    trailer = f"Closer-Undoes: {one_line(str(key))}\n" if key else "Closer-Undoes: statement\n"
    with progress.step("commit"):
        commit = doors.vault.commit(made, f"{title}\n\n{trailer}", doors.vault.head())
        kept = doors.vault.checkout(made, present)
    follow.catch_up(doors, placed=True)
    with progress.step("gateway"):
        doors.embedder.flush()
        gateway = follow.send(doors, doors.limits.gateway_budget)
    return Receipt(
        operation=operation,
        session=key,
        scope=GLOBAL,
        outcome="close",
        when=iso(when),
        commit=commit,
        decisions=tuple(decisions),
        files=tuple(p for p, c in made.items() if c is not None),
        removed=tuple(p for p, c in made.items() if c is None),
        kept_by_hand=tuple(kept),
        stores={
            "vault": StoreState("written", len(made)),
            "catalogue": StoreState("written"),
            "gateway": gateway,
        },
        milliseconds=progress.milliseconds,
    )
