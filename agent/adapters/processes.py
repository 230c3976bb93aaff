"""Processes of this machine: recognised by number, start of the machine and own start; stopped gently, then not."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from functools import cache
from pathlib import Path

from agent.domain.resource import Owner

_STEP = 0.02
_OF = "@"


class LocalProcesses:
    """Satisfies `ports.Processes` through /proc, or `ps` where there is none."""

    def owner(self, pid: int) -> Owner | None:
        started = _started(pid)
        return None if started is None else Owner(pid, _boot(), started)

    def alive(self, owner: Owner) -> bool:
        # Of another machine, which may share a registry with this one, nothing can be told from here.
        return _elsewhere(owner) or (_since(owner) and _started(owner.pid) == owner.started)

    def stop(self, owner: Owner, grace: float) -> str:
        if _elsewhere(owner):
            return "left: it belongs to another machine"
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
    """Which start of which machine, as far as either can be told."""
    machine = _machine()
    return f"{_start()}{_OF}{machine}" if machine else _start()


def _start() -> str:
    kernel = Path("/proc/sys/kernel/random/boot_id")
    if kernel.exists():
        return kernel.read_text("ascii").strip()
    return _told("sysctl", "-n", "kern.boottime")


def _machine() -> str:
    """A few digits of what the system calls its machine; empty where it has no name for it."""
    try:
        told = Path("/etc/machine-id").read_bytes().strip()
    except OSError:
        return ""
    return hashlib.sha256(told).hexdigest()[:12] if told else ""


def _since(owner: Owner) -> bool:
    """Whether this machine wasn't started again since."""
    return owner.boot.partition(_OF)[0] == _boot().partition(_OF)[0]


def _elsewhere(owner: Owner) -> bool:
    there, here = (boot.partition(_OF)[2] for boot in (owner.boot, _boot()))
    return bool(there and here) and there != here


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
