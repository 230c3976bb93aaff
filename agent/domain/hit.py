"""What recall finds: a passage with why it matched and how far it can be relied on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage that may answer."""

    text: str
    why: str
    kind: str
    """`fragment`, `summary`, `episode` or `subject`."""
    id: str
    path: str
    session: str
    turns: tuple[int, ...]
    score: float
    """Comparable within one answer only."""
    confidence: float
    """0 to 1: how likely it is about what was asked."""
    when: str
    trust: str
    status: str
    scope: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Hits(list[Hit]):
    """Hits, best first; `notice` says what could not be asked, and is empty when all could."""

    notice: str = ""
