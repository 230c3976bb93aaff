"""What tells a drawn string from a written one."""

from __future__ import annotations

import random
import string

import pytest

from agent.adapters.redaction.randomness import is_random, surprise

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits


@pytest.mark.parametrize("alphabet", [LOWER + DIGITS, UPPER + DIGITS, LOWER + UPPER, LOWER + UPPER + DIGITS])
@pytest.mark.parametrize("length", [16, 24, 40])
def test_nearly_every_drawn_string_is_random(alphabet: str, length: int) -> None:
    chooser = random.Random(f"{alphabet}{length}")
    drawn = ["".join(chooser.choices(alphabet, k=length)) for _ in range(300)]

    assert sum(map(is_random, drawn)) >= 0.97 * len(drawn)


@pytest.mark.parametrize(
    "name",
    [
        "requiredCharacteristicTypes",
        "test_password_reset_2024_01_15",
        "GPT2LMHeadModel",
        "x86_64-linux-gnu",
        "python3.11-slim-bookworm",
        "OAuth2AuthorizationRequestRedirectFilter",
        "HTTP_X_FORWARDED_FOR",
        "release-1.24.3-candidate-2",
        "2024-05-01T10:00:00",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "bcdfghjklmnpqrstvwxz",
    ],
)
def test_names_versions_and_alphabets_are_not_random(name: str) -> None:
    assert not is_random(name)


def test_text_without_letters_or_digits_of_our_alphabet_surprises_nobody() -> None:
    assert surprise("") == surprise("---") == surprise("密码") == float("-inf")


def test_a_drawn_string_surprises_more_than_a_written_one() -> None:
    assert surprise("q7Xv2KpZ9wLmT4bR") > 1 > 0 > surprise("configurationManager")
