"""Processes of this machine: recognised by number, start of the machine and own start; stopped gently, then not."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from functools import cache
from pathlib import Path

from agent.domain.resource import Owner

_STEP = 0.02


class LocalProcesses:
    """Satisfies `ports.Processes` through /proc, or `ps` where there is none."""

    def owner(self, pid: int) -> Owner | None:
        started = _started(pid)
        return None if started is None else Owner(pid, _boot(), started)

    def alive(self, owner: Owner) -> bool:
        return owner.boot == _boot() and _started(owner.pid) == owner.started

    def stop(self, owner: Owner, grace: float) -> str:
        deadline = time.monotonic() + grace
        for number, outcome in ((signal.SIGTERM, "stopped"), (signal.SIGKILL, "killed")):
            if not self.alive(owner):
                return "gone"
            try:
                os.kill(owner.pid, number)
            except ProcessLookupError:
                return "gone"
            except PermissionError:
                return "left: it belongs to somebody else"
            while self.alive(owner) and time.monotonic() < deadline:
                time.sleep(_STEP)
            if not self.alive(owner):
                return outcome
            deadline = time.monotonic() + grace
        return "left: it can't be killed"


@cache
def _boot() -> str:
    kernel = Path("/proc/sys/kernel/random/boot_id")
    if kernel.exists():
        return kernel.read_text("ascii").strip()
    return _told("sysctl", "-n", "kern.boottime")


def _started(pid: int) -> str | None:
    """When the process began; None when there is none, or only its remains that nobody has waited for."""
    if not Path("/proc/self/stat").exists():
        return _told("ps", "-o", "lstart=", "-p", str(pid)) or None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in ("Z", "X") else fields[19]


def _told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
