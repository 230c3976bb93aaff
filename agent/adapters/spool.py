"""Requests on disk, one file each: written before anything else happens, so that an acknowledged one survives all.

Standard library only, and little of it: a hook imports this.
"""

from __future__ import annotations

import json
import os
import time

SCHEMA = "closer.request/1"
LARGEST = 64 * 1024
"""Bytes of one request. What a host says in more is cut by whoever makes the request."""


def put(folder: str, request: dict[str, object]) -> str:
    """Write a request and return its id. It is on disk, under its name, when this returns; else OSError is raised."""
    ident = f"{time.time_ns():020d}-{os.getpid()}"
    text = json.dumps({"schema": SCHEMA, "id": ident, **request}).encode()
    if len(text) > LARGEST:
        raise OSError(f"a request of {len(text)} bytes is too large")
    os.makedirs(folder, 0o700, exist_ok=True)
    beside, path = f"{folder}/.{ident}", f"{folder}/{ident}.json"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, text)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(beside, path)
    directory = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return ident


def waiting(folder: str) -> list[str]:
    """Paths of the requests, the oldest first."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json") and not name.startswith("."))
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in names]


def read(path: str) -> dict[str, object]:
    """A request. Raises ValueError when the file holds none."""
    with open(path, "rb") as file:
        text = file.read(LARGEST + 1)
    request = json.loads(text)
    if len(text) > LARGEST or not isinstance(request, dict) or request.get("schema") != SCHEMA:
        raise ValueError(f"{path} holds no request")
    return request


def remove(path: str) -> None:
    """Take a request off the spool. May repeat."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def set_aside(path: str) -> None:
    """Keep what can't be read where it is, out of the way."""
    os.replace(path, f"{path}.unreadable")
