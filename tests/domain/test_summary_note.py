"""A summary as a note, and back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain import summary_note
from agent.domain.markdown import one_line, prose, unprose
from agent.domain.note import Note, parse, render, sections
from agent.domain.session import GLOBAL, SessionKey
from agent.domain.subject import Line, Subject, Summary

WHEN = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
PATH = "summaries/2024/05/01/deploy-0123abcd.md"
DEPLOY = Subject("deploy", "Deploy", (0, 1, 2, 7), ("deploy", "friday"))
SLOTS = ["gist", "decided", "produced", "left_open", "closed"]
FORGERIES = [
    "## Closed",
    "- [x] done",
    "[x] done",
    "[ ] open",
    "a (t0–t999)",
    "a (t3",
    "```",
    "~~~",
    "# Title",
    "> quote",
    "1. one",
    "---",
    "a\n\n## Decided\n- b",
]
LINES = st.lists(
    st.builds(
        Line,
        st.text(st.characters(exclude_characters="‹›"), min_size=1, max_size=40).map(one_line).filter(bool)
        | st.sampled_from(FORGERIES),
        st.sets(st.integers(0, 99), min_size=1, max_size=4).map(lambda found: tuple(sorted(found))),
    ),
    max_size=3,
).map(tuple)


def again(summary: Summary, **more: object) -> Summary:
    note = summary_note.to_note(
        summary, PATH, SessionKey("cli", "s1"), GLOBAL, "episodes/e.md", when=WHEN, fragments={"f.md": "## x"}
    )
    return summary_note.from_note(parse(PATH, render(note)))


def told(lines: tuple[Line, ...]) -> list[tuple[str, tuple[int, ...]]]:
    return [(unprose(prose(line.text)), line.turns) for line in lines]


@settings(max_examples=80)
@given(st.tuples(LINES, LINES, LINES, LINES, LINES))
def test_every_line_comes_back_in_its_slot_with_its_turns(slots: tuple[tuple[Line, ...], ...]) -> None:
    summary = Summary(DEPLOY, *slots)

    found = again(summary)

    assert found.subject == DEPLOY
    for slot in SLOTS:
        assert told(getattr(found, slot)) == told(getattr(summary, slot))


@pytest.mark.parametrize("text", FORGERIES)
@pytest.mark.parametrize("slot", SLOTS)
def test_no_line_can_leave_its_slot(slot: str, text: str) -> None:
    summary = Summary(DEPLOY, **{slot: (Line(text, (3,)),)})

    found = again(summary)

    assert {name: len(getattr(found, name)) for name in SLOTS} == {name: int(name == slot) for name in SLOTS}


@pytest.mark.parametrize("title", FORGERIES)
def test_no_title_can_become_a_section(title: str) -> None:
    summary = Summary(Subject("deploy", title, (0,)), (Line("gist", (0,)),))
    note = summary_note.to_note(summary, PATH, SessionKey("cli", "s"), GLOBAL, "e.md", when=WHEN)

    assert sections(note.body)[1] == []
    assert told(summary_note.from_note(note).gist) == [("gist", (0,))]


def test_lines_a_person_ticked_or_wrote_are_read() -> None:
    body = "# Deploy\n\nShort.\n\n## Left open\n\n- [x] ask Ann (t3)\n- mine\n\nprose\n\n## Mine\n\n- other"

    found = summary_note.from_note(Note(PATH, {"slug": "deploy", "title": "Deploy"}, body))

    assert found.gist == (Line("Short.", ()),)
    assert found.left_open == (Line("ask Ann", (3,)), Line("mine", ()))
    assert found.decided == found.closed == ()


def test_a_line_may_not_cite_without_end() -> None:
    body = "## Decided\n\n" + "- x (t0–t999999999)\n" * 200

    found = summary_note.from_note(Note(PATH, {}, body))

    assert sum(len(line.turns) for line in found.decided) <= 200 * 1_000


def test_every_line_is_listed_with_its_slot() -> None:
    summary = Summary(DEPLOY, (Line("a", (1,)),), (Line("b", (2,)),), (), (Line("c", (3,)),))

    assert summary_note.slots(summary) == [
        ("gist", Line("a", (1,))),
        ("decided", Line("b", (2,))),
        ("open", Line("c", (3,))),
    ]
