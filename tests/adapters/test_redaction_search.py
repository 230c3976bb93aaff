"""What is looked for at a few places only is found wherever looking everywhere would find it."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.adapters.redaction.disguises import _WRAPPED, _wrapped
from agent.adapters.redaction.places import Opening, in_long_words

PIECES = ["key", "KEY", "Key=", "passkey", "pass", "token", "İ", "ı", "ſ", "é", "a" * 9, "b" * 17, "C4" * 5]
MARKS = [" ", "\n", "\r\n", "\\\n", "\t", "|", "> ", "=", ": ", ".", "-", "/", '"']
texts = st.lists(st.sampled_from(PIECES + MARKS), max_size=40).map("".join)


def found(matches: object) -> list[tuple[int, int]]:
    return [match.span() for match in matches]  # type: ignore[attr-defined]


@given(texts)
def test_matches_that_begin_with_a_word(text: str) -> None:
    pattern = re.compile(r"(?:(?i:pass)|[kK]ey)(?<!x....)[\w=]{0,6}(?:\s|$)")

    assert found(Opening("key", "passkey", "pass").matches(pattern, text)) == found(pattern.finditer(text))


@given(texts)
def test_a_letter_that_patterns_take_for_another(text: str) -> None:
    pattern = re.compile(r"(?i)s\w|i\w")

    assert found(Opening("s", "i").matches(pattern, text)) == found(pattern.finditer(text))


@given(texts)
def test_matches_without_white_space(text: str) -> None:
    pattern = re.compile(r"(?<![\w/])[\w/]{16,24}=?(?!\w)")

    assert found(in_long_words(pattern, text)) == found(pattern.finditer(text))


@given(texts)
def test_lines_that_were_wrapped(text: str) -> None:
    assert found(_wrapped(text)) == found(_WRAPPED.finditer(text))


@given(texts, st.integers(0, 9), st.integers(1, 9))
def test_the_surroundings_of_words_are_apart_and_hold_them_all(text: str, before: int, after: int) -> None:
    opening = Opening("key", "token")
    around = opening.around(text, before, after)

    assert all(end < start for (_, end), (start, _) in pairwise(around))
    for place in opening.places(text):
        wanted = (max(0, place - before), min(len(text), place + after))
        assert any(start <= wanted[0] and wanted[1] <= end for start, end in around)


@given(texts)
def test_lines_that_hold_a_word(text: str) -> None:
    opening = Opening("key", "token")
    lines = {text.rfind("\n", 0, place) + 1 for place in opening.places(text)}

    assert list(opening.lines(text)) == sorted(lines)
