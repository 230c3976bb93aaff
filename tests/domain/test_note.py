"""Notes: what a person wrote survives, and no file can hurt the reader."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.domain.note import (
    FRONT_MATTER_BYTES,
    NOTE_BYTES,
    Note,
    UnreadableNote,
    parse,
    render,
    rewritten,
    sections,
    sections_kept,
)

PRINTABLE = st.characters(exclude_categories=["Cs", "Cc"])
VALUES = st.one_of(
    st.text(PRINTABLE | st.sampled_from("\n\t"), min_size=1, max_size=60),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False),
    st.booleans(),
)
META = st.dictionaries(
    st.text(PRINTABLE, min_size=1, max_size=20),
    VALUES | st.lists(VALUES, min_size=1, max_size=4),
    max_size=6,
)
LINES = st.lists(st.text(PRINTABLE, max_size=30), max_size=8).map("\n".join)


def note(front: str, body: str = "Said.") -> Note:
    return parse("a.md", f"---\n{front}\n---\n\n{body}\n".encode())


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-01",
        "2024-05-01T10:00:00Z",
        "12:30:00",
        "yes",
        "null",
        "~",
        "1e5",
        "0123456789012345",
        "1234567890123456",
        "0x1f",
        "1_000",
        "=",
        "<<",
        "[[subjects/de/deploy|Deploy]]",
        "a: b # c",
        "- dash",
        "& anchor",
        "*alias",
        "!tag",
        "one\n---\ntwo",
        "---",
        "...",
        "line\n\n\nline\n",
        " padded ",
        "tab\there",
        "quote \" and ' and \\",
        "next\x85line \u2028 \u2029 \ufeff",
        "bell \x07 and nul \x00",
        "🦊 日本語 e\u0301",
        "x" * 9_000,
    ],
)
def test_an_awkward_value_comes_back_as_it_was(value: str) -> None:
    meta = {"title": value, "list": [value, value], "deep": {"k": value}}
    if len(value) > 1_000:
        meta = {"title": value}

    assert parse("a.md", render(Note("a.md", meta, "Said."))) == Note("a.md", meta, "Said.")


@given(META, LINES)
@example({"0": "\xa0"}, "")
def test_what_is_rendered_is_read_again(meta: dict[str, Any], body: str) -> None:
    once = parse("a.md", render(Note("a.md", meta, body)))

    assert once.meta == {k: v for k, v in meta.items() if v != ""}
    assert parse("a.md", render(once)) == once
    assert once.body == body.strip()


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda b: b"---\n" + b + b"\n---\nbody"))
def test_any_bytes_are_a_note_or_unreadable(content: bytes) -> None:
    try:
        found = parse("a.md", content)
    except UnreadableNote:
        return

    assert parse("a.md", render(found)).body.strip() == found.body.strip()


@given(st.text(st.sampled_from(string.digits + "abeEfFoOxX_+-.: ,[]{}?!&*<=>|'\"\n#~"), max_size=60))
def test_any_yaml_is_front_matter_or_unreadable(front: str) -> None:
    try:
        found = note(f"k: {front}")
    except UnreadableNote:
        return

    for key in found.meta:
        assert isinstance(found.text(key), str)
        assert isinstance(found.texts(key), tuple)
        assert int(found.number(key)) < 2**63
    assert render(found)


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("a: &x [1]\nb: *x", "aliases"),
        ("a: !!python/object/apply:os.system [ls]", "tags"),
        ("a: !!binary aGk=", "tags"),
        ("a: [[[[[[1]]]]]]", "deeper"),
        ("a: " + "[" * 5_000, "deeper"),
        ("a: " + "x" * FRONT_MATTER_BYTES, "over"),
        ("a: [1", "front matter"),
        ("a: 1\na b", "front matter"),
        ("? [a]\n: b", "front matter"),
        ("a: 0x" + "f" * 9_000, "too large"),
        ("a: " + "9" * 9_000, "front matter"),
        ("a: " + ":".join(["1"] * 2_000) + ".5", "front matter"),
        ("- a\n- b", "not a mapping"),
        ("just text", "not a mapping"),
        ("a: \x01", "front matter"),
    ],
    ids=lambda value: value[:24],
)
def test_a_bomb_is_refused_with_its_path_and_reason(front: str, reason: str) -> None:
    with pytest.raises(UnreadableNote, match=rf"^a\.md: .*{reason}"):
        note(front)


def test_front_matter_without_its_end_is_damaged_and_not_prose() -> None:
    with pytest.raises(UnreadableNote, match="not closed"):
        parse("a.md", b"---\ntype: fragment\nid: 1\n\nSaid.\n")


def test_a_file_larger_than_any_note_is_refused_instead_of_cut() -> None:
    with pytest.raises(UnreadableNote, match="larger"):
        parse("a.md", b"x" * (NOTE_BYTES * 4 + 1))


def test_of_two_values_for_one_key_the_last_counts() -> None:
    assert note("a: 1\na: 2").meta == {"a": 2}


@pytest.mark.parametrize("odd", ["2024-13-45", "0000-00-00", "yesterday", "2024-02-30T25:61:00Z"])
def test_a_bad_date_is_a_text(odd: str) -> None:
    assert note(f"created: {odd}").text("created") == odd


@pytest.mark.parametrize("odd", [".inf", "-.inf", ".nan", "true", "[1]", "{a: 1}", "text", "9" * 400])
def test_a_number_of_another_shape_is_the_default(odd: str) -> None:
    assert note(f"seen: {odd}").number("seen", 7) == 7


@pytest.mark.parametrize("odd", ["true", "[a]", "{a: 1}", "null"])
def test_a_text_of_another_shape_is_empty(odd: str) -> None:
    assert note(f"id: {odd}").text("id") == ""


def test_one_text_is_a_list_of_one() -> None:
    assert note("tags: deploy").texts("tags") == ("deploy",)
    assert note("tags: [a, 2, {b: 1}, [c]]").texts("tags") == ("a", "2")
    assert note("tags: {a: 1}").texts("tags") == ()


def test_a_file_without_front_matter_is_all_body() -> None:
    assert parse("a.md", b"\xef\xbb\xbfHello\r\n\r\nthere\r\n") == Note("a.md", {}, "Hello\n\nthere\n")


def test_empty_values_are_not_written() -> None:
    content = render(Note("a.md", {"a": "", "b": [], "c": None, "d": 0, "e": False, "f": ()}, "x"))

    assert content == b"---\nd: 0\ne: false\n---\n\nx\n"


def test_sections_are_cut_at_their_headings() -> None:
    head, found = sections("intro\n\n## One\n\ntext\n### deeper\n\n## Two\nmore\n")

    assert head == "intro"
    assert [(s.title, s.text) for s in found] == [("One", "text\n### deeper"), ("Two", "more")]


@pytest.mark.parametrize(
    "fenced",
    [
        "```\n## no\n```",
        "~~~ sh\n## no\n~~~",
        "````\n```\n## no\n```\n````",
        "```\n## no\n~~~\n## no\n```",
        "```\n``` not its end\n## no\n```",
        "```\n``\n## no\n   ````",
    ],
)
def test_a_heading_inside_a_fence_is_text(fenced: str) -> None:
    _, found = sections(f"## One\n\n{fenced}\n\n## Two\n")

    assert [(s.title, s.text) for s in found] == [("One", fenced), ("Two", "")]


def test_only_a_line_break_ends_a_line() -> None:
    text = "a\x0cb\u2028## no\x85c"

    assert sections(f"## One\n\n{text}")[1][0].text == text


def test_unknown_keys_and_hand_written_sections_survive_a_rewrite() -> None:
    mine = "## My view\n\nKeep *this*.\n\n```\n## not a heading\n```\n\n> and this"
    old = Note("a.md", {"id": "1", "mood": "calm", "tags": ["x"]}, f"Old.\n\n## Evidence\n\n> gone\n\n{mine}")
    new = Note("a.md", {"id": "1", "tags": []}, "New.\n\n## Evidence\n\n> fresh")

    found = parse("a.md", render(rewritten(old, new, ["Evidence"])))

    assert found.meta == {"id": "1", "mood": "calm"}
    assert found.body == f"New.\n\n## Evidence\n\n> fresh\n\n{mine}"


def test_a_rewrite_repeated_changes_nothing() -> None:
    old = Note("a.md", {"mood": "calm"}, "Old.\n\n## Mine\n\ntext")
    new = Note("a.md", {"id": "1"}, "New.\n\n## Evidence\n\n> fresh")
    once = rewritten(old, new, ["Evidence"])

    assert rewritten(parse("a.md", render(once)), new, ["Evidence"]) == once


def test_without_a_predecessor_a_rewrite_is_the_new_note() -> None:
    new = Note("a.md", {"id": "1"}, "New.")

    assert rewritten(None, new, []) is new


@given(LINES)
def test_what_is_kept_is_kept_again(body: str) -> None:
    kept = sections_kept(body, ["Ours"])

    assert sections_kept(kept, ["Ours"]) == kept
