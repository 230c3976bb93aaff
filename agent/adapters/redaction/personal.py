"""Numbers and addresses of people: each proven by its check digits where it has any."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.span import Span

_CARD = re.compile(
    r"[3-6](?<![\w.-].)(?:\d{15}|(?<=4)\d{12}|(?<=3)\d{13,14}|\d{3}([ -])\d{4}\1\d{4}\1\d{1,4}|\d{3}([ -])\d{6}\2\d{5})"
    r"(?![\w-])"
)
_IBAN = re.compile(r"[A-Z]{2}(?<!\w..)\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![\w-])")
_PHONE = re.compile(r"(?<![\w.+-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?)?\d{2,4}(?:[ .-]\d{2,4}){2,4}(?![\w-])")


def personal(text: str, kinds: frozenset[str]) -> Iterator[Span]:
    if "card" in kinds:
        yield from (Span(*match.span(), "card") for match in _CARD.finditer(text) if _luhn(match[0]))
    if "iban" in kinds:
        yield from (Span(*match.span(), "iban") for match in _IBAN.finditer(text) if _mod_97(match[0]))
    if "email" in kinds and "@" in text:
        yield from (Span(*match.span(), "email") for match in _EMAIL.finditer(text))
    if "phone" in kinds:
        yield from (Span(*match.span(), "phone") for match in _PHONE.finditer(text))


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + doubled) % 10 == 0


def _mod_97(number: str) -> bool:
    compact = number.replace(" ", "")
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1
