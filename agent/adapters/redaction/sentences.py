"""Secrets that people write down in words: a password named after it, the words of a wallet, codes for a lost phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.places import Opening
from agent.adapters.redaction.randomness import is_random
from agent.adapters.redaction.span import Span
from agent.adapters.redaction.values import is_secret

_NAMED_AFTER = re.compile(
    r"(?<=\S)[\"'`]?\s(?:as|for|is)\s(?:the|a|an|my|our|your|his|her|its|their)\s(?:[\w-]{1,20}\s){0,3}?"
    r"(?:pass(?:word|phrase|code)|pwd|api[- ]key|secret|token)\b"
)
_SECRET = Opening("pass", "pwd", "api", "secret", "token")
_REACH, _ITSELF = 96, 12
"""From where a match of it begins to its name for a secret, at most, and how long that name may be."""
_TERM = re.compile(
    r"(?i)(?:sha|md|hs|rs|es|ps|aes|rsa|ed|base|utf|oauth|argon|https?|tls|ssl|pbkdf|scram|iso|ipv|rfc|python|java|web)"
    r"[-_]?\d|\d+-"
)
_SIGN = re.compile(r"[^\w./-]")
_BEFORE = re.compile(r"[^\s\"'`<>()]{8,64}$")
_PHRASE = re.compile(
    r"(?i:(?:seed|recovery|backup|secret|wallet)[ _-]?(?:phrase|words|mnemonic)|mnemonic|seed)[\"'`]?"
    r"(?:\s?(?:[:=]|=>|is|are)\s{0,3}|[ \t]|\n)[\"'`]?((?:[a-z]{3,8},?\s{1,2}){11,23}[a-z]{3,8})(?![a-z])"
)
_PHRASE_OPENING = Opening("seed", "recovery", "backup", "secret", "wallet", "mnemonic")
_GRAMMAR = re.compile(r"\b(?:the|and|you|your|for|that|this|with|from|have|are|was|not|can|will|they|but|its|which)\b")
_CODES = re.compile(
    r"(?i:(?:backup|recovery|2fa|mfa|scratch|emergency)[ _-]?codes?)[\"'`]?\s?(?:[:=]|is|are)\s{0,3}"
    r"((?:[\"'\[]{0,2}(?=[a-z-]{0,9}\d)[a-z0-9]{4,10}(?:-[a-z0-9]{4,10}){0,3}[\"'\]]{0,2}[,;]?\s{0,3}){1,20})(?!\w)"
)
_CODES_OPENING = Opening("backup", "recovery", "2fa", "mfa", "scratch", "emergency")


def sentences(text: str) -> Iterator[Span]:
    for match in _named_after(text):
        value = _BEFORE.search(text, max(0, match.start() - 64), match.start())
        if value and is_secret("password", value[0], sure=True) and _stands_out(value[0]):
            yield Span(value.start(), value.end(), "password")
    for match in _PHRASE_OPENING.matches(_PHRASE, text):
        if not _GRAMMAR.search(match[1]):
            yield Span(*match.span(1), "recovery-phrase")
    for match in _CODES_OPENING.matches(_CODES, text):
        yield Span(match.start(1), match.start(1) + len(match[1].rstrip()), "recovery-code")


def _named_after(text: str) -> Iterator[re.Match[str]]:
    for start, end in _SECRET.around(text, _REACH, _ITSELF):
        yield from _NAMED_AFTER.finditer(text, start, end)


def _stands_out(value: str) -> bool:
    """Whether nobody would write this for anything but a secret: not `OAuth2`, not `argon2id`."""
    if is_random(value):
        return True
    digits = sum(map(str.isdigit, value))
    return _TERM.match(value) is None and any(map(str.isalpha, value)) and digits >= (1 if _SIGN.search(value) else 2)
