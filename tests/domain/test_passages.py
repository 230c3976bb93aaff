"""Passages: cut the same way every time, small enough for the model, nothing lost between them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain import episode_note, fragment_note, summary_note
from agent.domain.fragment import Fragment, Source
from agent.domain.identity import digest, session_id8
from agent.domain.note import Note, parse, render
from agent.domain.passage import Shelf
from agent.domain.passages import PIECE_CHARACTERS, PIECES_PER_TURN, of_note, pieces, turn_texts
from agent.domain.session import GLOBAL, Scope, SessionKey
from agent.domain.subject import Line, Subject, Summary
from agent.domain.transcript import Transcript, Turn

WHEN = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
KEY = SessionKey("cli", "s1")
TEXTS = st.text(st.sampled_from("ab.!? \n\t\"')]é日"), max_size=200)


def stuff(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(TEXTS, st.integers(1, 40))
def test_pieces_are_small_and_together_the_text(text: str, limit: int) -> None:
    found = pieces(text, limit)

    assert all(0 < len(piece) <= limit for piece in found)
    assert stuff("".join(found)) == stuff(text)
    assert pieces(text, limit) == found


def test_pieces_end_at_sentences_where_they_can() -> None:
    assert pieces('He said "Stop." Then he left. And came back', 20) == [
        'He said "Stop."',
        "Then he left.",
        "And came back",
    ]


def test_a_text_that_fits_is_one_piece() -> None:
    assert pieces("One. Two!\nThree?") == ["One. Two! Three?"]
    assert pieces(" \n ") == []


def test_a_word_longer_than_a_piece_is_cut_anywhere() -> None:
    assert pieces("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@pytest.mark.parametrize(
    "turn", [Turn("tool", "long output here"), Turn("system", "you are helpful"), Turn("user", "ok, yes")]
)
def test_tools_asides_and_nods_are_not_indexed(turn: Turn) -> None:
    assert turn_texts(turn) == []


def test_a_named_speaker_is_part_of_the_text() -> None:
    assert turn_texts(Turn("user", "We deploy on Fridays", "Ann")) == ["Ann: We deploy on Fridays"]
    assert turn_texts(Turn("user", "We deploy on Fridays", "Human")) == ["We deploy on Fridays"]


def test_one_turn_gives_no_more_than_so_many_pieces() -> None:
    found = turn_texts(Turn("user", "word " * 5_000))

    assert len(found) == PIECES_PER_TURN
    assert all(len(text) <= PIECE_CHARACTERS for text in found)


def test_a_fragments_passage_tells_what_recall_needs() -> None:
    item = Fragment(
        "0123456789abcdef",
        "We deploy on Fridays",
        "decision",
        scope=Scope("shop-1"),
        entity="shop",
        attribute="deploy day",
        sources=(Source(KEY, (1, 2)),),
        created=WHEN,
    )
    path = "fragments/decision/x.md"

    [found] = of_note(parse(path, render(fragment_note.to_note(item, path))))

    assert (found.id, found.shelf, found.text) == (item.id, Shelf("fragment", "shop-1"), "We deploy on Fridays")
    assert (found.note, found.session, found.turns, found.slot) == (path, "cli:s1", (1, 2), "shop/deploy day")
    assert (found.kind, found.trust, found.status, found.when) == ("decision", "user", "active", "2024-05-01T10:00:00Z")
    assert found.digest == digest(found.text)


def test_an_episodes_passages_are_numbered_by_session_turn_and_piece() -> None:
    transcript = Transcript.of(KEY, [Turn("user", "We deploy on Fridays"), Turn("assistant", "long " * 300)])
    note = episode_note.to_note(
        transcript, "e.md", GLOBAL, [Subject("deploy", "Deploy", (0,)), Subject("rest", "Rest", (1,))], "d", when=WHEN
    )

    found = of_note(parse("e.md", render(note)))

    sid8 = session_id8(KEY)
    assert [p.id for p in found] == [f"{sid8}.t0.0", f"{sid8}.t1.0", f"{sid8}.t1.1"]
    assert [(p.subject, p.trust, p.kind) for p in found][:2] == [
        ("deploy", "user", "user"),
        ("rest", "assistant", "assistant"),
    ]


def test_a_summarys_passage_is_its_lines() -> None:
    summary = Summary(Subject("deploy", "Deploy", (0, 1)), (Line("About it.", (0,)),), (Line("Fridays", (1,)),))
    note = summary_note.to_note(summary, "s.md", KEY, GLOBAL, "e.md", when=WHEN)

    [found] = of_note(parse("s.md", render(note)))

    assert found.text == "Deploy. About it. Fridays"
    assert (found.id, found.subject, found.turns) == (f"{session_id8(KEY)}.deploy.0", "deploy", (0, 1))


def test_a_subjects_page_is_found_by_title_and_keywords() -> None:
    note = Note("subjects/de/deploy.md", {"type": "subject", "title": "Deploy", "keywords": ["friday", "release"]})

    [found] = of_note(note)

    assert (found.id, found.text) == ("subject.deploy", "Deploy. friday, release")


@pytest.mark.parametrize("kind", ["", "memory", "tombstone", "handoff", "mine"])
def test_other_notes_are_not_searched(kind: str) -> None:
    assert of_note(Note("x.md", {"type": kind}, "We deploy on Fridays")) == []


def test_the_same_note_gives_the_same_passages() -> None:
    note = Note("e.md", {"type": "episode", "session": "cli:s1"}, "### t0 · user\n\n> We deploy on Fridays")

    assert of_note(note) == of_note(parse("e.md", render(note)))
