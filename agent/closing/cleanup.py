"""Let go of what a session holds: its locks, its background processes, its temporary files, and orphans' locks."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from agent.domain.resource import Owner, Released, Resource
from agent.domain.session import SessionKey
from agent.errors import UsageError
from agent.ports import Doors

GRACE = 0.5
"""Seconds a process is given to end by itself."""


def track(
    doors: Doors,
    key: SessionKey,
    process: int | None,
    file: str | Path | None,
    lock: str | None,
    holder: int | None,
    when: datetime,
) -> None:
    """Note what a session holds. Raises UsageError, then nothing is noted, for what can't be let go of."""
    held = []
    if process is not None:
        held.append(Resource(key, "process", str(process), _running(doors, process), when))
    if file is not None:
        held.append(Resource(key, "file", str(_temporary(doors, Path(file).absolute())), None, when))
    if lock is not None:
        held.append(Resource(key, "lock", lock, _running(doors, holder or os.getpid()), when))
    for resource in held:
        doors.registry.hold(resource)


def _running(doors: Doors, pid: int) -> Owner:
    owner = doors.processes.owner(pid)
    if owner is None:
        raise UsageError(f"there is no process {pid}", hint="pass the number of one that runs")
    return owner


def _temporary(doors: Doors, path: Path) -> Path:
    """The path, unless it lies in the home or the vault: nothing there is anybody's temporary file."""
    whole = Path(os.path.realpath(path.parent)) / path.name
    for root in (doors.home, doors.vault.root):
        if whole.is_relative_to(os.path.realpath(root)):
            raise UsageError(f"{path} is no temporary file: it lies in {root}", hint="name a file outside of it")
    return path


def release(doors: Doors, key: SessionKey) -> list[Released]:
    """Stop, remove and release what the session holds. The caller takes it off the registry in the same breath as the
    session ends; until then a repeat finds it gone and says so."""
    return [Released(held, _released(doors, held)) for held in doors.registry.held(key)]


def orphans(doors: Doors) -> list[Resource]:
    """Locks of any session whose holder is dead."""
    locks = [held for held in doors.registry.held() if held.kind == "lock"]
    return [held for held in locks if held.owner is not None and not doors.processes.alive(held.owner)]


def told(released: Sequence[Released]) -> list[str]:
    return [f"{r.resource.kind} {r.resource.name}: {r.outcome}" for r in released]


def named(orphans: Sequence[Resource]) -> list[str]:
    return [f"lock {held.name}: released, left by {held.session}" for held in orphans]


def _released(doors: Doors, held: Resource) -> str:
    if held.kind == "lock":
        return "released"
    if held.kind == "process":
        return doors.processes.stop(held.owner, GRACE) if held.owner else "gone"
    return _removed(Path(held.name))


def _removed(path: Path) -> str:
    """Remove one file, or a folder that is empty. A link is removed itself, never what it leads to."""
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):
            path.rmdir()
        else:
            path.unlink()
    except FileNotFoundError:
        return "gone"
    except OSError as error:
        return f"left: {error.strerror}"
    return "removed"
