"""Names and ids: deterministic, and safe as file names on every system."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.identity import (
    SLUG_BYTES,
    digest,
    fragment_id,
    normalised,
    session_id8,
    slug,
    statement_digest,
    transcript_digest,
)
from agent.domain.session import GLOBAL, Scope, SessionKey
from agent.domain.transcript import Turn

SAFE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|index|readme|memory)\Z")
KEY = SessionKey("cli", "s1")
HOSTILE = [
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    ".git",
    ".GIT",
    ".git ",
    "git~1",
    ".",
    "",
    "   ",
    "CON",
    "con",
    "aux.md",
    "COM1",
    "com¹",
    "LPT9",
    "nul",
    "con-" + "x" * 100,
    "trailing.",
    "trailing ",
    "a:b",
    "a\\b",
    "new\nline",
    "\x1b[31mred",
    "\u202egnp.md",
    ".gitmodules",
    ".gitattributes",
    "x" * 300,
    "-rf.md",
    ".g\u200cit/config",
    "日本語",
    "🦊",
    "İstanbul",
    "ﬁle",
    "\ud800",
    "\x00",
    "README",
    "memory",
    "ǅ",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_makes_an_unsafe_slug(name: str) -> None:
    found = slug(name)

    assert SAFE.match(found)
    assert not RESERVED.match(found)
    assert len(found) <= SLUG_BYTES + len("-note")


@given(st.text(st.characters()))
def test_any_text_makes_a_safe_slug(text: str) -> None:
    found = slug(text)

    assert SAFE.match(found)
    assert not RESERVED.match(found)
    assert slug(found) == found


def test_a_slug_reads_like_its_text() -> None:
    assert slug("Deploy: the “Über” Café, 2nd try!") == "deploy-the-uber-cafe-2nd-try"


def test_names_without_a_latin_letter_stay_apart() -> None:
    assert slug("日本語") != slug("中文")
    assert slug("日本語") == slug("日本語")


def test_the_form_of_a_letter_makes_no_other_slug() -> None:
    assert slug("cafe\u0301") == slug("caf\u00e9")
    assert slug("Foo") == slug("foo")


def test_a_long_slug_is_cut_at_a_word() -> None:
    assert slug("alpha " * 20) == "-".join(["alpha"] * 10)


@given(st.text(st.characters()))
def test_digests_are_sixteen_hex_digits_of_any_text(text: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", digest(text))
    assert digest(text) == digest(text)


def test_ids_are_the_same_on_every_machine() -> None:
    assert digest("") == "e3b0c44298fc1c14"
    assert session_id8(KEY) == digest("cli:s1")[:8]
    assert fragment_id(GLOBAL, "fact", "We deploy.", KEY) == fragment_id(GLOBAL, "fact", " we DEPLOY ", KEY)


def test_every_part_of_a_fragment_makes_another_id() -> None:
    ids = {
        fragment_id(GLOBAL, "fact", "We deploy", KEY),
        fragment_id(Scope("shop-1"), "fact", "We deploy", KEY),
        fragment_id(GLOBAL, "decision", "We deploy", KEY),
        fragment_id(GLOBAL, "fact", "We don't deploy", KEY),
        fragment_id(GLOBAL, "fact", "We deploy", SessionKey("cli", "s2")),
    }

    assert len(ids) == 5


@pytest.mark.parametrize(
    "same",
    [
        "we deploy on fridays",
        "  We deploy\ton  Fridays. ",
        "“We deploy on Fridays”",
        "ＷＥ deploy on fridays!",
        "- we deploy on fridays",
    ],
)
def test_the_same_statement_has_one_digest(same: str) -> None:
    assert statement_digest(same) == statement_digest("We deploy on Fridays")


@pytest.mark.parametrize(
    "other", ["We deploy on Friday", "We don't deploy on Fridays", "deploy on Fridays", "We deploy on Fridays at 5"]
)
def test_another_statement_has_another_digest(other: str) -> None:
    assert statement_digest(other) != statement_digest("We deploy on Fridays")


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def test_apostrophes_of_any_kind_are_one() -> None:
    assert normalised("don’t") == normalised("don't") == normalised("don`t")


def test_a_transcript_is_known_by_roles_texts_and_order() -> None:
    turns = [Turn("user", "hi"), Turn("assistant", "hello")]
    others = [
        turns[:1],
        turns[::-1],
        [turns[0], replace(turns[1], role="tool")],
        [turns[0], replace(turns[1], text="hello!")],
        [Turn("user", "hihello")],
        [Turn("user", "hi\x1fassistant"), Turn("assistant", "hello")],
    ]

    assert len({transcript_digest(t) for t in [turns, *others]}) == 1 + len(others)


def test_times_and_numbers_are_no_part_of_a_transcripts_digest() -> None:
    assert transcript_digest([Turn("user", "hi", index=4, name="Ann")]) == transcript_digest([Turn("user", "hi")])
    assert re.fullmatch(r"[0-9a-f]{32}", transcript_digest([Turn("user", "\ud800")]))
