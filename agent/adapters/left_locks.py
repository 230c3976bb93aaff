"""Locks of git that a process of ours left when it was killed together with its git.

Git's locks name nobody, so they can't be told from those of a git that lives. A note beside them says which ones are
about to be taken, and by whom; whoever finds the note of a dead process removes what that one left.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from agent.adapters.processes import LocalProcesses
from agent.domain.resource import Owner

NOTE = "closer-locking"
OUTLIVED = 2.0
"""Seconds for which a git may outlive whoever started it; it holds these locks for milliseconds."""
SOON = 10.0
"""Seconds after its note within which a lock was taken; a later one is somebody else's."""
_STEP = 0.05


class LeftLocks:
    """Of one git folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._note = folder / NOTE
        self._processes = LocalProcesses()

    @contextmanager
    def taking(self, *names: str) -> Iterator[None]:
        """While a git of this process takes these locks, by their paths in the folder."""
        owner = self._processes.owner(os.getpid())
        self._note.write_text(json.dumps({"locks": names, "owner": asdict(owner) if owner else None}), "utf-8")
        try:
            yield
        finally:
            self._note.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove what a dead process left, if one did. Costs next to nothing when none did."""
        try:
            known = json.loads(self._note.read_text("utf-8"))
            locks, owner, noted = list(known["locks"]), Owner(**known["owner"]), self._note.stat().st_mtime
        except (FileNotFoundError, ValueError, TypeError, LookupError):
            return
        if self._processes.alive(owner):
            return
        for lock in _of_its_time([self._folder / name for name in locks], noted):
            _outlived(lock)
            lock.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


def _of_its_time(locks: Sequence[Path], noted: float) -> list[Path]:
    """Those taken soon after they were noted; the clocks of files are coarse."""
    return [lock for lock in locks if lock.exists() and -1 < lock.stat().st_mtime - noted < SOON]


def _outlived(lock: Path) -> None:
    """Wait until the git that took it has ended, if it wasn't killed too."""
    deadline = time.monotonic() + OUTLIVED
    while lock.exists() and time.monotonic() < deadline:
        time.sleep(_STEP)
