"""Patterns that are tried only where they could match find what they would find anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.stages.extracting import agreement, signs
from agent.stages.reading import compounds, cues, dates, forms, noise, orders, pasted, shapes, wording
from agent.stages.reading.needs import needs
from agent.stages.reading.sieve import Sieved, found_in, said
from agent.stages.summarising import outcome_cues

MODULES = (agreement, signs, compounds, cues, dates, forms, noise, orders, pasted, shapes, wording, outcome_cues)


def sieved_in(value: object) -> Iterator[Sieved]:
    if isinstance(value, Sieved):
        yield value
    elif isinstance(value, dict):
        yield from (each for inner in value.values() for each in sieved_in(inner))
    elif isinstance(value, tuple):
        yield from (each for inner in value for each in sieved_in(inner))


ALL = list({id(s): s for module in MODULES for value in vars(module).values() for s in sieved_in(value)}.values())
WORDS = sorted({word for s in ALL for clause in needs(s.pattern) for piece in clause for word in [piece.strip(" #")]})
BETWEEN = [
    " ",
    " ",
    " ",
    "'",
    "’",
    ", ",
    ". ",
    ": ",
    "-",
    "\n",
    "",
    "?",
    "ed ",
    "s ",
    "ing ",
    " 5",
    " 12:30 ",
    "_",
    "/",
]
OTHERS = [
    "I",
    "a",
    "it",
    "the",
    "Ana",
    "Postgres",
    "don't",
    "I'm",
    "I’ve",
    "İ",
    "ı",
    "ſo",
    "É",
    "ß",
    "K",
    "42",
    "`x`",
    "e.g.",
]
pieces = st.sampled_from(WORDS) | st.sampled_from(OTHERS)
cased = st.builds(lambda word, change: change(word), pieces, st.sampled_from([str, str.upper, str.capitalize]))
texts = st.lists(st.tuples(cased, st.sampled_from(BETWEEN)), max_size=12).map(lambda run: "".join(map("".join, run)))


def spans(match: re.Match[str] | None) -> tuple[tuple[int, int], ...] | None:
    return match.regs if match else None


def assert_same(sieved: Sieved, text: str) -> None:
    whole = sieved.regex
    assert spans(sieved.search(text)) == spans(whole.search(text))
    assert spans(sieved.search(text, len(text) // 2)) == spans(whole.search(text, len(text) // 2))
    assert spans(sieved.match(text)) == spans(whole.match(text))
    assert sieved.sub("…", text) == whole.sub("…", text)


@pytest.mark.parametrize("sieved", ALL, ids=lambda sieved: sieved.pattern[:40])
@settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_what_a_pattern_matches_is_found(sieved: Sieved, data: st.DataObject) -> None:
    assert_same(sieved, data.draw(st.from_regex(sieved.regex)))


@settings(max_examples=150, deadline=None)
@given(texts)
def test_in_any_text_the_same_is_found(text: str) -> None:
    for sieved in ALL:
        assert_same(sieved, text)


@settings(deadline=None)
@given(texts)
def test_many_patterns_at_once(text: str) -> None:
    expected = [name for name, sieved in signs.PATTERNS.items() if sieved.regex.search(text)]

    assert found_in(text, signs.PATTERNS) == expected


@given(st.text())
def test_the_lower_case_of_a_text_has_its_letters_in_their_places(text: str) -> None:
    assert len(said(text)[1]) == len(text)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\b(?:my|our) (?:\w+ )?plans?\b", [{" my ", " our "}, {" plan"}]),
        (r"\bkids?\b", [{" kid"}]),
        (r"\bhat(?:e|ed|red)\b", [{" hat"}, {"e ", "ed ", "red "}]),
        (r"no longer", [{"no "}, {" longer"}]),
        (r"(?:going )?home", [{"home"}]),
        (r"I(?:['’]m| am) off", [{"i "}, {" m ", " am "}, {" off"}]),
        (r"\bten|\d{2,}", [{" ten", "#"}]),
        (r"ab+c", [{"a"}, {"c"}]),
        (r"(?:\bso\b)+", [{" so "}]),
        (r"\bPort(?!\w)", [{" port "}]),
        (r"\w+|port", []),
        (r"(?:port)*[a-z]", []),
        (r"(?!port)", []),
        (r"\*\*", []),
    ],
)
def test_what_a_pattern_needs(pattern: str, expected: list[set[str]]) -> None:
    assert {*needs(pattern)} == {*map(frozenset, expected)}


@pytest.mark.parametrize("pattern", [r"(?i)port", r"(a)(?P=x)", r"a*+", r"(?-i:Port)", r"\x41", r"(a", r"a)"])
def test_a_construct_that_is_not_known_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|construct"):
        needs(pattern)


def test_a_text_without_the_words_costs_no_search() -> None:
    sieved = Sieved(r"\b(?:always|never) (?:use|run)\b")

    assert sieved.search("I always walk and nobody uses it") is None
    assert not {"lower", "regex"} & vars(sieved).keys()
    assert sieved.search("We NEVER run it") is not None
