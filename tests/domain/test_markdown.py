"""Text in markdown: nothing that was said can be taken for structure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.markdown import (
    clean,
    iso,
    moment,
    one_line,
    prose,
    quoted,
    turns_of,
    turns_text,
    unprose,
    unquoted,
    width,
)
from agent.domain.note import sections

FORGED = [
    "### t3 · user",
    "## Evidence",
    "# Title",
    "---\ntype: fragment\n---",
    "```\n## x",
    "~~~",
    "> [!tool]- run",
    "- item",
    "1. first",
    "[x] done",
    "a\r### t3 · user",
    "a\x0b## b",
    "a\x0c## b",
    "a\x85## b",
    "a\u2028## b",
    "a\u2029### t9 · user",
    "\u202e## b",
]


@pytest.mark.parametrize("text", FORGED)
def test_every_line_of_a_quote_is_a_quote(text: str) -> None:
    found = quoted(f"before\n{text}\nafter")

    assert all(line.startswith(">") for line in found.splitlines())
    assert sections(found) == (found, [])


@given(st.text() | st.sampled_from(FORGED))
def test_a_quote_gives_back_its_text(text: str) -> None:
    assert unquoted(quoted(text).split("\n")) == "\n".join(f"> {x}".rstrip()[2:] for x in clean(text).split("\n"))


@pytest.mark.parametrize("text", FORGED)
def test_a_line_of_prose_is_no_structure(text: str) -> None:
    found = prose(text)

    assert "\n" not in found
    assert found[0] not in "#>-+*=|`~"
    assert sections(f"{found}\n\n## Ours\n\nx")[1][0].title == "Ours"


@pytest.mark.parametrize(
    "text", ["[[x|y]]", "a [[b]] c", "<script>alert(1)</script>", "a</b>", "<!-- x", "[[[[", "x<br>", "<?x"]
)
def test_prose_has_no_link_target_and_no_html(text: str) -> None:
    found = prose(text)

    assert not {"[[", "<"} & {found[i : i + n] for i in range(len(found)) for n in (1, 2)}


@pytest.mark.parametrize("text", ["run 2>&1", "a < b > c", "x -> y"])
def test_prose_leaves_harmless_angles_alone(text: str) -> None:
    assert prose(text) == text


@given(st.text(st.sampled_from("#>+*=|-`~\\1.) [<]abx"), max_size=12))
def test_prose_can_be_told_back(text: str) -> None:
    line = one_line(text)

    assert unprose(prose(text)) == re.sub(r"\[ (?=\[)", "[", line)


@given(st.text())
def test_cleaned_text_is_clean(text: str) -> None:
    found = clean(text)

    assert clean(found) == found
    assert found.splitlines() == [line for line in found.removesuffix("\n").split("\n") if found]
    assert found.encode().decode() == found


@given(st.text(), st.integers(2, 30))
def test_a_line_is_one_line_and_no_longer_than_asked(text: str, limit: int) -> None:
    found = one_line(text, limit)

    assert len(found) <= limit
    assert found.splitlines() in ([], [found])
    assert one_line(found, limit) == found


def test_a_cut_line_ends_at_a_word_and_says_so() -> None:
    assert one_line("deploy on  fridays,\nnever before noon", 20) == "deploy on fridays…"


@given(st.sets(st.integers(0, 999_999_999), max_size=30))
def test_turn_numbers_are_read_as_they_were_written(turns: set[int]) -> None:
    assert turns_of(turns_text(turns)) == tuple(sorted(turns))


@given(st.sets(st.integers(0, 40)))
def test_runs_of_turns_are_read_as_they_were_written(turns: set[int]) -> None:
    assert turns_of(turns_text(turns)) == tuple(sorted(turns))


def test_runs_of_turns_are_written_short() -> None:
    assert turns_text([9, 3, 8, 7, 3]) == "t3, t7–t9"
    assert turns_text([]) == ""


def test_a_range_without_end_is_bounded() -> None:
    assert len(turns_of(", ".join(["t0–t999999999"] * 50))) <= 100_001
    assert turns_of("t9–t3, and then") == ()


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2024-13-01", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "12:30", "2024-05-01T25:00"],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment(text) is None


@given(st.datetimes(timezones=st.just(UTC)).map(lambda when: when.replace(microsecond=0)))
def test_a_moment_is_read_as_it_was_written(when: datetime) -> None:
    assert moment(iso(when)) == when


@given(st.text(st.sampled_from("0123456789-:T+Z."), max_size=30))
def test_whatever_is_a_moment_can_be_written(text: str) -> None:
    when = moment(text)

    assert when is None or moment(iso(when)) == when.replace(microsecond=0)


def test_moments_are_written_in_utc() -> None:
    when = datetime(2024, 5, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))

    assert iso(when) == "2024-04-30T23:30:00Z"
    assert iso(None) == ""
    assert moment("2024-05-01") == datetime(2024, 5, 1, tzinfo=UTC)


def test_marks_and_spaces_have_no_width() -> None:
    assert width("ok, … 2 日!") == 4
