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
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.adapters import spool
from agent.adapters.engine import DbosEngine
from agent.bootstrap import House
from agent.closer import Closer
from agent.closing.watch import CLOSURE
from agent.domain.request import Request
from agent.errors import CloserError
from agent.interfaces import handed
from agent.interfaces.hooks import places
from agent.interfaces.memory import Here
from agent.interfaces.working.doing import Doing
from agent.interfaces.working.mending import Mending
from agent.interfaces.working.queue import Queue
from agent.interfaces.working.telling import tell

STEP = 0.25
"""Seconds between two looks at the spool."""
SWEEP = 30.0
"""Seconds between two looks for sessions that never said goodbye, unless less is quiet already."""
TAKING = 1.0
"""Seconds a worker tries to be the home's: whoever asks whether there is one holds its lock for an instant."""


class Worker:
    """Does the requests of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._stop = threading.Event()
        with Closer.at(home) as closer:
            self._house = House(closer.settings)
        self._watching = Closer(self._house)
        self._doing = Doing(home, self._stop)
        self._queue = Queue(home, self._engine, self._alert)
        self._mending = Mending(self._house)
        self._open = False
        """Whether a session was open when last looked, and nothing was done since. Should it end without a word, there
        may be nobody else."""

    def run(self, held: int | None = None) -> bool:
        """Work until there has been nothing to do for as long as the settings say, or until told to stop. False when
        another worker is there. `held`: a descriptor that has the worker's lock already."""
        with _sole(self.home, held) as lock:
            if lock is None:
                return False
            try:
                self._loop(lock, self._house.settings.worker.linger)
            finally:
                self._queue.rest()
                self._mending.end()
                self._doing.shut()
                self._watching.shut()
        return True

    def stop(self, *_: object) -> None:
        """Take nothing more on; `run` returns soon. Fit to be called by a signal."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    @property
    def wanted(self) -> bool:
        """Whether there is something on the spool that a worker could do."""
        return not self._queue.stuck.issuperset(spool.waiting(places.spool(str(self.home))))

    def _loop(self, lock: int, linger: float) -> None:
        sweep = min(SWEEP, 60 * self._house.settings.worker.quiet)
        worked, swept = time.monotonic(), -sweep
        while not self._stop.is_set() and self._has_home(lock):
            now = time.monotonic()
            if now - swept >= sweep:
                swept = now
                self._guarded(self._sweep)
            if self._guarded(self._queue.take_in) or self._guarded(self._queue.busy):
                worked, self._open = now, False
            elif self._guarded(self._mending.tend) or self._open:
                if now - worked >= linger:
                    self._rest()
            elif now - worked >= linger:
                self._guarded(self._give_up)
                return
            self._stop.wait(STEP)

    def _has_home(self, lock: int) -> bool:
        """Whether the home is still the one this is the worker of: somebody may have removed it."""
        try:
            return os.path.samestat(os.fstat(lock), (self.home / places.WORKER_LOCK).stat())
        except FileNotFoundError:
            return False

    def _rest(self) -> None:
        """Hold neither engine nor model while there is nothing to wait for but an outage or an open session."""
        if not self._queue.resting:
            self._queue.rest()
            self._doing.shut()

    def _guarded(self, work: Callable[[], bool]) -> bool:
        """What `work` gives; False when it fails, which is told, and done again at the next turn."""
        try:
            return work()
        except CloserError as error:
            tell("warning", "worker.held_up", error=error.message)
        except Exception as error:  # noqa: BLE001 - the outer door: one bug must not keep the rest from being done
            tell("error", "worker.failed", error=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
        self._stop.wait(STEP)
        return False

    def _sweep(self) -> bool:
        """Ask for the end of sessions that never said goodbye, and tidy up."""
        self._give_up()
        now, quiet = datetime.now(UTC), timedelta(minutes=self._house.settings.worker.quiet)
        for request in self._watching.sessions.abandoned(now, quiet):
            self._queue.submit(request)
        self._queue.tidy()
        handed.tidy(self.home, lambda job: Here(self._watching).job(job) is not None)
        self._watching.sessions.tidy(now)
        self._open = bool(self._house.registry.sessions(status=["open"], limit=1))
        return True

    def _give_up(self) -> bool:
        """Write down, and tell, which sessions could not be closed in all the tries their close is given."""
        for row in self._house.registry.sessions(status=["closing"]):
            job = self._watching.jobs.get(str(row.extra.get(CLOSURE, {}).get("job", "")))
            if job is not None and job.status == "failed":
                self._watching.sessions.fail(row.key, job.error)
        return True

    def _engine(self) -> DbosEngine:
        chosen, doing = self._house.settings, self._doing
        vault, home = self._house.vault.id, str(self.home)
        return DbosEngine(chosen.engine_url, doing.handle, vault, home, able=doing.able)

    def _alert(self, request: Request, facts: dict[str, object]) -> None:
        self._house.registry.record("admin.alert", request.session, facts)


def work(home: Path, held: int | None = None) -> None:
    """Run a worker until it is done or told to stop by a signal. What came in while it was ending is seen to.

    `held`: the descriptor by which whoever started this process took the worker's lock for it.
    """
    if held is not None:
        # What a worker starts must not keep the lock when it dies.
        os.set_inheritable(held, False)
        # Nor may it keep the folder in which it was started.
        os.chdir(home)
    while True:
        worker = Worker(home)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, worker.stop)
        taken, held = held, None
        if not worker.run(taken) or worker.stopped or not worker.wanted:
            return


@contextmanager
def _sole(home: Path, held: int | None) -> Iterator[int | None]:
    """The worker's lock, as a descriptor, for the time being; None when another process has it."""
    descriptor = held or os.open(home / places.WORKER_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor if _locked(descriptor) else None
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    deadline = time.monotonic() + TAKING
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True
