"""The worker: takes requests off the spool and does them, one after the other, until nothing is left for a while.

One worker per home, by a lock that dies with it. A request leaves the spool when the engine has it, and the engine when
the vault has it; whatever dies in between is found again.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.adapters import spool
from agent.adapters.engine import DbosEngine
from agent.closer import Closer
from agent.domain.request import Request
from agent.errors import TranscriptError, UsageError
from agent.interfaces.hooks import places

STEP = 0.25
"""Seconds between two looks at the spool."""
SWEEP = 30.0
"""Seconds between two looks for sessions that never said goodbye."""
SETTLED = 0.3
"""Seconds a transcript must not have grown before it is read: hosts write it while they call."""
PATIENCE = 5.0
"""Seconds that is waited for."""


class Worker:
    """Does the requests of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._stop = threading.Event()
        self._watching, self._closer = Closer.at(home), Closer.at(home)
        """One for this thread and one for the engine's: a closer isn't shared by threads."""

    def run(self) -> bool:
        """Work until there has been nothing to do for as long as the settings say, or until told to stop. False when
        another worker is there."""
        with _sole(self.home) as alone:
            if not alone:
                return False
            chosen = self._watching.settings.worker
            engine = DbosEngine(self._watching.settings.engine_url, self.handle)
            try:
                self._loop(engine, chosen.linger, timedelta(minutes=chosen.quiet))
            finally:
                engine.close()
                self._watching.shut()
                self._closer.shut()
        return True

    def stop(self, *_: object) -> None:
        """Take nothing more on; `run` returns soon. Fit to be called by a signal."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def _loop(self, engine: DbosEngine, linger: float, quiet: timedelta) -> None:
        worked, swept = time.monotonic(), -SWEEP
        while not self._stop.is_set():
            now = time.monotonic()
            if now - swept >= SWEEP:
                swept = now
                for request in self._watching.sessions.abandoned(datetime.now(UTC), quiet):
                    engine.submit(request)
                self._watching.sessions.tidy(datetime.now(UTC))
            if self._take_in(engine) or engine.busy():
                worked = now
            elif now - worked >= linger:
                return
            self._stop.wait(STEP)

    def _take_in(self, engine: DbosEngine) -> int:
        """Move what waits on the spool into the engine."""
        paths = spool.waiting(places.spool(str(self.home)))
        for path in paths:
            try:
                request = Request.of(spool.read(path))
            except ValueError:
                spool.set_aside(path)
                continue
            engine.submit(request)
            spool.remove(path)
        return len(paths)

    def handle(self, request: Request) -> dict[str, Any]:
        """Do one request. What can't be done however often it is tried is written down; else an error means: again."""
        try:
            done = self._done(request)
        except (TranscriptError, UsageError) as error:
            self._closer.sessions.fail(request.session, error.message)
            return {"failed": error.message}
        if request.cwd:
            self._prepare(request.cwd)
        return done

    def _done(self, request: Request) -> dict[str, Any]:
        if request.kind == "start":
            # Opened before it is noted: a session that is known already resumes, with the code it began from.
            self._closer.open(request.session, cwd=request.cwd)
            self._closer.sessions.note(request)
            return {}
        if request.kind == "end":
            self._closer.sessions.closing(request)
        else:
            self._closer.sessions.note(request)
        path = Path(request.transcript) if request.transcript else None
        if path is not None and path.exists():
            _settle(path)
            if request.kind == "checkpoint":
                receipt = self._closer.follow(request.session, path, cwd=request.cwd)
            else:
                receipt = self._closer.close(path, session=request.session)
        elif self._closer.sessions.silent(request.session):
            if request.kind == "end":
                self._closer.sessions.finish(request.session, "nothing was said")
            return {}
        else:
            receipt = self._closer.close(session=request.session)
        return {"outcome": receipt.outcome, "commit": receipt.commit}

    def _prepare(self, cwd: str) -> None:
        """Leave the brief of the next session in this folder where a hook finds it."""
        target = Path(places.brief(str(self.home), cwd))
        target.parent.mkdir(mode=0o700, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        beside.write_text(f"{cwd}\n{self._closer.brief(cwd).text}", "utf-8")
        beside.replace(target)


def work(home: Path) -> None:
    """Run a worker until it is done or told to stop by a signal. What came in while it was ending is seen to."""
    while True:
        worker = Worker(home)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, worker.stop)
        if not worker.run() or worker.stopped or not spool.waiting(places.spool(str(home))):
            return


@contextmanager
def _sole(home: Path) -> Iterator[bool]:
    """Whether this process is the home's worker for the time being."""
    descriptor = os.open(home / places.WORKER_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


def _settle(path: Path) -> None:
    """Wait until the file stops growing, within reason."""
    deadline = time.monotonic() + PATIENCE
    size = -1
    while time.monotonic() < deadline and size != (size := path.stat().st_size):
        time.sleep(SETTLED)
