"""Where a hook finds things, without any library: the home, the spool, briefs, and the worker."""

from __future__ import annotations

import fcntl
import os
import sys
import time

WORKER_LOCK = "worker.lock"
"""Held by the worker of a home for as long as it lives."""
HELD = 3
"""Descriptor, or the one after it, by which a worker that is started finds that lock taken for it."""
LONGEST_LOG = 1024 * 1024
"""Bytes of what workers complained of, after which it is begun anew."""


def home(arguments: list[str]) -> str:
    """`--home FOLDER`, else CLOSER_HOME, else the platform's folder for user data: as `agent.home` finds it."""
    if "--home" in arguments[:-1]:
        return os.path.abspath(os.path.expanduser(arguments[arguments.index("--home") + 1]))
    named = os.environ.get("CLOSER_HOME")
    if named:
        return os.path.abspath(os.path.expanduser(named))
    if sys.platform == "linux":
        named = os.environ.get("XDG_DATA_HOME", "").strip()
        return f"{named if os.path.isabs(named) else os.path.expanduser('~/.local/share')}/closer"
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


def same_folder(one: str | os.PathLike[str], two: str | os.PathLike[str]) -> bool:
    """Whether two names are of one folder that is there: a home has several, by links or by `..`."""
    try:
        return os.path.samefile(one, two)
    except FileNotFoundError:
        return False


def wake(home: str, patience: float = 0.0) -> int | None:
    """Start a worker, away from this process and its terminal, unless one is there. It is the home's from the moment it
    is started: who calls next finds it, however long it takes to begin. Returns its number, for a caller that stays:
    what is left of it at its end is that caller's to take up.

    `patience`: seconds after which to look again where one is there: one that is being killed is, for a moment."""
    if not os.path.isdir(f"{home}/vault") and not os.path.exists(f"{home}/settings.json"):
        return None
    lock = _lock(home)
    if lock is None and patience:
        time.sleep(patience)
        lock = _lock(home)
    if lock is None:
        return None
    held = HELD + (lock == HELD)
    # -P: a folder called `agent` where the host happens to be is not ours.
    command = [sys.executable, "-P", "-m", "agent.interfaces.entry", "--home", home, "work", "--held", str(held)]
    null, log = "/dev/null", f"{home}/worker.log"
    anew = os.O_TRUNC if os.path.exists(log) and os.path.getsize(log) > LONGEST_LOG else os.O_APPEND
    try:
        return os.posix_spawn(
            sys.executable,
            command,
            {**os.environ, "UNDER_CLOSER": "1"},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, lock, held),
                (os.POSIX_SPAWN_OPEN, 0, null, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, null, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT | anew, 0o600),
            ],
            setsid=True,
        )
    finally:
        os.close(lock)


def idle(home: str) -> bool:
    """Whether no worker holds the home's worker lock."""
    lock = _lock(home)
    if lock is None:
        return False
    os.close(lock)
    return True


def _lock(home: str) -> int | None:
    """The worker's lock, held by a descriptor and those made of it; None when a worker has it."""
    descriptor = os.open(f"{home}/{WORKER_LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
