"""A summary of one subject in one session as a note, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.domain import layout
from agent.domain.markdown import TURNS, iso, one_line, prose, turns_of, turns_text, unprose
from agent.domain.note import Note, sections
from agent.domain.session import Scope, SessionKey
from agent.domain.subject import Line, Subject, Summary

DECIDED, PRODUCED, OPEN, CLOSED, KEPT = "Decided", "Produced", "Left open", "Closed", "Fragments"
OURS = (DECIDED, PRODUCED, OPEN, CLOSED, KEPT)
CITED = 1_000
"""How many turns one line may cite."""

_ITEM = re.compile(rf"- (?:\[[ x]\] )?(?P<text>.*?)(?: \((?P<turns>{TURNS})\))?\Z")


def to_note(
    summary: Summary,
    path: str,
    session: SessionKey,
    scope: Scope,
    episode: str,
    *,
    when: datetime,
    fragments: Mapping[str, str] | None = None,
) -> Note:
    """The note of a summary. `fragments`: path to statement of what was kept from this subject's turns."""
    subject = summary.subject
    meta = {
        "id": f"{subject.slug}-{path.removesuffix('.md')[-8:]}",
        "type": "summary",
        "title": subject.title,
        "subject": layout.link(layout.subject(subject.slug), subject.title),
        "slug": subject.slug,
        "session": str(session),
        "episode": layout.link(episode, str(session)),
        "scope": scope.name,
        "created": iso(when),
        "said": turns_text(subject.turns),
        "open": len(summary.left_open),
        "tags": list(subject.keywords),
    }
    parts = [f"# {prose(subject.title)}"]
    if summary.gist:
        parts.append("\n\n".join(_cited(line) for line in summary.gist))
    for heading, lines in (
        (DECIDED, summary.decided),
        (PRODUCED, summary.produced),
        (OPEN, summary.left_open),
        (CLOSED, summary.closed),
    ):
        if lines:
            box = {OPEN: "[ ] ", CLOSED: "[x] "}.get(heading, "")
            parts.append(f"## {heading}\n\n" + "\n".join(f"- {box}{_cited(line)}" for line in lines))
    if fragments:
        listed = "\n".join(f"- {layout.link(p, one_line(text, 100))}" for p, text in fragments.items())
        parts.append(f"## {KEPT}\n\n{listed}")
    return Note(path, meta, "\n\n".join(parts))


def _cited(line: Line) -> str:
    cited = turns_text(line.turns)
    return f"{prose(line.text)} ({cited})" if cited else prose(line.text)


def from_note(note: Note) -> Summary:
    """The summary a note holds, a person's changes to its lines included."""
    head, found = sections(note.body)
    by_title = {s.title: _lines(s.text) for s in found}
    subject = Subject(note.text("slug"), note.text("title"), turns_of(note.text("said")), note.texts("tags"))
    gist = tuple(_line(f"- {p}") for p in head.split("\n\n") if p.strip() and not p.startswith("# "))
    return Summary(
        subject,
        gist,
        by_title.get(DECIDED, ()),
        by_title.get(PRODUCED, ()),
        by_title.get(OPEN, ()),
        by_title.get(CLOSED, ()),
    )


def _lines(text: str) -> tuple[Line, ...]:
    return tuple(_line(item) for item in text.split("\n") if item.startswith("- "))


def _line(item: str) -> Line:
    match = _ITEM.match(item.strip())
    if match is None:
        return Line(unprose(item), ())
    return Line(unprose(match["text"]), turns_of(match["turns"] or "", CITED))


def slots(summary: Summary) -> Sequence[tuple[str, Line]]:
    """Every line with the name of the slot it stands in."""
    return [
        *(("gist", line) for line in summary.gist),
        *(("decided", line) for line in summary.decided),
        *(("produced", line) for line in summary.produced),
        *(("open", line) for line in summary.left_open),
        *(("closed", line) for line in summary.closed),
    ]
