"""A new vault's first files. An adopted repository gets only those it lacks."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from agent.errors import VaultError
from agent.home import shipped
from agent.ports import Doors


def init(doors: Doors, root: Path) -> list[str]:
    """Add the skeleton's files that the vault lacks, in one commit. Returns their paths."""
    wanted = {p.relative_to(shipped("vault")).as_posix(): p.read_bytes() for p in _files(shipped("vault"))}
    head = doors.vault.head()
    there = doors.vault.read(list(wanted))
    missing = {p: c for p, c in wanted.items() if p not in there and not (root / p).exists()}
    if missing or head is None:
        # Two vaults begun in the same second must not have the same first commit: it is what names a vault.
        message = (
            f"Begin a vault\n\nCloser-Vault: {uuid4().hex}\n" if head is None else "Add closer's pages to the vault\n"
        )
        if not missing and head is None:
            raise VaultError(f"{root} has uncommitted files where a vault begins", hint="commit them, then try again")
        doors.vault.commit(dict(missing), message, head)
        doors.vault.checkout(dict(missing), {})
    return sorted(missing)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())
