"""The processes that work for a home: seen, and waited for until they have ended by themselves."""

from __future__ import annotations

import time
from pathlib import Path

WITHIN = 120.0
"""Seconds things are given on a busy machine."""


def running(home: Path) -> list[list[str]]:
    """The command lines of processes that name this home."""
    return list(processes(home).values())


def processes(home: Path) -> dict[int, list[str]]:
    """The same by process number."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if any(str(home) in word for word in words):
            found[int(entry.parent.name)] = words
    return found


def until_deserted(home: Path) -> None:
    """Wait for the worker and the service to end by themselves."""
    deadline = time.monotonic() + WITHIN
    while found := running(home):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
