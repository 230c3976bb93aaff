"""Status and doctor: what there is, what waits, and whether each part really works."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from agent.closing import follow
from agent.domain.passage import Shelf
from agent.errors import CloserError
from agent.ports import Doors

Verdict = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """One part looked at."""

    name: str
    verdict: Verdict
    found: str
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def status(doors: Doors) -> dict[str, Any]:
    """Counts and states, cheap: neither model nor gateway is opened."""
    head, mirrored = doors.vault.head(), doors.catalogue.head()
    last = next(iter(doors.registry.sessions(status=["completed"], limit=1)), None)
    pending = doors.registry.pending()
    return {
        "vault": {"path": str(doors.vault.root), "head": head, "notes": doors.catalogue.counts()},
        "catalogue": {
            "head": mirrored,
            "current": head == mirrored,
            "unreadable": doors.catalogue.unreadable(),
        },
        "gateway": {
            "waiting": doors.catalogue.pending(),
            "pending_sessions": [str(k) for k in pending],
        },
        "sessions": {
            "open": [str(s.key) for s in doors.registry.sessions(status=["open"], limit=20)],
            "unfinished": [str(s.key) for s in doors.registry.sessions(status=["closing", "failed"], limit=20)],
            "last_closed": {"session": str(last.key), "reason": last.reason} if last else None,
        },
    }


def doctor(doors: Doors) -> list[Check]:
    """Use every part for real, and say how each did."""
    parts: list[tuple[str, Callable[[Doors], Check]]] = [
        ("vault", _vault),
        ("catalogue", _catalogue),
        ("registry", _registry),
        ("embedder", _embedder),
        ("gateway", _gateway),
        ("home", _home),
    ]
    found = []
    for name, look in parts:
        try:
            found.append(look(doors))
        except CloserError as error:
            found.append(Check(name, "failed", error.message, error.hint))
        except (OSError, sqlite3.Error) as error:
            found.append(Check(name, "failed", str(error), "see that the disk has room and the files are yours"))
    return found


def _vault(doors: Doors) -> Check:
    head = doors.vault.head()
    if head is None:
        return Check("vault", "failed", "the vault has no commit", "run `closer init`")
    return Check("vault", "ok", f"{doors.vault.root} at {head[:12]}")


def _catalogue(doors: Doors) -> Check:
    with doors.lock.hold(doors.limits.lock_wait):
        behind = follow.catch_up(doors)
    unreadable = doors.catalogue.unreadable()
    if unreadable:
        path, why = next(iter(unreadable.items()))
        return Check("catalogue", "warning", f"{len(unreadable)} note(s) can't be read; {path}: {why}", "mend the note")
    return Check("catalogue", "ok", "was behind the vault, caught up" if behind else "mirrors the vault")


def _registry(doors: Doors) -> Check:
    waiting = doors.registry.sessions(status=["closing", "failed"], limit=20)
    if waiting:
        names = ", ".join(str(s.key) for s in waiting[:3])
        return Check("registry", "warning", f"{len(waiting)} close(s) did not finish: {names}", "close them again")
    return Check("registry", "ok", "every close finished")


def _embedder(doors: Doors) -> Check:
    begun = time.perf_counter()
    pair = doors.embedder.embed(["the cat sat on the mat", "a cat was sitting on a mat"])
    likeness = float(np.dot(pair[0], pair[1]))
    stamp = doors.embedder.stamp
    told = f"{stamp.name} {stamp.version}, {stamp.dimension} dimensions, in {time.perf_counter() - begun:.1f} s"
    if likeness < 0.5:
        return Check(
            "embedder",
            "failed",
            f"{told}: two wordings of one sentence are {likeness:.2f} apart",
            "see `models`",
        )
    return Check("embedder", "ok", told)


def _gateway(doors: Doors) -> Check:
    with doors.lock.hold(doors.limits.lock_wait):
        commit = doors.gateway.commit()
        probe = doors.embedder.embed(["probe"])[0]
        doors.gateway.nearest([Shelf("fragment", "global")], probe, 1)
        waiting = doors.catalogue.pending()
        apart = follow.drift(doors, repair=False)
    if apart and not waiting:
        return Check(
            "gateway",
            "failed",
            f"{apart.missing} passage(s) missing, {apart.extra} too many",
            "run `closer reconcile`",
        )
    if waiting or (commit != doors.vault.head() and doors.catalogue.shelves()):
        return Check("gateway", "warning", f"{waiting} passage(s) wait to be sent", "run `closer reconcile`")
    return Check("gateway", "ok", "holds every passage, each with a readable vector")


def _home(doors: Doors) -> Check:
    free = _free(doors.vault.root)
    if free < 200_000_000:
        return Check("home", "warning", f"{free // 1_000_000} MB left on the disk", "make room")
    return Check("home", "ok", f"{free // 1_000_000_000} GB free")


def _free(path: Path) -> int:
    import shutil

    return shutil.disk_usage(path).free
