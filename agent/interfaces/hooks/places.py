"""Where a hook finds things, without any library: the home, the spool, briefs, and the worker."""

from __future__ import annotations

import fcntl
import os
import sys

WORKER_LOCK = "worker.lock"
"""Held by the worker of a home for as long as it lives."""
LONGEST_LOG = 1024 * 1024
"""Bytes of what workers complained of, after which it is begun anew."""


def home(arguments: list[str]) -> str:
    """`--home FOLDER`, else CLOSER_HOME, else the platform's folder for user data (as `agent.home` finds it)."""
    if "--home" in arguments[:-1]:
        return os.path.abspath(os.path.expanduser(arguments[arguments.index("--home") + 1]))
    named = os.environ.get("CLOSER_HOME")
    if named:
        return os.path.abspath(os.path.expanduser(named))
    from agent.home import home_folder

    return str(home_folder())


def spool(home: str) -> str:
    return f"{home}/spool"


def brief(home: str, cwd: str) -> str:
    """The brief for sessions in a folder. Its first line is that folder, so that no two are mistaken."""
    tail = "".join(c if c.isalnum() else "-" for c in cwd[-40:])
    number = 0x811C9DC5  # FNV-1a, 32 bits
    for byte in cwd.encode("utf-8", "replace"):
        number = (number ^ byte) * 0x01000193 & 0xFFFFFFFF
    return f"{home}/briefs/{number:08x}{tail}.txt"


def wake(home: str) -> None:
    """Start a worker, away from this process and its terminal, unless one is there."""
    if not os.path.isdir(f"{home}/vault") and not os.path.exists(f"{home}/settings.json"):
        return
    if not idle(home):
        return
    command = [sys.executable, "-m", "agent.interfaces.entry", "--home", home, "work"]
    null, log = "/dev/null", f"{home}/worker.log"
    anew = os.O_TRUNC if os.path.exists(log) and os.path.getsize(log) > LONGEST_LOG else os.O_APPEND
    os.posix_spawn(
        sys.executable,
        command,
        {**os.environ, "UNDER_CLOSER": "1"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, null, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, null, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT | anew, 0o600),
        ],
        setsid=True,
    )


def idle(home: str) -> bool:
    """Whether no worker holds the home's worker lock."""
    descriptor = os.open(f"{home}/{WORKER_LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
