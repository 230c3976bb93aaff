"""The brief: what activation hands the next session. Read from the catalogue; needs no model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.closing import follow
from agent.closing.scope import scope_of
from agent.domain import fragment_note
from agent.domain.fence import fenced, harmless
from agent.domain.markdown import one_line
from agent.domain.note import Note
from agent.domain.session import Scope, Session, SessionKey
from agent.errors import Busy
from agent.ports import Doors
from agent.stages import index

STATEMENTS, SUBJECTS, OPEN_ITEMS = 30, 8, 10
SURE, WORTHY = 0.3, 0.8
"""Least confidence of a statement that is put before an assistant; least score of one whose class alone is in doubt."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a new session should know, ready to be put before an assistant."""

    session: SessionKey
    scope: Scope
    text: str
    """Markdown within a fence that its content can't close: data, not instructions."""
    health: tuple[str, ...] = ()
    """What is wrong or waiting, one line each; empty when all is well."""
    left_out: int = 0
    """How many statements there was no room for."""

    def as_json(self) -> dict[str, Any]:
        return {
            "session": str(self.session),
            "scope": self.scope.name,
            "text": self.text,
            "health": list(self.health),
            "left_out": self.left_out,
        }


def open_session(doors: Doors, key: SessionKey, cwd: str | None, when: datetime) -> Brief:
    """Register the session with the state of its code, and answer with its brief. May repeat."""
    code = doors.code.state(Path(cwd), with_tree=True) if cwd and Path(cwd).is_dir() else None
    scope = scope_of(code, cwd)
    known = doors.registry.get(key)
    if known is not None and known.status in ("open", "closing"):
        # It resumes: the code it started from stays the yardstick of its scan.
        session = replace(known, status="open", seen=when, scope=scope if known.scope.is_global else known.scope)
    else:
        session = replace(
            known or Session(key),
            scope=scope,
            cwd=cwd,
            status="open",
            start_commit=code.commit if code else None,
            start_tree=code.tree if code else None,
            opened=when,
            seen=when,
        )
    doors.registry.put(session)
    restored = doors.registry.restore(key)
    doors.registry.record("session.opened", key, {"scope": scope.name, "restored_turns": restored})
    # While another process is writing, the brief is of what was known before.
    with suppress(Busy), doors.lock.hold(1.0):
        follow.catch_up(doors)
    return brief(doors, key, session.scope)


def ahead(doors: Doors, cwd: str) -> Brief:
    """The brief of a session that has not begun yet."""
    code = doors.code.state(Path(cwd)) if Path(cwd).is_dir() else None
    with suppress(Busy), doors.lock.hold(1.0):
        follow.catch_up(doors)
    return brief(doors, SessionKey("closer", "next"), scope_of(code, cwd))


def brief(doors: Doors, key: SessionKey, scope: Scope) -> Brief:
    """Standing statements of the project and the person, what is open, where the last session stopped, and health."""
    scopes = list(dict.fromkeys([scope.name, "global"]))
    health = tuple(_health(doors))
    statements = _statements(doors, scopes)
    parts = [
        ("Standing", statements[:STATEMENTS]),
        ("Left open", _open_items(doors, scope)),
        (
            "Subjects, newest first",
            [f"{n.text('title')} ({n.text('updated')[:10]})" for n in _subjects(doors, scope)],
        ),
        ("Last session", _last(doors, scope, key)),
        ("To look at", _doubts(doors, scopes)),
        ("Health", list(health)),
    ]
    body, dropped = _fitted(parts, doors.limits.brief_characters)
    return Brief(
        key, scope, fenced(body, "What earlier sessions left"), health, dropped + max(0, len(statements) - STATEMENTS)
    )


def _statements(doors: Doors, scopes: Iterable[str]) -> list[str]:
    found: list[tuple[float, str]] = []
    for scope in scopes:
        for note in doors.catalogue.notes("fragment", scope=scope, limit=200):
            item = fragment_note.from_note(note)
            if item.trusted and (item.confidence >= SURE or item.score >= WORTHY):
                weight = item.score + 0.1 * min(item.seen - 1, 5) + (0.2 if item.kind != "commitment" else 0.0)
                since = f", since {note.text('created')[:10]}" if note.text("created") else ""
                found.append((weight, f"{one_line(item.statement, 220)} ({item.kind}{since})"))
    return [line for _, line in sorted(found, key=lambda x: -x[0])]


def _subjects(doors: Doors, scope: Scope) -> list[Note]:
    return doors.catalogue.notes("subject", scope=scope.name, limit=SUBJECTS)


def _open_items(doors: Doors, scope: Scope) -> list[str]:
    lines = index.open_lines(doors.catalogue.notes("summary", scope=scope.name, limit=60))
    return [one_line(text, 200) for text, _ in lines[:OPEN_ITEMS]]


def _last(doors: Doors, scope: Scope, key: SessionKey) -> list[str]:
    for note in doors.catalogue.notes("handoff", scope=scope.name, limit=5):
        if note.text("session") != str(key):
            stopped = re.search(r"The last thing (?:asked|said) \(t[^)]*\): (.*)", note.body)
            told = [f"{note.text('title')} ({note.text('created')[:10]}), `{note.path}`"]
            return told + ([f"it stopped at: {one_line(stopped[1], 200)}"] if stopped else [])
    return []


def _doubts(doors: Doors, scopes: Iterable[str]) -> list[str]:
    waiting = sum(
        1
        for s in scopes
        for n in doors.catalogue.notes("fragment", scope=s, limit=200)
        if n.text("status") == "quarantined"
    )
    return [f"{waiting} statement(s) in quarantine wait for a person: see `quarantine/`"] if waiting else []


def _health(doors: Doors) -> Iterable[str]:
    pending = doors.catalogue.pending()
    if pending:
        yield f"{pending} passage(s) wait for the gateway; `closer reconcile` sends them"
    unfinished = doors.registry.sessions(status=["closing", "failed"], limit=20)
    if unfinished:
        names = ", ".join(str(s.key) for s in unfinished[:3])
        yield f"{len(unfinished)} session(s) began to close and did not finish: {names}"
    unreadable = doors.catalogue.unreadable()
    if unreadable:
        yield f"{len(unreadable)} note(s) can't be read: {', '.join(list(unreadable)[:3])}"


def _fitted(parts: list[tuple[str, list[str]]], room: int) -> tuple[str, int]:
    """Lines until the room is used up; health comes first into account, so that it is never what is cut."""
    reserved = sum(len(line) + 3 for title, lines in parts if title == "Health" for line in lines)
    left, dropped = room - reserved, 0
    shown: list[str] = []
    for title, lines in parts:
        kept = []
        for line in lines:
            text = f"- {harmless(line)}"
            cost = 0 if title == "Health" else len(text) + 1
            if cost <= left:
                left -= cost
                kept.append(text)
            else:
                dropped += 1
        if kept:
            shown.append(f"## {title}\n" + "\n".join(kept))
    if not shown:
        shown.append("Nothing is remembered here yet.")
    return "\n\n".join(shown), dropped
