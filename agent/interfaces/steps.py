"""The step a close is at, in a file of the home: written by the worker, read by whoever wants to watch.

A view, not a record: it is replaced whole, never synced, and gone when nothing runs.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.domain.markdown import iso
from agent.domain.request import Request
from agent.interfaces.hooks import places

FILE = "progress.json"


class Steps:
    """Tells of one request after the other. Satisfies `progress.Listener` by `told`."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._beside = home / f".{FILE}.{os.getpid()}"
        self._request: Request | None = None
        self._number = 0

    def begin(self, request: Request) -> None:
        """From now on, what is told belongs to this request."""
        self._request = request

    def told(self, step: str, event: str) -> None:
        """A step begins or ends. Where it can't be written, that costs the view, never the close."""
        if self._request is None:
            return
        self._number += 1
        facts = {
            "session": str(self._request.session), "job": self._request.id, "step": step, "event": event,
            "at": iso(datetime.now(UTC)), "number": self._number,
        }  # fmt: skip
        with suppress(OSError):
            self._beside.write_text(json.dumps(facts), "utf-8")
            self._beside.replace(self._path)

    def end(self) -> None:
        """Nothing runs any more."""
        self._request = None
        for path in (self._path, self._beside):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def step(home: Path) -> dict[str, Any] | None:
    """What the worker of a home is at: session, job, step, event (`begin`, `end`), at, and a number that grows with
    each step; None when nothing runs. What a killed worker left is not believed."""
    try:
        found = json.loads((home / FILE).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) and not places.idle(str(home)) else None
