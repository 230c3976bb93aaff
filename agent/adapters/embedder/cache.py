"""Vectors kept between runs in a small SQLite file. The file may be deleted at any time."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.ports import EmbedderStamp, Vectors

if TYPE_CHECKING:
    from agent.adapters.embedder import LocalEmbedder

_TABLE = """
CREATE TABLE IF NOT EXISTS vectors (
  number INTEGER PRIMARY KEY, stamp TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL,
  UNIQUE (stamp, text))
"""
_KEPT = 50_000
"""Vectors in the file at most, the newest ones: about 50 MB."""
_PENDING = 20_000
"""Vectors in memory at most, waiting for a flush: about 15 MB. Of more, the oldest are dropped."""
_AT_HAND = 4_000
"""Vectors read lately that stay in memory at most, about 3 MB: one close asks for some of them again and again."""
_AT_ONCE = 500
"""Digests in one query."""
_PATIENCE = 5.0
"""Seconds to wait for another process that writes."""


class CachedEmbedder:
    """Asks `inner` only for texts whose vectors it does not have. Embedding writes nothing; `flush` does.

    A file that is locked, full, or damaged costs time and a notice, never a vector.
    """

    def __init__(self, inner: LocalEmbedder, path: Path) -> None:
        self._inner = inner
        self._path = path
        self._pending: dict[bytes, NDArray[np.float16]] = {}
        self._at_hand: dict[bytes, NDArray[np.float16]] = {}
        self._damaged = False
        self._notices: dict[str, None] = {}

    @property
    def stamp(self) -> EmbedderStamp:
        return self._inner.stamp

    @property
    def notices(self) -> tuple[str, ...]:
        return (*self._inner.notices, *self._notices)

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return self._inner.embed(texts)
        digests = [_digest(text) for text in texts]
        known = self._known(set(digests))
        new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        if new:
            made = dict(zip(new, self._inner.embed(list(new.values())).astype(np.float16), strict=True))
            known |= made
            self._remember(made)
        return np.stack([known[digest] for digest in digests]).astype(np.float32)

    def flush(self) -> None:
        self._inner.flush()
        if not self._pending:
            return
        written = self._attempt(self._write)
        if self._damaged:
            written = self._attempt(self._write)
        if written:
            self._hold(self._pending)
            self._pending.clear()

    def close(self) -> None:
        self._inner.close()

    def _known(self, digests: set[bytes]) -> dict[bytes, NDArray[np.float16]]:
        known = {digest: self._at_hand[digest] for digest in digests & self._at_hand.keys()}
        known |= {digest: self._pending[digest] for digest in digests & self._pending.keys()}
        wanted = list(digests - known.keys())

        def read() -> None:
            with closing(self._connected()) as database:
                # Another process may have made the file and not yet the table.
                if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'vectors'").fetchone():
                    return
                for start in range(0, len(wanted), _AT_ONCE):
                    known.update(self._stored(database, wanted[start : start + _AT_ONCE]))

        if wanted and not self._damaged and self._path.exists():
            self._attempt(read)
            self._hold({digest: known[digest] for digest in wanted if digest in known})
        return known

    def _stored(self, database: sqlite3.Connection, digests: list[bytes]) -> dict[bytes, NDArray[np.float16]]:
        places = ", ".join("?" * len(digests))
        rows = database.execute(
            f"SELECT text, vector FROM vectors WHERE stamp = ? AND text IN ({places})",  # noqa: S608
            (self._key, *digests),
        )
        size = self.stamp.dimension * np.dtype(np.float16).itemsize
        vectors = {digest: np.frombuffer(blob, np.float16) for digest, blob in rows if len(blob) == size}
        return {digest: vectors[digest] for digest in _sound(vectors)}

    def _write(self) -> None:
        if self._damaged:
            self._set_aside()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        rows = [(self._key, digest, vector.tobytes()) for digest, vector in self._pending.items()]
        with closing(self._connected()) as database:
            with suppress(sqlite3.OperationalError):  # another process is at it; either mode serves
                database.execute("PRAGMA journal_mode = WAL")
            with database:
                database.execute(_TABLE)
                database.executemany("REPLACE INTO vectors (stamp, text, vector) VALUES (?, ?, ?)", rows)
                database.execute("DELETE FROM vectors WHERE number <= (SELECT max(number) FROM vectors) - ?", (_KEPT,))

    def _attempt(self, action: Callable[[], None]) -> bool:
        """Whether the file let us; why not is in the notices."""
        try:
            action()
        except (sqlite3.OperationalError, OSError) as error:
            self._notices[f"the vectors kept in {self._path.name} couldn't be used: {error}"] = None
        except sqlite3.DatabaseError as error:
            self._damaged = True
            self._notices[f"{self._path.name} is damaged and will be begun anew: {error}"] = None
        else:
            return True
        return False

    def _set_aside(self) -> None:
        self._path.replace(self._path.with_name(f"{self._path.name}.damaged"))
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._damaged = False

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_PATIENCE)

    def _hold(self, vectors: Mapping[bytes, NDArray[np.float16]]) -> None:
        self._at_hand |= vectors
        for digest in list(self._at_hand)[: max(len(self._at_hand) - _AT_HAND, 0)]:
            del self._at_hand[digest]

    def _remember(self, made: dict[bytes, NDArray[np.float16]]) -> None:
        self._pending |= made
        for digest in list(self._pending)[: max(len(self._pending) - _PENDING, 0)]:
            del self._pending[digest]

    @property
    def _key(self) -> str:
        return f"{self.stamp.name} {self.stamp.version} {self.stamp.dimension}"


def _sound(vectors: Mapping[bytes, NDArray[np.float16]]) -> list[bytes]:
    """Those of unit length."""
    if not vectors:
        return []
    lengths = np.linalg.norm(np.stack(list(vectors.values())).astype(np.float32), axis=1)
    return [digest for digest, length in zip(vectors, lengths, strict=True) if abs(length - 1) < 0.01]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
