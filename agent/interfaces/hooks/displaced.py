"""What is remembered in the home of each host's file we changed: what it takes to give back the very bytes."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agent.errors import ConfigError
from agent.interfaces.hooks.merging import Traces


@dataclass(frozen=True, slots=True)
class Displaced:
    """Of one file."""

    traces: Traces = field(default_factory=Traces)
    made: tuple[str, ...] = ()
    """The file itself and folders it is in, from the inside out, as far as they were made for it."""


def displaced(home: Path, path: Path) -> Displaced | None:
    """What is remembered of a file; None when nothing is. Raises ConfigError when the memory can't be read."""
    known = _all(home).get(str(path))
    if known is None:
        return None
    return Displaced(Traces(**known["traces"]), tuple(known["made"]))


def remember(home: Path, path: Path, what: Displaced | None) -> None:
    """Keep it, or forget the file. On disk when this returns."""
    known = _all(home)
    before = dict(known)
    known.pop(str(path), None)
    if what is not None:
        known[str(path)] = asdict(what)
    if known == before:
        return
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = home / f".hosts.{os.getpid()}"
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(known, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(_file(home))


def _file(home: Path) -> Path:
    return home / "hosts.json"


def _all(home: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_file(home).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        told = "remove it: it only tells what files were like before"
        raise ConfigError(f"{_file(home)} can't be read: {error}", hint=told) from error
    return found
