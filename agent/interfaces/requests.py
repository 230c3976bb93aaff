"""Ask for a close without waiting for it: what every door but the hook does. The answer means: it is on disk."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from agent.adapters import spool
from agent.domain.request import RequestKind
from agent.domain.session import SessionKey
from agent.errors import UsageError
from agent.interfaces.hooks import places
from agent.interfaces.working.telling import tell

LOOKS = (0.1, 1.0)
"""Seconds after which to look again: a worker that is being killed still has the home's lock for a moment."""


def ask(
    home: Path,
    kind: RequestKind,
    session: SessionKey,
    *,
    transcript: Path | None = None,
    cwd: str | None = None,
    reason: str = "",
    closed_by: str = "",
    ident: str | None = None,
) -> str:
    """Write a request to the home's spool, wake its worker, and give the id of the job it becomes.

    `closed_by`: who asked. `ident`: the id to give it; asked for twice under one id, it is done once.
    Raises UsageError for an id that can't be one, OSError when the request can't be written; then nothing was
    acknowledged.
    """
    if ident is not None and not spool.safe(ident):
        raise UsageError(
            f"{ident[: spool.LONGEST]!r} is no id of a request",
            hint=f"at most {spool.LONGEST} lower-case letters, digits and -_.",
        )
    facts: dict[str, object] = {"kind": kind, "host": session.host, "session": session.id, "at": time.time()}
    path = str(transcript.absolute()) if transcript else ""
    given = {"transcript": path, "cwd": cwd or "", "reason": reason, "closed_by": closed_by}
    told = facts | {name: text for name, text in given.items() if text}
    job = spool.put(places.spool(str(home)), told, ident)
    try:
        wake(home)
    except OSError as error:
        # It is on disk all the same, and done by the worker that the next request wakes.
        tell("warning", "worker.not_started", job=job, error=str(error))
    return job


def wake(home: Path) -> None:
    """Start a worker unless one is there. Should this process stay, it looks again whether that one lives, and takes up
    what is left of its own when it ends."""
    worker = places.wake(str(home))
    threading.Thread(target=_see_to, args=(home, worker), name="worker's end", daemon=True).start()


def _see_to(home: Path, worker: int | None) -> None:
    for pause in () if worker is not None else LOOKS:
        time.sleep(pause)
        if worker is None and spool.waiting(places.spool(str(home))):
            worker = places.wake(str(home))
    if worker is not None:
        os.waitpid(worker, 0)
