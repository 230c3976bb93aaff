"""What `install` and `uninstall` share: work out all changes, make them unless it is a trial, and tell of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.interfaces.cli.output import answer
from agent.interfaces.hooks.install import Change

Planning = Callable[[Sequence[str], Path], list[Change]]
Making = Callable[[Change, Path, datetime], Path | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A change, and the copy of what was there, where one was made."""

    change: Change
    copy: Path | None


def carry_out(home: str | None, hosts: Sequence[str], dry_run: bool, json_: bool, plan: Planning, make: Making) -> None:
    """Change nothing before everything is known to be possible."""
    from agent.home import home_folder

    folder = home_folder(home)
    changes = plan(list(dict.fromkeys(hosts)), folder)
    now = datetime.now().astimezone()
    outcomes = [Outcome(change, None if dry_run else make(change, folder, now)) for change in changes]
    answer(
        json_, [_facts(one, dry_run) for one in outcomes], lambda: "\n".join(_told(one, dry_run) for one in outcomes)
    )


def _facts(one: Outcome, dry_run: bool) -> dict[str, Any]:
    change = one.change
    return {
        "host": change.host,
        "path": str(change.path),
        "changes": change.changed,
        "written": change.changed and not dry_run,
        "diff": change.diff(),
        "backup": str(one.copy) if one.copy else None,
        "note": change.note,
    }


def _told(one: Outcome, dry_run: bool) -> str:
    change = one.change
    if not change.changed:
        return f"{change.host}: nothing to change"
    lines = [f"{change.host}: {change.path}{' would be changed' if dry_run else ''}", change.diff()]
    lines += [f"  before: {one.copy}"] if one.copy else []
    lines += [f"  → {change.note}"] if change.note else []
    return "\n".join(lines)
