"""Ask for a close without waiting for it: what every door but the hook does. The answer means: it is on disk."""

from __future__ import annotations

import time
from pathlib import Path

from agent.adapters import spool
from agent.domain.request import RequestKind
from agent.domain.session import SessionKey
from agent.interfaces.hooks import places


def ask(
    home: Path,
    kind: RequestKind,
    session: SessionKey,
    *,
    transcript: Path | None = None,
    cwd: str | None = None,
    reason: str = "",
) -> str:
    """Write a request to the home's spool, wake its worker, and give the id of the job it becomes.

    Raises OSError when it can't be written; then nothing was acknowledged.
    """
    facts: dict[str, object] = {"kind": kind, "host": session.host, "session": session.id, "at": time.time()}
    given = {"transcript": str(transcript.absolute()) if transcript else "", "cwd": cwd or "", "reason": reason}
    ident = spool.put(places.spool(str(home)), facts | {name: text for name, text in given.items() if text})
    places.wake(str(home))
    return ident
