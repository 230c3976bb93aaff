"""The audit log: what happened, in order. Each entry is sealed with the one before it, so that a change shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BEGINNING = "0" * 64
"""What the first entry is sealed with."""
SHOWN = 16
"""Characters of a seal in a reference: enough that nobody finds another entry with the same."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    number: int
    at: str
    """ISO 8601, UTC."""
    event: str
    session: str
    """`host:id`, or empty."""
    facts: Mapping[str, object]
    seal: str
    """SHA-256 of the seal before it and of everything above but the number."""

    @property
    def reference(self) -> str:
        """What a commit of the vault names it by: `number:seal`."""
        return f"{self.number}:{self.seal[:SHOWN]}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the log is as it was written."""

    entries: int
    broken: tuple[int, ...]
    """Numbers of the entries whose seal doesn't follow from what stands before them."""
    missing: tuple[str, ...]
    """References in the vault's commits that the log doesn't have: its end was cut, or all of it rewritten."""

    @property
    def whole(self) -> bool:
        return not self.broken and not self.missing


def seal(previous: str, at: str, event: str, session: str, facts: str) -> str:
    """The seal of an entry, from the one before and its fields; `facts` is JSON text as stored."""
    return hashlib.sha256(json.dumps([previous, at, event, session, facts]).encode()).hexdigest()


def verdict(rows: Iterable[tuple[int, str, str, str, str, str]], references: Iterable[str]) -> Verdict:
    """Check rows of number, at, event, session, facts as stored and seal, and what the vault's commits refer to."""
    known: set[str] = set()
    broken: list[int] = []
    previous = BEGINNING
    for number, at, event, session, facts, sealed in rows:
        if sealed != seal(previous, at, event, session, facts):
            broken.append(number)
        previous = sealed
        known.add(f"{number}:{sealed[:SHOWN]}")
    return Verdict(len(known), tuple(broken), tuple(sorted(set(references) - known)))
