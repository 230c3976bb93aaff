"""Cut notes into passages. Needs no model: the same note gives the same ids and texts whatever embeds them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.domain import episode_note, fragment_note, summary_note
from agent.domain.identity import digest, session_id8
from agent.domain.markdown import iso, one_line, width
from agent.domain.note import Note
from agent.domain.passage import Passage, PassageKind, Shelf
from agent.domain.session import SessionKey
from agent.domain.transcript import Turn

PIECE_CHARACTERS = 800
"""About 200 tokens of English: within the 256-token window of the default model."""
PIECES_PER_TURN = 8
SHORTEST = 8
"""Turns with fewer letters and digits than this (`ok`, `yes please`) say nothing on their own."""

_BREAK = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')\]]))\s+|\n+")


def pieces(text: str, limit: int = PIECE_CHARACTERS) -> list[str]:
    """Text cut to at most `limit` characters a piece, between sentences or lines, else words, else anywhere."""
    found: list[str] = []
    current = ""
    for sentence in (s for s in _BREAK.split(text) if s and not s.isspace()):
        for part in _chopped(sentence.strip(), limit):
            if current and len(current) + 1 + len(part) > limit:
                found.append(current)
                current = part
            else:
                current = f"{current} {part}".strip()
    return [*found, current] if current else found


def _chopped(sentence: str, limit: int) -> list[str]:
    parts = []
    while len(sentence) > limit:
        at = sentence.rfind(" ", limit // 2, limit)
        at = at if at > 0 else limit
        parts.append(sentence[:at])
        sentence = sentence[at:].strip()
    return [*parts, sentence] if sentence else parts


def turn_texts(turn: Turn) -> list[str]:
    """What of one turn is indexed: its pieces with the speaker's name before them; nothing for tools and asides."""
    if turn.role not in ("user", "assistant") or width(turn.text) < SHORTEST:
        return []
    named = f"{turn.name}: " if turn.name and turn.name.lower() not in ("user", "assistant", "human") else ""
    return [named + piece for piece in pieces(turn.text)[:PIECES_PER_TURN]]


def of_note(note: Note) -> list[Passage]:
    """Every passage of a note, in order; empty for notes that are not searched."""
    makers = {"fragment": _fragment, "summary": _summary, "episode": _episode, "subject": _subject}
    maker = makers.get(note.text("type"))
    return maker(note) if maker else []


def _fragment(note: Note) -> list[Passage]:
    item = fragment_note.from_note(note)
    source = item.sources[0] if item.sources else None
    return [
        _passage(
            item.id,
            "fragment",
            note,
            item.statement,
            session=str(source.session) if source else "",
            turns=source.turns if source else (),
            when=iso(item.valid_from or item.created),
            kind=item.kind,
            trust=item.trust,
            status=item.status,
            slot=item.slot,
        )
    ]


def _summary(note: Note) -> list[Passage]:
    summary = summary_note.from_note(note)
    lines = [line.text for _, line in summary_note.slots(summary)]
    text = one_line(". ".join([summary.subject.title, *(line.rstrip(".") for line in lines)]))
    session = note.text("session")
    return [
        _passage(
            f"{session_id8(SessionKey.parse(session))}.{summary.subject.slug}.{n}",
            "summary",
            note,
            piece,
            session=session,
            turns=summary.subject.turns,
            when=note.text("created"),
            kind="summary",
            trust="assistant",
            subject=summary.subject.slug,
        )
        for n, piece in enumerate(pieces(text)[:PIECES_PER_TURN])
    ]


def _episode(note: Note) -> list[Passage]:
    key = episode_note.session(note)
    sid8 = session_id8(key)
    slug_of = {i: slug for slug, turns in episode_note.subjects(note).items() for i in turns}
    found = []
    for turn in episode_note.turns(note):
        for n, piece in enumerate(turn_texts(turn)):
            found.append(
                _passage(
                    f"{sid8}.t{turn.index}.{n}",
                    "episode",
                    note,
                    piece,
                    session=str(key),
                    turns=(turn.index,),
                    when=note.text("started"),
                    kind=turn.role,
                    trust="user" if turn.role == "user" else "assistant",
                    subject=slug_of.get(turn.index, ""),
                )
            )
    return found


def _subject(note: Note) -> list[Passage]:
    title, keywords = note.text("title"), note.texts("keywords")
    text = one_line(f"{title}. {', '.join(keywords)}")
    slug = note.path.rsplit("/", 1)[-1].removesuffix(".md")
    return [_passage(f"subject.{slug}", "subject", note, text, kind="subject", subject=slug)]


def _passage(
    ident: str,
    shelf: PassageKind,
    note: Note,
    text: str,
    *,
    session: str = "",
    turns: Sequence[int] = (),
    when: str = "",
    kind: str = "",
    trust: str = "",
    status: str = "active",
    slot: str = "",
    subject: str = "",
) -> Passage:
    scope = note.text("scope") or "global"
    return Passage(
        ident,
        Shelf(shelf, scope),
        text,
        digest(text),
        note.path,
        session,
        tuple(turns),
        when,
        kind,
        trust,
        status,
        slot,
        subject,
    )
