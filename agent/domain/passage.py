"""A passage: the unit that is indexed, embedded and found again. Derived from notes, so it can always be made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PassageKind = Literal["fragment", "summary", "episode", "subject"]
KINDS: tuple[PassageKind, ...] = ("fragment", "summary", "episode", "subject")


@dataclass(frozen=True, slots=True, order=True)
class Shelf:
    """A partition of the gateway: passages of one kind in one scope. Searches pick shelves; they never filter."""

    kind: PassageKind
    scope: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Text that stands alone well enough to be found, and where it comes from."""

    id: str
    shelf: Shelf
    text: str
    digest: str
    """SHA-256 of the text, first 16 hex digits: what `equal` means between vault and gateway."""
    note: str
    """Path in the vault of the note it was cut from."""
    session: str = ""
    turns: tuple[int, ...] = ()
    when: str = ""
    """ISO 8601, or empty when the source gives no time."""
    kind: str = ""
    """For fragments their class, for summaries their slot, for episodes the role."""
    trust: str = ""
    status: str = "active"
    slot: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage id near a query, with its cosine similarity in [-1, 1]."""

    id: str
    cosine: float


Digests = Mapping[str, str]
"""Passage id to content digest."""
