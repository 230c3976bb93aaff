"""From the spool into the engine. A request leaves the spool when the engine has it; what can't be handed on stays
there, is told of once, and is tried again, ever more rarely, until it goes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.adapters import spool
from agent.domain.request import Request
from agent.errors import CloserError, Unavailable
from agent.interfaces.hooks import places
from agent.interfaces.working.telling import tell
from agent.ports import Engine

FIRST, LONGEST = 1.0, 60.0
"""Seconds between two tries, at first and at last."""
REOPENED = 3
"""Refusals in a row after which the engine is opened anew; one that is merely locked goes on with what it has."""
BOUND = 2_000
"""Milliseconds within which a request is on disk after it was made; beyond it somebody is warned."""
QUEUED = "offline.sessionClosure.queued"
REFUSED = "offline.enqueue_failed"

Alert = Callable[[Request, dict[str, object]], None]


class Queue:
    """The engine of a home, opened when it is needed, and what is to go into it."""

    def __init__(self, home: Path, make: Callable[[], Engine], alert: Alert) -> None:
        """`alert`: tells of a request that can't be queued. It may raise CloserError; then it is called again."""
        self._folder = places.spool(str(home))
        self._make, self._alert = make, alert
        self._engine: Engine | None = None
        self.resting = False
        self._pause, self._again, self._refusals = FIRST, 0.0, 0
        self._told: set[str] = set()
        self.stuck: set[str] = set()
        """Paths of requests that the engine has but one answer to; the next process asks it again."""

    def take_in(self) -> bool:
        """Move what waits on the spool into the engine. Whether there was anything."""
        paths = [path for path in spool.waiting(self._folder) if path not in self.stuck]
        if time.monotonic() < self._again:
            return bool(paths)
        waiting = [(path, request) for path in paths if (request := _read(path))]
        for number, (path, request) in enumerate(waiting):
            try:
                self.submit(request)
            except CloserError as error:
                self._put_off([left for _, left in waiting[number:]], error)
                return True
            except Exception as error:  # noqa: BLE001 - it must not keep those behind it from being done
                self.stuck.add(path)
                self._say(request, f"{type(error).__name__}: {error}")
                continue
            _told_of(request, path)
            spool.remove(path)
        self._pause, self._refusals = FIRST, 0
        return bool(paths)

    def submit(self, request: Request) -> None:
        """Raises CloserError when the engine can't be opened or written to."""
        self.resting = False
        self._opened().submit(request)

    def busy(self) -> bool:
        """Whether the engine has anything to do. One that can't be asked has nothing that could be done now."""
        if self.resting or time.monotonic() < self._again:
            return False
        try:
            return self._opened().busy()
        except CloserError as error:
            self._put_off([], error)
            return False

    def rest(self) -> None:
        """Let go of the engine until there is something for it. May repeat."""
        self._close()
        self.resting = True

    def tidy(self) -> None:
        """Remove from the spool what died half-written."""
        spool.tidy(self._folder)

    def _opened(self) -> Engine:
        if self._engine is None:
            try:
                self._engine = self._make()
            except CloserError:
                raise
            except Exception as error:
                raise Unavailable(f"the engine can't be opened: {type(error).__name__}: {error}") from error
        return self._engine

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _put_off(self, requests: Sequence[Request], error: CloserError) -> None:
        """Try again later, at length with an engine opened anew: its file may have been replaced."""
        self._refusals += 1
        if self._refusals >= REOPENED:
            self._close()
        tell("error", REFUSED, requests=[request.id for request in requests], error=error.message, pause=self._pause)
        for request in requests:
            if request.id not in self._told:
                self._say(request, error.message)
        self._again = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST)

    def _say(self, request: Request, error: str) -> None:
        facts: dict[str, object] = {"reason": REFUSED, "severity": "high", "request": request.id, "error": error}
        try:
            self._alert(request, facts)
            self._told.add(request.id)
        except CloserError as failure:
            tell("error", "admin.alert", **facts, unrecorded=failure.message)


def _read(path: str) -> Request | None:
    try:
        return Request.of(spool.read(path))
    except (ValueError, RecursionError, PermissionError, IsADirectoryError) as error:
        spool.set_aside(path)
        tell("error", "request.unreadable", path=path, error=str(error))
        return None


def _told_of(request: Request, path: str) -> None:
    """Log what was queued: how long it took to be on disk, which is when it was acknowledged, and to get here."""
    if request.kind != "end":
        return
    asked = request.at.timestamp()
    acknowledged = max(round((os.stat(path).st_ctime - asked) * 1000), 0)  # noqa: PTH116 - as the spool does
    waited = max(round((time.time() - asked) * 1000), 0)
    facts = {"session": str(request.session), "job": request.id, "reason": request.reason}
    times = {"acknowledged_ms": acknowledged, "waited_ms": waited}
    tell("warning" if acknowledged > BOUND else "info", QUEUED, **facts, **times)
