"""A fragment as a note in the vault, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from agent.domain import layout
from agent.domain.fragment import (
    CLASSES,
    Fragment,
    FragmentStatus,
    Source,
    Trust,
)
from agent.domain.identity import digest
from agent.domain.markdown import (
    TURNS,
    iso,
    moment,
    one_line,
    prose,
    quoted,
    turns_of,
    turns_text,
    unprose,
    unquoted,
)
from agent.domain.note import Note, sections
from agent.domain.session import GLOBAL, Scope, SessionKey

EVIDENCE = "Evidence"
RELATED = "Related"
OURS = (EVIDENCE, RELATED)
QUOTE_CHARACTERS = 1_200
FIRST_SOURCES, LAST_SOURCES = 20, 80
"""How many of its sources a note lists, from the beginning and from the end: `seen` counts them all."""
ALIASES = 20

_SOURCE = re.compile(rf"(?:\[\[[^\]|]*\|(?P<linked>[^\]]*)\]\]|(?P<plain>\S.*?))(?: (?P<turns>{TURNS}))?\Z")


def to_note(
    item: Fragment,
    path: str,
    *,
    episodes: Mapping[str, str] | None = None,
    related: Mapping[str, str] | None = None,
) -> Note:
    """The note of a fragment. `episodes`: session key to the path of its episode, where there is one to link to;
    `related`: path to statement of the neighbours it stands beside."""
    known = episodes or {}
    item = replace(item, sources=_listed(item.sources), aliases=item.aliases[-ALIASES:])
    meta = {
        "id": item.id,
        "type": "fragment",
        "class": item.kind,
        "scope": item.scope.name,
        "entity": item.entity,
        "attribute": item.attribute,
        "title": one_line(item.statement, 80),
        "status": item.status,
        "trust": item.trust,
        "score": round(item.score, 2),
        "confidence": round(item.confidence, 2),
        "created": iso(item.created),
        "updated": iso(item.updated),
        "valid_from": iso(item.valid_from),
        "valid_to": iso(item.valid_to),
        "seen": item.seen,
        "sources": [_source(s, known) for s in item.sources],
        "supersedes": list(item.supersedes),
        "superseded_by": item.superseded_by or "",
        "aliases": [one_line(a, 200) for a in item.aliases],
        "tags": list(item.tags),
    }
    return Note(path, meta, _body(item, known, related or {}))


def _listed(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    if len(sources) <= FIRST_SOURCES + LAST_SOURCES:
        return sources
    return sources[:FIRST_SOURCES] + sources[-LAST_SOURCES:]


def _body(item: Fragment, episodes: Mapping[str, str], related: Mapping[str, str]) -> str:
    parts = [prose(item.statement)]
    quotes = [s for s in item.sources if s.quote]
    if quotes:
        parts.append(f"## {EVIDENCE}")
        parts += [f"{quoted(s.quote[:QUOTE_CHARACTERS])}\n\n— {_source(s, episodes)}" for s in quotes]
    if related:
        parts.append(f"## {RELATED}")
        parts.append("\n".join(f"- {layout.link(path, one_line(text, 80))}" for path, text in related.items()))
    return "\n\n".join(parts)


def _source(source: Source, episodes: Mapping[str, str]) -> str:
    key = str(source.session)
    link = layout.link(episodes[key], key) if key in episodes else ""
    # A key with characters that no link's label can have stands by itself.
    name = link if link.endswith(f"|{key}]]") else one_line(key)
    return f"{name} {turns_text(source.turns)}".strip()


def from_note(note: Note) -> Fragment:
    """The fragment a note holds. A person may have changed any of it: odd values become the cautious default."""
    head, found = sections(note.body)
    statement = unprose(one_line(head)) or note.text("title")
    kind = note.text("class")
    status, trust = note.text("status"), note.text("trust")
    quotes = _quotes(next((s.text for s in found if s.title == EVIDENCE), ""))
    return Fragment(
        id=note.text("id") or digest(note.path),
        statement=statement,
        kind=kind if kind in CLASSES else "fact",
        scope=Scope(note.text("scope") or GLOBAL.name),
        entity=note.text("entity"),
        attribute=note.text("attribute"),
        trust=cast(Trust, trust) if trust in ("user", "agreed", "assistant", "tool") else "tool",
        status=cast(FragmentStatus, status)
        if status in ("active", "superseded", "retracted", "quarantined")
        else "quarantined",
        score=note.number("score", 0.5),
        confidence=note.number("confidence", 0.5),
        created=moment(note.text("created")),
        updated=moment(note.text("updated")),
        valid_from=moment(note.text("valid_from")),
        valid_to=moment(note.text("valid_to")),
        seen=max(1, int(note.number("seen", 1))),
        sources=tuple(_parsed(text, quotes) for text in note.texts("sources")),
        supersedes=note.texts("supersedes"),
        superseded_by=note.text("superseded_by") or None,
        aliases=note.texts("aliases"),
        tags=note.texts("tags"),
    )


def _quotes(evidence: str) -> dict[str, str]:
    """Source line, without its link, to the words quoted above it."""
    quotes: dict[str, str] = {}
    lines: list[str] = []
    for line in evidence.split("\n"):
        if line.startswith(">"):
            lines.append(line)
        elif line.startswith("— ") and lines:
            source = _parsed(line[2:], {})
            quotes[_key(source)] = unquoted(lines)
            lines = []
    return quotes


def _parsed(text: str, quotes: Mapping[str, str]) -> Source:
    match = _SOURCE.match(text.strip())
    key = (match["linked"] or match["plain"]) if match else text
    source = Source(SessionKey.parse(key), turns_of((match["turns"] if match else "") or ""))
    return Source(source.session, source.turns, quotes.get(_key(source), ""))


def _key(source: Source) -> str:
    return f"{source.session} {turns_text(source.turns)}"


def path_for(item: Fragment, when: datetime) -> str:
    """Where a new fragment goes; an existing one stays where it is."""
    return layout.fragment(item, item.created or when)
