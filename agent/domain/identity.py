"""Names and ids. All deterministic: the same input gives the same id on every machine, so that twice is harmless."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from agent.domain.session import Scope, SessionKey
from agent.domain.transcript import Turn

SLUG_BYTES = 60
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "index", "readme", "memory"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)


def slug(text: str, *, empty: str = "untitled") -> str:
    """`text` as a file name: NFKC, lower case, `[a-z0-9-]`, at most 60 bytes, never empty, never a reserved name."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    plain = re.sub(r"[^a-z0-9]+", "-", folded.encode("ascii", "ignore").decode()).strip("-")
    if not plain and text.strip():
        plain = f"{empty}-{digest(text)[:8]}"
    short = plain[:SLUG_BYTES]
    if len(plain) > SLUG_BYTES and "-" in short:
        short = short.rsplit("-", 1)[0]
    short = short.strip("-") or empty
    return f"{short}-note" if short in _RESERVED else short


def digest(text: str) -> str:
    """SHA-256 of the text, first 16 hex digits. Lone surrogates are escaped, never an error."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def session_id8(session: SessionKey) -> str:
    """Eight hex digits that name a session in paths."""
    return digest(str(session))[:8]


_SPACE = re.compile(r"\s+")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")


@lru_cache(maxsize=8192)
def normalised(text: str) -> str:
    """What two statements must share to be the same text: NFKC, case folded, spaces single, edges bare."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("`", "'")
    return _EDGE.sub("", _SPACE.sub(" ", folded).strip())


def statement_digest(text: str) -> str:
    """The digest a tombstone keeps of a statement, so that the words themselves can be forgotten."""
    return digest(normalised(text))


def fragment_id(scope: Scope, kind: str, statement: str, session: SessionKey) -> str:
    """16 hex digits. The session is part of it: a statement that returns after it was superseded is a new fragment."""
    return digest("\x1f".join((scope.name, kind, normalised(statement), str(session))))


def transcript_digest(turns: Iterable[Turn]) -> str:
    """SHA-256 over roles and redacted texts, in order: 32 hex digits. Two transcripts agree up to turn n exactly
    when the digests of their first n turns are equal."""
    state = hashlib.sha256()
    for turn in turns:
        body = turn.text.encode("utf-8", "backslashreplace")
        state.update(f"{turn.role}\x1f{len(body)}\x1f".encode())
        state.update(body)
    return state.hexdigest()[:32]
