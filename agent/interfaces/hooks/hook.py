"""`closer hook HOST EVENT`: take in what the host says, put it on disk, wake the worker, end. Nothing here may fail.

A host waits a second at most, kills without asking, and reads meaning into exit codes and output. So: bounded input,
no library beyond the standard one, exit code 0 whatever happens, and only what the host asked for on stdout.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time

from agent.adapters import spool
from agent.interfaces.hooks import hosts, places

LARGEST = 1024 * 1024
PATIENCE = 0.5
"""Seconds the host has to say what it has to say."""
LONGEST = 4096
"""Characters of one field."""
CHILD = "UNDER_CLOSER"
"""Set in the environment of all that closer starts: what hosts among them say is not a person's."""


def main(arguments: list[str]) -> None:
    """Handle one hook call. Returns whatever happens; a failure is left in the home's `hook.log`."""
    try:
        if len(arguments) >= 2 and not os.environ.get(CHILD):
            _handle(arguments[0], arguments[1], places.home(arguments[2:]))
    except Exception as error:  # noqa: BLE001 - the outer door: the host must not notice
        _note(arguments, error)


def _handle(host: str, event: str, home: str) -> None:
    asked = hosts.EVENTS.get(host, {}).get(event)
    payload = _payload()
    if asked is None or any(payload.get(name) for name in hosts.SUBAGENT):
        return
    request: dict[str, object] = {"kind": asked, "host": host, "at": time.time(), "parent": os.getppid()}
    for field, names in hosts.FIELDS.items():
        found = next((payload[name] for name in names if isinstance(payload.get(name), str) and payload[name]), None)
        if found:
            request[field] = str(found)[:LONGEST]
    if "session" not in request:
        return
    spool.put(places.spool(home), request)
    places.wake(home)
    if asked == hosts.START:
        _brief(host, event, home, str(request.get("cwd", "")))


def _payload() -> dict[str, object]:
    """What the host wrote to stdin, as far as it came in time and fits."""
    text = b""
    deadline = time.monotonic() + PATIENCE
    while len(text) < LARGEST:
        ready, _, _ = select.select([0], [], [], max(deadline - time.monotonic(), 0))
        piece = os.read(0, LARGEST - len(text)) if ready else b""
        if not piece:
            break
        text += piece
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _brief(host: str, event: str, home: str, cwd: str) -> None:
    """Hand over the brief that the worker prepared for this folder, if there is one."""
    try:
        with open(places.brief(home, cwd), encoding="utf-8") as file:
            told, text = file.readline().rstrip("\n"), file.read(LARGEST)
    except FileNotFoundError:
        return
    answer = hosts.context(host, event, text) if told == cwd and text.strip() else None
    if answer:
        sys.stdout.write(json.dumps(answer))
        sys.stdout.flush()


def _note(arguments: list[str], error: Exception) -> None:
    """Leave a line for `closer doctor`; where even that can't be, nothing more can be done here."""
    try:
        path = f"{places.home(arguments[2:])}/hook.log"
        line = f"{time.time():.0f} {' '.join(arguments[:2])} {type(error).__name__}: {error}\n"
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | (os.O_TRUNC if _long(path) else os.O_APPEND)
        descriptor = os.open(path, flags, 0o600)
        os.write(descriptor, line.encode("utf-8", "replace")[:LONGEST])
        os.close(descriptor)
    except OSError:
        return


def _long(path: str) -> bool:
    try:
        return os.stat(path).st_size > LARGEST
    except FileNotFoundError:
        return False
