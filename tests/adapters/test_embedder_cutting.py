"""Cutting text into pieces, with words for tokens, and with tokenizers that behave badly."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.adapters.embedder.cutting import cut, encodable


def words(text: str) -> list[int]:
    return [word.start() for word in re.finditer(r"\S+", text)]


def pairs(text: str) -> list[int]:
    """A tokenizer that counts a long word in pairs of letters, from wherever it begins."""
    return [word.start() + at for word in re.finditer(r"\S+", text) for at in range(0, len(word[0]), 2)]


@given(st.text(alphabet="ab .!\n\u3002\u4f1a", max_size=300), st.sampled_from([words, pairs]))
def test_pieces_fit_and_hold_the_text_in_order(text: str, starts) -> None:
    pieces = cut(text, starts, 7)

    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(len(starts(piece)) <= 7 for piece in pieces)
    assert pieces == [""] or all(piece and piece == piece.strip() for piece in pieces)


def test_lines_come_before_sentences_and_sentences_before_words() -> None:
    assert cut("a b c d\ne f. g h", words, 7) == ["a b c d", "e f. g h"]
    assert cut("a b c. d e f. g h i", words, 7) == ["a b c. d e f.", "g h i"]
    assert cut("a b c d e f g h i", words, 7) == ["a b c d e f g", "h i"]
    assert cut("会" * 20, lambda text: list(range(len(text))), 7) == ["会" * 7, "会" * 7, "会" * 6]


def test_one_word_or_space_without_end_is_bounded_too() -> None:
    assert max(map(len, cut("x" * 100_000, words, 254))) <= 4_096
    assert cut("a" + " " * 100_000 + "b", words, 254) == ["a", "b"]


def test_tokens_that_begin_at_one_place_do_not_hold_it_up() -> None:
    assert cut("🚀🎉", lambda text: [at for at in range(len(text)) for _ in range(9)], 7) == ["🚀", "🎉"]


def test_takes_time_in_proportion_to_the_text() -> None:
    def spent(text: str) -> float:
        start = time.process_time()
        cut(text, words, 254)
        return time.process_time() - start

    line = "The uploader retries three times, then it gives up.\n"
    small, large = min(spent(line * 2_000) for _ in range(3)), spent(line * 20_000)

    assert large < 25 * small


@pytest.mark.parametrize(("text", "expected"), [("plain", "plain"), ("a\ud83db", "a?b"), ("🚀", "🚀")])
def test_lone_surrogates_are_replaced_one_for_one(text: str, expected: str) -> None:
    assert encodable(text) == expected
