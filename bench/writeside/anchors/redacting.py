"""Anchors for redaction: vendors' token forms, and randomness alone."""

from __future__ import annotations

import math
import re
from collections import Counter

from bench.writeside.protocol import System

MASK = "[redacted]"
_FORMS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY[\s\S]*?(?:-----END[^-]*-----|$)"
    r"|\bA[KS]IA[A-Z0-9]{16}\b|\bgh[pousr]_\w{36,}|\bglpat-[\w-]{20,}|\bxox[abposr]-[\w-]{10,}|\bsk-[\w-]{20,}"
    r"|\b[sr]k_(?:live|test)_\w{16,}|\bAIza[\w-]{35}|\beyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?"
    r"|\b[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s@/]+@\S+|\bBearer\s+[\w.~+/-]{16,}=*"
    r"|(?i:[\w.-]*(?:passw(?:or)?d|secret|token|api_?key|credential)[\w.-]*[\"']?\s*(?:=|:)\s*[\"']?[^\s\"',;]{8,})"
)
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_RANDOM = 3.5
"""Bits a character, from which on a token with letters and digits is taken for random."""


class Patterns(System):
    def redact(self, text: str) -> str:
        return _FORMS.sub(MASK, text)


class Entropy(System):
    def redact(self, text: str) -> str:
        return _TOKEN.sub(lambda m: MASK if _random(m[0]) else m[0], text)


def _random(token: str) -> bool:
    counts = Counter(token)
    bits = -sum(n / len(token) * math.log2(n / len(token)) for n in counts.values())
    return bits >= _RANDOM and any(c.isdigit() for c in token) and any(c.isalpha() for c in token)
