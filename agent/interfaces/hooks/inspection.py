"""What `closer doctor` says of hosts: connected or not, when each last called and what became of it, what waits."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError

from agent.adapters import spool
from agent.domain.request import Job, Request
from agent.errors import ConfigError, Unavailable
from agent.interfaces.hooks import connection, install, launcher, opencode, places, wiring
from agent.opening.checks import Check

if TYPE_CHECKING:
    from agent.closer import Closer

OVERDUE = 300.0
"""Seconds after which a request that nobody took in is a failure."""
RECENT = 7 * 86_400.0
"""Seconds for which a line in the hook's log is worth a look."""
LOOKED = 1_000
"""Requests looked back at."""
TAIL = 4_096


@dataclass(frozen=True, slots=True)
class Call:
    """A host's latest request, and how it went."""

    at: datetime
    kind: str
    status: str
    error: str = ""


def inspect(closer: Closer) -> list[Check]:
    """Requests, the hook's log if there is something in it, and each host that is on this machine."""
    home = closer.settings.home
    waiting = _waiting(home)
    try:
        jobs = _jobs(closer)
        found = [_requests(home, waiting, jobs), *_log(home)]
    except Unavailable as error:
        jobs, found = [], [Check("requests", "failed", error.message, error.hint)]
    return found + [_host(name, home, _last(name, waiting, jobs)) for name in install.HOSTS if present(name)]


def _jobs(closer: Closer) -> list[Job]:
    """What the engine knows of; nothing before its first worker, which makes its tables. Raises Unavailable when it
    can't be asked."""
    try:
        return closer.jobs.listed(LOOKED)
    except DatabaseError as error:
        told = str(error.orig)
        if "no such table" in told or "does not exist" in told:
            return []
        raise Unavailable(f"the engine can't be asked: {told}", hint="see `worker.url` in the settings") from error


def present(host: str) -> bool:
    """Whether a host is on this machine."""
    if host == opencode.HOST:
        return opencode.folder().is_dir() or shutil.which(opencode.PROGRAM) is not None
    return wiring.KNOWN[host].present


def _waiting(home: Path) -> list[Request]:
    """What lies on the spool and can be read; the oldest first."""
    found = []
    for path in spool.waiting(places.spool(str(home))):
        try:
            found.append(Request.of(spool.read(path)))
        except (ValueError, FileNotFoundError):
            continue  # taken in meanwhile, or about to be set aside by the worker
    return found


def _requests(home: Path, waiting: Sequence[Request], jobs: Sequence[Job]) -> Check:
    """What was asked for and isn't done."""
    failed = [job for job in jobs if job.status == "failed"]
    aside = len(list(Path(places.spool(str(home))).glob("*.unreadable")))
    age = time.time() - min((request.at.timestamp() for request in waiting), default=time.time())
    working = not places.idle(str(home))
    told = f"{len(waiting)} waiting" + (f", the oldest for {_span(age)}" if waiting else "")
    told += f", {len(failed)} failed, {'a worker runs' if working else 'no worker runs'}"
    if age > OVERDUE and not working:
        return Check("requests", "failed", told, f"run `closer work`; {home / 'worker.log'} may say why none did")
    if failed:
        return Check("requests", "warning", told, f"`closer jobs list` says why; `closer jobs revive {failed[0].id}`")
    if age > OVERDUE:
        return Check("requests", "warning", told, "the worker is behind: `closer jobs list` shows what it is at")
    if aside:
        return Check("requests", "warning", f"{told}, {aside} unreadable", f"see {places.spool(str(home))}")
    return Check("requests", "ok", told)


def _log(home: Path) -> list[Check]:
    """The last failure of a hook, while it is fresh."""
    path = home / "hook.log"
    if not path.exists():
        return []
    lines = path.read_bytes()[-TAIL:].decode("utf-8", "replace").splitlines()
    stamp, _, line = (lines[-1] if lines else "").partition(" ")
    age = time.time() - int(stamp) if stamp.isdecimal() else RECENT
    if age >= RECENT:
        return []
    return [Check("hook", "warning", f"failed {_span(age)} ago: {line}", f"see {path}")]


def _last(host: str, waiting: Sequence[Request], jobs: Sequence[Job]) -> Call | None:
    """The host's newest request, wherever it has come to."""
    calls = [Call(request.at, request.kind, "waiting") for request in waiting if request.session.host == host]
    calls += [
        Call(job.request.at, job.request.kind, job.status, job.error)
        for job in jobs
        if job.request.session.host == host
    ]
    return max(calls, key=lambda call: call.at, default=None)


def _host(host: str, home: Path, last: Call | None) -> Check:
    """One host: the first thing that is wrong, else when it last called."""
    note = opencode.NOTE if host == opencode.HOST else wiring.KNOWN[host].note
    again = f"run `closer install {host}`"
    try:
        found = connection.of(host)
    except ConfigError as error:
        return Check(host, "warning", error.message, error.hint)
    commands = found.commands or ([["closer", "hook", host]] if found.plugin else [])
    if not commands:
        return Check(host, "ok", "is here, not connected", f"`closer install {host}` connects it")
    gone = next((words[0] for words in commands if shutil.which(words[0]) is None), None)
    if gone is not None:
        return Check(host, "failed", f"is to run {gone}, which isn't there", again)
    if found.plugin and found.commands:
        return Check(host, "warning", "connected twice, by its settings and by the plugin", f"closer uninstall {host}")
    if found.missing:
        return Check(host, "warning", f"isn't connected at {', '.join(found.missing)}", again)
    if found.off:
        return Check(host, "warning", f"connected, but its hooks are switched off ({found.off})", "switch them on")
    other = next((kept for words in commands if (kept := connection.home_of(words)) != home), None)
    if other is not None:
        return Check(host, "warning", f"connected to another home, {other}", again)
    if found.commands and not all(launcher.current(home) for words in commands if launcher.is_one(words[0])):
        return Check(host, "warning", "connected to another closer than this one", again)
    age = _span((datetime.now(UTC) - last.at).total_seconds()) if last else ""
    told = f"connected, last called {age} ago: {last.kind}, {last.status}" if last else "connected, has not called yet"
    if last is not None and last.status == "failed":
        return Check(host, "warning", f"{told}: {last.error}", "`closer jobs list` has the others")
    if found.untrusted:
        return Check(host, "warning", f"connected, but not approved at {', '.join(found.untrusted)}", note)
    if last is None:
        return Check(host, "warning", told, note or "begin a session in it")
    return Check(host, "ok", told)


def _span(seconds: float) -> str:
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {name}"
    return f"{max(seconds, 0):.0f} s"
