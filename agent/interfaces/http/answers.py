"""What was answered to requests that named a key: who asks again under it gets the same answer, and nothing is done
twice. Kept in the home, so that it holds across a restart.

A request is written down before it is done and its answer after; one whose service died in between is known by the
first.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import NeedsReview, Unavailable

Json = dict[str, Any]
FILE = "answers.db"
TABLE = """CREATE TABLE IF NOT EXISTS answers (
    name TEXT PRIMARY KEY, body TEXT NOT NULL, at REAL NOT NULL, before INTEGER NOT NULL, answer TEXT
)"""
KEPT = 7 * 24 * 3600.0
"""Seconds an answer is kept."""


@dataclass(frozen=True, slots=True)
class Key:
    """A request that may come again."""

    name: str
    """What is asked, of which session, and the caller's key, in one."""
    body: str
    """Digest of what was sent with it."""

    @classmethod
    def of(cls, given: str | None, route: str, body: str) -> Key | None:
        """None for a request without a key. `route` names what is asked; keys of two routes are two."""
        return cls(_digest(f"{route}\0{given}"), _digest(body)) if given is not None else None


@dataclass(frozen=True, slots=True)
class Begun:
    """A request as it was written down."""

    answer: Json | None
    """None when it wasn't answered."""
    before: int
    """What its caller noted of the state it found."""
    again: bool
    """Whether it was begun before."""


class Answers:
    """The keys of one home. Fit for several threads."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._lock = threading.Lock()
        self._made: sqlite3.Connection | None = None

    def begin(self, key: Key, before: int = 0) -> Begun:
        """Write a request down, with what its caller noted, unless it is known. Raises NeedsReview when the key stood
        for another request."""
        with self._writing() as db:
            row = db.execute("SELECT body, before, answer FROM answers WHERE name = ?", (key.name,)).fetchone()
            if row is not None:
                return _known(key, *row)
            db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, NULL)", (key.name, key.body, time.time(), before))
        return Begun(None, before, again=False)

    def keep(self, key: Key, answer: Json) -> None:
        with self._writing() as db:
            db.execute("UPDATE answers SET answer = ? WHERE name = ?", (json.dumps(answer), key.name))

    def close(self) -> None:
        with self._lock:
            if self._made is not None:
                self._made.close()
                self._made = None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock, self._opened() as db:
                yield db
        except sqlite3.Error as error:
            raise Unavailable(f"{FILE} can't be used: {error}", hint="see that the disk has room") from error

    def _opened(self) -> sqlite3.Connection:
        if self._made is None:
            made = sqlite3.connect(self._path, check_same_thread=False)
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")
            with made:
                made.execute(TABLE)
                made.execute("DELETE FROM answers WHERE at < ?", (time.time() - KEPT,))
            self._made = made
        return self._made


def once(answers: Answers, key: Key | None, do: Callable[[], Json]) -> Json:
    """What `do` gives, or gave when it was asked for under this key before."""
    if key is None:
        return do()
    begun = answers.begin(key)
    if begun.answer is not None:
        return begun.answer
    answer = do()
    answers.keep(key, answer)
    return answer


def _known(key: Key, body: str, before: int, answer: str | None) -> Begun:
    if body != key.body:
        raise NeedsReview("this key stood for another request before", hint="make a new key for each request")
    return Begun(json.loads(answer) if answer is not None else None, before, again=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
