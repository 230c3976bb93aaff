"""The fuller record of one session as a note, and back: verbatim text, tool output folded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from agent.domain import layout
from agent.domain.markdown import clean, iso, moment, one_line, prose, quoted, turns_of, turns_text, unprose, unquoted
from agent.domain.note import NOTE_BYTES, Note
from agent.domain.scan import ScanReport
from agent.domain.session import Scope, SessionKey
from agent.domain.subject import Subject
from agent.domain.transcript import ROLES, Action, Role, Transcript, Turn

TOOL_CHARACTERS = 1_500
"""How much of a tool's output an episode keeps: enough to see what happened."""
SCAN = "Security scan"
CITED = 100_000
"""How many turns front matter may claim for its subjects in all."""

_TURN = re.compile(r"### t(?P<index>\d{1,9}) · (?P<role>[a-z]+)(?: · (?P<rest>.*))?\Z")


def to_note(
    transcript: Transcript,
    path: str,
    scope: Scope,
    subjects: Sequence[Subject],
    digest: str,
    *,
    when: datetime,
    scan: ScanReport | None = None,
) -> Note:
    """The note of a session; `subjects` with the primary one first. What doesn't fit a note's size is cut from the
    end and said so."""
    primary = subjects[0]
    meta = {
        "id": f"episode-{path.removesuffix('.md')[-8:]}",
        "type": "episode",
        "title": primary.title,
        "session": str(transcript.session),
        "host": transcript.session.host,
        "scope": scope.name,
        "subject": layout.link(layout.subject(primary.slug), primary.title),
        "subjects": [f"{s.slug} {turns_text(s.turns)}" for s in subjects],
        "started": iso(transcript.started or when),
        "ended": iso(transcript.ended or when),
        "turns": len(transcript.turns),
        "digest": digest,
    }
    parts = [f"# {prose(primary.title)}"]
    if scan is not None:
        parts.append(f"## {SCAN}\n\n{scan_text(scan)}")
    slug_of = {index: subject for subject in subjects for index in subject.turns}
    current, size = None, 0
    for turn in transcript.turns:
        subject = slug_of.get(turn.index, current)
        block = _turn(turn, transcript.started)
        size += len(block.encode("utf-8", "replace"))
        if size > NOTE_BYTES:
            parts.append(f"*The record is cut here: {len(transcript.turns) - turn.index} more turns did not fit.*")
            break
        if subject is not current and subject is not None:
            parts.append(f"## {prose(subject.title)}")
            current = subject
        parts.append(block)
    return Note(path, meta, "\n\n".join(parts))


def _turn(turn: Turn, started: datetime | None) -> str:
    name = one_line(turn.name or "", 60).replace("·", "-")
    head = " · ".join(p for p in (f"### t{turn.index}", turn.role, name, _clock(turn.when, started)) if p)
    if turn.role != "tool":
        return f"{head}\n\n{quoted(turn.text)}"
    done = {True: "ok", False: "failed", None: ""}[turn.action.ok] if turn.action else ""
    what = one_line(turn.action.target, 120) if turn.action else ""
    label = " · ".join(p for p in (turn.action.verb if turn.action else "", prose(what), done) if p)
    body = clean(turn.text)
    if len(body) > TOOL_CHARACTERS:
        half = TOOL_CHARACTERS // 2
        body = f"{body[:half]}\n[… {len(body) - 2 * half:,} characters left out …]\n{body[-half:]}"
    return f"{head}\n\n> [!tool]- {label or 'tool'}\n{quoted(body)}"


def _clock(when: datetime | None, started: datetime | None) -> str:
    if when is None:
        return ""
    return iso(when)[11:16] if started and when.date() == started.date() else iso(when)[:16].replace("T", " ")


def turns(note: Note) -> list[Turn]:
    """The turns an episode holds. Tool output as kept; times to the minute are not read back."""
    found: list[Turn] = []
    head: re.Match[str] | None = None
    lines: list[str] = []
    for line in [*note.body.split("\n"), "### end"]:
        match = _TURN.match(line)
        if match or line.startswith("### ") or line.startswith("## "):
            if head is not None:
                found.append(_read(head, lines))
            head, lines = match, []
        elif line.startswith(">"):
            lines.append(line)
    return found


def _read(head: re.Match[str], lines: Sequence[str]) -> Turn:
    role = cast(Role, head["role"]) if head["role"] in ROLES else "tool"
    rest = (head["rest"] or "").split(" · ")
    name = rest[0] if rest[0] and not re.match(r"\d\d:\d\d|\d{4}-", rest[0]) else None
    action = None
    if role == "tool" and lines and lines[0].startswith("> [!tool]- "):
        label = lines[0][11:].split(" · ")
        if label[0] in ("write", "run", "read", "other"):
            ok = {"ok": True, "failed": False}.get(label[-1])
            target = unprose(" · ".join(label[1 : -1 if ok is not None else None]))
            action = Action(label[0], target, ok)  # type: ignore[arg-type]
        lines = lines[1:]
    return Turn(role, unquoted(lines), name, None, int(head["index"]), action)


def subjects(note: Note) -> dict[str, tuple[int, ...]]:
    """Subject slug to its turns, primary first, as the episode's front matter lists them."""
    found: dict[str, tuple[int, ...]] = {}
    room = CITED
    for entry in note.texts("subjects"):
        slug, _, listed = entry.partition(" ")
        found[slug] = turns_of(listed, room)
        room -= len(found[slug])
    return found


def session(note: Note) -> SessionKey:
    return SessionKey.parse(note.text("session"))


def started(note: Note) -> datetime | None:
    return moment(note.text("started"))


def scan_text(scan: ScanReport) -> str:
    """A scan in markdown, for a person."""
    head = {"clean": "Clean", "findings": "Findings", "not scanned": "Not scanned", "skipped": "Skipped"}[scan.verdict]
    lines = [f"**{head}**" + (f": {prose(scan.reason)}" if scan.reason else "")]
    for title, group in (("On lines this session changed", scan.new), ("There before", scan.old)):
        if group:
            lines.append(f"{title}:")
            lines.append(
                "\n".join(f"- `{one_line(f.path)}:{f.line}` {f.rule} {f.severity}: {prose(f.text)}" for f in group[:50])
            )
    if scan.unscanned:
        lines.append("Not looked at:")
        lines.append("\n".join(f"- `{one_line(p)}`: {prose(why)}" for p, why in scan.unscanned[:50]))
    return "\n\n".join(lines)
