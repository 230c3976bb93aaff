"""Requests on disk, one file each: written before anything else happens, so that an acknowledged one survives all.

Standard library only, and little of it: a hook imports this.
"""

from __future__ import annotations

import _thread
import os
import time

from agent.adapters import quick_json

SCHEMA = "closer.request/1"
LARGEST = 64 * 1024
"""Bytes of one request. What a host says in more is cut by whoever makes the request."""
LONGEST = 128
"""Characters of an id."""
STALE = 60.0
"""Seconds after which a file that never came into its place has nobody left who writes it."""


def put(folder: str, request: dict[str, object], ident: str | None = None) -> str:
    """Write a request and return its id. It is on disk, under its name, when this returns; else OSError is raised.

    `ident`: the id to give it, lower-case letters, digits and `-_.` only, else ValueError is raised. One that waits
    already is replaced: two requests of one id are one.
    """
    mark = f"{time.time_ns():020d}-{_thread.get_native_id()}"
    ident = mark if ident is None else ident
    if not safe(ident):
        raise ValueError(f"{ident[:LONGEST]!r} is no id of a request")
    text = quick_json.dumps({"schema": SCHEMA, "id": ident, **request}).encode()
    if len(text) > LARGEST:
        raise OSError(f"a request of {len(text)} bytes is too large")
    beside = f"{folder}/.{mark}"
    try:
        _write(folder, beside, text)
        os.rename(beside, f"{folder}/{ident}.json")
    except BaseException:
        _gone(beside)
        raise
    _sync(folder)
    return ident


def safe(ident: str) -> bool:
    """Whether a request may be called that: it is a file's name, also where `a` and `A` are one."""
    fit = ident.isascii() and ident == ident.lower() and all(c.isalnum() or c in "-_." for c in ident)
    return fit and 0 < len(ident) <= LONGEST and not ident.startswith(".")


def waiting(folder: str) -> list[str]:
    """Paths of the requests, the oldest first."""
    return [path for _, path in sorted(_files(folder)) if path.endswith(".json")]


def tidy(folder: str) -> None:
    """Remove what writers that died left half-way."""
    for written, path in _files(folder, hidden=True):
        if time.time() - written / 1e9 > STALE:
            _gone(path)


def read(path: str) -> dict[str, object]:
    """A request. Raises ValueError when the file holds none."""
    with open(path, "rb") as file:
        text = file.read(LARGEST + 1)
    request = quick_json.loads(text)
    if len(text) > LARGEST or not isinstance(request, dict) or request.get("schema") != SCHEMA:
        raise ValueError(f"{path} holds no request")
    return request


def remove(path: str) -> None:
    """Take a request off the spool. May repeat."""
    _gone(path)


def set_aside(path: str) -> None:
    """Keep what can't be read where it is, out of the way."""
    os.replace(path, f"{path}.unreadable")


def _write(folder: str, path: str, text: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(folder, 0o700, exist_ok=True)
        _sync(os.path.dirname(folder))
        descriptor = os.open(path, flags, 0o600)
    try:
        # A disk that fills up takes a part, and refuses only the rest.
        while text:
            text = text[os.write(descriptor, text) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(folder: str) -> None:
    directory = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _files(folder: str, *, hidden: bool = False) -> list[tuple[int, str]]:
    """When each file was written, in nanoseconds, and its path."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") == hidden:
                    try:
                        found.append((entry.stat().st_mtime_ns, entry.path))
                    except FileNotFoundError:
                        continue  # taken in meanwhile
    except FileNotFoundError:
        return []
    return found


def _gone(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
