"""The lock of a home: one process at a time writes vault, gateway and catalogue. Its life is the holder's."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import Busy, ConfigError

_STEP = 0.02


class HomeLock:
    """`flock` on a file in the home; freed by the kernel when its holder dies. Re-entrant within a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._within = threading.RLock()
        self._depth = 0

    @contextmanager
    def hold(self, wait: float) -> Iterator[None]:
        deadline = time.monotonic() + wait
        if not self._within.acquire(timeout=min(max(wait, 0), threading.TIMEOUT_MAX)):
            raise self._busy(wait)
        try:
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            descriptor = self._taken(deadline, wait)
            self._depth = 1
            try:
                yield
            finally:
                self._depth = 0
                os.close(descriptor)
        finally:
            self._within.release()

    def _taken(self, deadline: float, wait: float) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(
                f"this home can't be used: {error}", hint="name a folder that can be written to as the home"
            ) from error
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise self._busy(wait) from None
                    time.sleep(_STEP)
                else:
                    os.truncate(descriptor, 0)
                    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise

    def _busy(self, wait: float) -> Busy:
        try:
            holder = self._path.read_text("ascii", "replace").strip() or "another process"
        except OSError:
            holder = "another process"
        return Busy(
            f"this home is in use by process {holder}; waited {wait:.0f} s",
            hint="try again in a moment",
        )
