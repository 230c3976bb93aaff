"""`closer hook HOST EVENT`: take in what the host says, put it on disk, wake the worker, end. Nothing here may fail.

A host waits a second at most, kills without asking, and reads meaning into exit codes and output. So: bounded input,
no library beyond the standard one, exit code 0 whatever happens, and only what the host asked for on stdout.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` costs twice what a hook does
import os
import select
import time

from agent.adapters import quick_json, spool
from agent.interfaces.hooks import hosts, places

LARGEST = 1024 * 1024
"""Bytes of what a host says, or of a brief, that are looked at."""
BEGINNING = 64 * 1024
"""Bytes of what isn't whole in which a session's name is looked for."""
DYING = 0.01
"""Seconds a worker that was killed may still seem to be there."""
PATIENCE = 0.5
"""Seconds the host has to say what it has to say."""
LONGEST = 4096
"""Characters of one field."""
NAME = 200
"""Characters of a session's id."""
CHILD = "UNDER_CLOSER"
"""Set in the environment of all that closer starts: what hosts among them say is not a person's."""


def main(arguments: list[str]) -> None:
    """Handle one hook call. Returns whatever happens; a failure is left in the home's `hook.log`."""
    try:
        # Ctrl-C at the host's terminal is meant for the host.
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
        if len(arguments) >= 2 and not os.environ.get(CHILD):
            _handle(arguments[0], arguments[1], places.home(arguments[2:]))
    except Exception as error:  # noqa: BLE001 - the outer door: the host must not notice
        _note(arguments, error)


def _handle(host: str, event: str, home: str) -> None:
    asked = hosts.EVENTS.get(host, {}).get(event)
    payload = _payload()
    if asked is None or any(payload.get(name) for name in hosts.SUBAGENT) or _told_by_cursor_too(host, payload):
        return
    request: dict[str, object] = {"kind": asked, "host": host, "at": time.time(), "parent": os.getppid()}
    for field, names in hosts.FIELDS.items():
        found = next((text for name in names if (text := _text(payload.get(name)))), "")
        if found:
            request[field] = _name(found) if field == "session" else found[:LONGEST]
    if not request.get("session"):
        return
    spool.put(places.spool(home), request)
    places.wake(home, DYING)
    if asked == hosts.START:
        _brief(host, event, home, str(request.get("cwd", "")))


def _text(value: object) -> str:
    """A field that is a text, or the first of several, without what no file system and no database takes."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value.encode("utf-8", "replace").decode().replace("\0", "") if isinstance(value, str) else ""


def _name(text: str) -> str:
    """A session's id as whoever reads its transcript will have it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * NAME]).split())[:NAME].rstrip()


def _told_by_cursor_too(host: str, payload: dict[str, object]) -> bool:
    """Whether Cursor says this by way of Claude Code's settings, which it reads too, and says it by its own."""
    if host != "claude-code" or "conversation_id" not in payload:
        return False
    if not (payload.get("cursor_version") or os.environ.get("CURSOR_VERSION")):
        return False
    try:
        with open(os.path.expanduser("~/.cursor/hooks.json"), "rb") as file:
            return b"hook cursor " in file.read(LARGEST)
    except OSError:
        return False  # not connected, as far as anybody can tell: better twice than never


def _payload() -> dict[str, object]:
    """What the host wrote to stdin, as far as it came in time and fits."""
    text = _said()
    try:
        found = quick_json.loads(text)
    except (ValueError, RecursionError):
        return quick_json.beginning(text[:BEGINNING])
    return found if isinstance(found, dict) else {}


def _said() -> bytes:
    """The beginning of stdin. The rest is taken too, so that the host isn't left with a broken pipe, and let go."""
    pieces, size = [], 0
    deadline = time.monotonic() + PATIENCE
    while (left := deadline - time.monotonic()) > 0 and select.select([0], [], [], left)[0]:
        piece = os.read(0, LARGEST)
        if not piece:
            break
        if size < LARGEST:
            pieces.append(piece)
            size += len(piece)
    return b"".join(pieces)[:LARGEST]


def _brief(host: str, event: str, home: str, cwd: str) -> None:
    """Hand over the brief that the worker prepared for this folder, if there is one."""
    try:
        with open(places.brief(home, cwd), encoding="utf-8") as file:
            told, text = file.readline().rstrip("\n"), file.read(LARGEST)
    except FileNotFoundError:
        return
    answer = hosts.context(host, event, text) if told == cwd and text.strip() else None
    # Not by sys.stdout: where the host has hung up, Python would complain at its end, and not end with 0.
    handed = quick_json.dumps(answer).encode() if answer else b""
    while handed:
        handed = handed[os.write(1, handed) :]


def _note(arguments: list[str], error: Exception) -> None:
    """Leave a line for `closer doctor`; where even that can't be, nothing more can be done here."""
    try:
        path = f"{places.home(arguments[2:])}/hook.log"
        told = f"{type(error).__name__}: {error}".replace("\n", " ")
        line = f"{time.time():.0f} {' '.join(arguments[:2])} {told}\n"
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
