"""The pages that lead to the notes: `MEMORY.md`, the pages of months gone by, and each subject's living page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.domain import fragment_note, layout, summary_note
from agent.domain.fragment import Fragment
from agent.domain.markdown import iso, one_line, prose
from agent.domain.note import Note
from agent.domain.session import Scope
from agent.domain.subject import Subject

MEMORY_LINES = 200
MEMORY_BYTES = 25_000
SUBJECT_LINES = 110
STANDING_LINES = 50
SHOWN = 20
"""How many sessions and standing statements a subject's page lists."""

STANDING, OPEN, SESSIONS, SUBJECTS, OLDER = "Standing", "Open", "Sessions", "Subjects", "Older"
OURS = (STANDING, OPEN, SESSIONS, SUBJECTS, OLDER)


def subject_page(
    subject: Subject,
    scope: Scope,
    summaries: Sequence[Note],
    fragments: Sequence[tuple[str, Fragment]],
    when: datetime,
    created: str = "",
) -> Note:
    """The living page of a subject. `summaries` newest first; `fragments` as (path, fragment)."""
    standing = [(p, f) for p, f in fragments if f.trusted and f.kind != "commitment"][:SHOWN]
    open_items = open_lines(summaries)
    meta = {
        "id": f"subject-{subject.slug}",
        "type": "subject",
        "title": subject.title,
        "slug": subject.slug,
        "scope": scope.name,
        "created": created or iso(when),
        "updated": iso(when),
        "keywords": list(subject.keywords),
        "sessions": len(summaries),
        "open": len(open_items),
    }
    parts = [f"# {prose(subject.title)}"]
    if standing:
        parts.append(_section(STANDING, [f"{prose(f.statement)} {layout.link(p, f.kind)}" for p, f in standing]))
    if open_items:
        parts.append(_section(OPEN, [f"[ ] {prose(text)} {layout.link(p, 'from')}" for text, p in open_items[:SHOWN]]))
    listed = [f"{n.text('created')[:10]} {layout.link(n.path, n.text('title'))}" for n in summaries[:SHOWN]]
    parts.append(_section(SESSIONS, listed))
    return Note(layout.subject(subject.slug), meta, "\n\n".join(parts))


def open_lines(summaries: Sequence[Note]) -> list[tuple[str, str]]:
    """(text, path) of what summaries, newest first, left open and no later one closed."""
    closed: set[str] = set()
    found: list[tuple[str, str]] = []
    for note in summaries:
        summary = summary_note.from_note(note)
        closed |= {line.text for line in summary.closed}
        for line in summary.left_open:
            if line.text not in closed and line.text not in {text for text, _ in found}:
                found.append((line.text, note.path))
    return found


def memory(subjects: Sequence[Note], standing: Sequence[Note], months: Sequence[str], when: datetime) -> Note:
    """`MEMORY.md`: at most 200 lines and 25 kB. `subjects` newest first; `standing` fragments likewise; `months` the
    older pages that exist, as `yyyy/mm`."""
    statements = [
        f"{prose(one_line(f.statement, 140))} {layout.link(n.path, f.kind)}"
        for n, f in ((n, fragment_note.from_note(n)) for n in standing)
        if f.trusted
    ][:STANDING_LINES]
    pages = [memory_line(n) for n in subjects[:SUBJECT_LINES]]
    head = "# Memory\n\nWhat earlier sessions left. One line a page, newest first; follow a link for the whole."
    while True:
        parts = [head]
        if statements:
            parts.append(_section(STANDING, statements))
        if pages:
            parts.append(_section(SUBJECTS, pages))
        if months:
            parts.append(_section(OLDER, [layout.link(layout.memory_month(m), m) for m in months[:12]]))
        body = "\n\n".join(parts)
        if len(body.encode()) + 200 <= MEMORY_BYTES and body.count("\n") + 8 <= MEMORY_LINES:
            return Note(layout.MEMORY, {"type": "memory", "updated": iso(when)}, body)
        shrink = pages if len(pages) >= len(statements) else statements
        shrink.pop()


def memory_line(subject: Note) -> str:
    """One subject on one line: its page, when it was last met, what is open."""
    waiting = int(subject.number("open"))
    suffix = f" · {waiting} open" if waiting else ""
    return f"{layout.link(subject.path, subject.text('title'))} · {subject.text('updated')[:10]}{suffix}"


def listed(memory_note: Note) -> set[str]:
    """Paths of the subject pages a `MEMORY.md` links to."""
    return {
        part.split("|")[0].split("]]")[0] + ".md"
        for part in memory_note.body.split("[[")[1:]
        if part.startswith(f"{layout.SUBJECTS}/")
    }


def month_page(month: str, existing: Note | None, fallen: Sequence[Note], when: datetime) -> Note:
    """The page of lines that `MEMORY.md` had no more room for; subjects are added, never listed twice."""
    before = [line[2:] for line in (existing.body if existing else "").split("\n") if line.startswith("- ")]
    lines = {line.split("|")[0]: line for line in before}
    for note in fallen:
        line = memory_line(note)
        lines[line.split("|")[0]] = line
    body = f"# Memory of {month}\n\n{_section(SUBJECTS, list(lines.values()))}"
    return Note(layout.memory_month(month), {"type": "memory", "updated": iso(when)}, body)


def _section(title: str, lines: Sequence[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines)
