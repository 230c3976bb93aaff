"""The audit log as a user sees it: read it, and prove that nobody changed it."""

from __future__ import annotations

import re

from agent.closing.close import AUDIT
from agent.domain.audit import Entry, Verdict
from agent.ports import Doors

_REFERENCE = re.compile(r"\d+:[0-9a-f]{16}")


class AuditLog:
    """What happened in one home, oldest first."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def entries(self, *, after: int = 0, limit: int = 100, event: str | None = None) -> list[Entry]:
        """Entries with a higher number than `after`, of one event or of all."""
        return self._doors.registry.events(after=after, limit=limit, event=event)

    def newest(self) -> int:
        """The number of the last entry; 0 when there is none."""
        return self._doors.registry.newest_event()

    def verify(self) -> Verdict:
        """Whether every entry is as it was written, and every one that a commit of the vault names is there."""
        named = self._doors.vault.named(AUDIT)
        return self._doors.registry.verify(reference for reference in named if _REFERENCE.fullmatch(reference))
