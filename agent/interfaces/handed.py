"""Turns handed over for a close, in a file of the home until the vault has them: to acknowledge them, no database is
asked and no other process waited for."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.domain.markdown import iso, moment
from agent.domain.session import SessionKey
from agent.domain.transcript import Turn
from agent.errors import TranscriptError
from agent.interfaces.hooks.places import same_folder
from agent.interfaces.requests import ask
from agent.stages.intake import redacted

if TYPE_CHECKING:
    from agent.closer import Closer
    from agent.domain.request import Request
    from agent.ports import Redactor

FOLDER = "handed"
STALE = 3600.0
"""Seconds after which turns that no request came of have nobody left who would make one."""


def hand_over(home: Path, key: SessionKey, turns: Sequence[Turn], redactor: Redactor, reason: str) -> str:
    """Have the worker close a session with these turns, redacted first. Gives the job; all is on disk by then.

    Raises OSError when it can't be written; then nothing was acknowledged and nothing is left.
    """
    ident = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    path = home / FOLDER / f"{ident}.json"
    try:
        _write(path, json.dumps([_facts(turn) for turn in fit(turns, redactor)]).encode())
        return ask(home, "end", key, transcript=path, reason=reason, ident=ident)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def fit(turns: Sequence[Turn], redactor: Redactor) -> list[Turn]:
    """Turns as they may be kept: without secrets, and with a time."""
    now, counts = datetime.now(UTC), Counter[str]()
    return [redacted(replace(turn, when=turn.when or now), redactor, counts) for turn in turns]


def given(home: Path, request: Request) -> bool:
    """Whether a request comes with turns that were handed over."""
    return bool(request.transcript) and same_folder(Path(str(request.transcript)).parent, home / FOLDER)


@contextmanager
def taken_in(closer: Closer, request: Request) -> Iterator[Request]:
    """What is left to be asked once the turns of such a request are in the running transcript. They are let go of at
    the end, unless that fails. May repeat: what is known already isn't taken in again.

    Raises TranscriptError for a file that can't be read.
    """
    path = Path(str(request.transcript))
    if path.exists():
        take_in(closer, request.session, _read(path))
    yield replace(request, transcript=None)
    path.unlink(missing_ok=True)


def tidy(home: Path, known: Callable[[str], bool]) -> None:
    """Remove turns whose writer died before it had acknowledged them. `known`: whether there is a job of that id."""
    folder = home / FOLDER
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > STALE and not known(path.stem):
                path.unlink()


def take_in(closer: Closer, key: SessionKey, turns: Sequence[Turn]) -> None:
    """Add those of a conversation's redacted turns to the running transcript that aren't there."""
    from agent.bootstrap import House

    house = House(closer.settings)
    try:
        new = fresh([turn for turn in house.registry.turns(key) if not turn.ours], turns)
        if new:
            house.registry.append(key, new)
    finally:
        house.close()


def fresh(known: Sequence[Turn], given: Sequence[Turn]) -> list[Turn]:
    """What is left of the turns given when those known are taken off their beginning: a model may hand over the whole
    conversation, what came since, the end of the one and the beginning of the other, or an old part again."""
    have, said = ([(turn.role, turn.text) for turn in turns] for turns in (known, given))
    for start in range(len(have)):
        again = have[start : start + len(said)]
        if said[: len(again)] == again:
            return list(given[len(again) :])
    return list(given)


def _write(path: Path, content: bytes) -> None:
    """Beside, synced, then into place, and its name synced too."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> list[Turn]:
    try:
        return [Turn(f["role"], f["text"], f["name"], moment(f["when"])) for f in json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise TranscriptError(f"{path.name} holds no turns that were handed over", path=str(path)) from error


def _facts(turn: Turn) -> dict[str, Any]:
    return {"role": turn.role, "text": turn.text, "name": turn.name, "when": iso(turn.when)}
