"""The service of a home, as others find it: a file that names it, and a lock that dies with it. Standard library."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from agent.adapters.processes import LocalProcesses
from agent.domain.resource import Owner
from agent.errors import Busy, ConfigError

FILE, LOCK, LOG = "service.json", "service.lock", "service.log"
LONGEST_LOG = 1024 * 1024
"""Bytes of what services that were started here complained of, after which it is begun anew."""
TAKEN_OVER = 30.0
"""Seconds a lingering service is given to answer what it was asked before another takes its place."""
_STEP = 0.05


@dataclass(frozen=True, slots=True)
class Service:
    """A process that answers over HTTP for a home."""

    url: str
    """`http://127.0.0.1:<port>`."""
    owner: Owner
    lingers: bool = False
    """Whether it was started for want of one, and ends by itself."""


def found(home: Path) -> Service | None:
    """The home's service; None when there is none, or only what a dead one left."""
    try:
        told = json.loads((home / FILE).read_text("utf-8"))
        service = Service(str(told["url"]), Owner(**told["owner"]), bool(told["lingers"]))
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return service if LocalProcesses().alive(service.owner) else None


@contextmanager
def sole(home: Path, *, lingers: bool) -> Iterator[None]:
    """Be the home's only service for a while. One that lingers makes room for one that was asked for.

    Raises Busy, naming the owner, when there is another, ConfigError when the home can't be used.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"this home can't be used: {error}", hint="name a folder that can be written to as the home"
        ) from error
    try:
        if not _locked(descriptor):
            _make_room(home, descriptor, lingers)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def announced(home: Path, url: str, *, lingers: bool) -> Iterator[Service]:
    """Have this process found as the home's service. Call it holding `sole`, once it listens."""
    owner = LocalProcesses().owner(os.getpid())
    if owner is None:
        raise RuntimeError("this process can't be seen")
    service = Service(url, owner, lingers)
    path = home / FILE
    beside = home / f".{FILE}.{os.getpid()}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(service), file)
    beside.replace(path)
    try:
        yield service
    finally:
        path.unlink(missing_ok=True)


def started(home: Path, wait: float) -> Service | None:
    """The home's service, started if there is none. None when none was ready within `wait` seconds."""
    deadline = time.monotonic() + wait
    failed = False
    while (service := found(home)) is None and time.monotonic() < deadline:
        if _held(home):
            # By one that begins, or one that ends.
            time.sleep(_STEP)
        elif failed:
            return None
        else:
            failed = not _start(home, wait)
    return service


def detached() -> Callable[[], None]:
    """Go on as a process that nobody waits for: the one that was started ends with success when the function this
    gives is called, and with failure when that can't happen any more. Call it before there are threads."""
    waiting, telling = os.pipe()
    if os.fork():
        os.close(telling)
        os._exit(0 if os.read(waiting, 1) else 1)
    os.close(waiting)

    def ready() -> None:
        os.write(telling, b"1")
        os.close(telling)

    return ready


def _start(home: Path, wait: float) -> bool:
    """Start a lingering service and wait until it is ready, or has failed. Of several that are started, one stays."""
    # -P: a folder called `agent` where the caller happens to be is not ours.
    entry = [sys.executable, "-P", "-m", "agent.interfaces.entry", "--home", str(home)]
    command = [*entry, "serve", "--linger", "--port", "0"]
    with _log(home) as log, suppress(subprocess.TimeoutExpired):
        done = subprocess.run(  # noqa: S603  our own program
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
            check=False, timeout=wait,
        )  # fmt: skip
        return done.returncode == 0
    return False


def _log(home: Path) -> IO[bytes]:
    log = home / LOG if home.is_dir() else Path(os.devnull)
    anew = os.O_TRUNC if log.is_file() and log.stat().st_size > LONGEST_LOG else os.O_APPEND
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | anew, 0o600), "wb")


def _held(home: Path) -> bool:
    """Whether a process is the home's service, or about to be, or was until now."""
    try:
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _locked(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_room(home: Path, descriptor: int, lingers: bool) -> None:
    other = found(home)
    if other is not None and other.lingers and not lingers:
        LocalProcesses().stop(other.owner, TAKEN_OVER)
        if _locked(descriptor):
            return
    named = f"process {other.owner.pid} at {other.url}" if other else "another process"
    raise Busy(f"this home is served already, by {named}", hint="use that one, or end it first")
