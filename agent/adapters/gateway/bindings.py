"""The program that drives Chroma in a folder of this machine. Run as a script, it answers lines of JSON.

It uses Chroma's Rust bindings, as `import chromadb` costs 0.7 s of CPU and they cost 0.05. They are no public
interface: chromadb is pinned, no other file touches them, and the folder is the one that chromadb's own client
reads and writes.

It is a process of its own since the bindings hold Python's global lock while they wait for SQLite, so that no
thread could keep a deadline, and since an index cut short makes them crash.

Chroma isn't process safe: a client that stays open while another process writes goes on with a stale index,
and with its next writes loses vectors for good. So every call holds a lock on a file beside the folder, in
which each writer leaves a new random generation; a client of another generation is opened again.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import shutil
import signal
import sys
import traceback
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TENANT = "default_tenant"
DATABASE = "default_database"
GENERATION_BYTES = 16
FILES_PER_INDEX = 5
LONGEST_REASON = 120
GRACE = 0.5
"""Seconds past the deadline after which the program ends itself, should nobody be left to end it."""

Found = dict[str, Any]


class Client:
    """Open bindings, and the collections there are, which nobody else changes while this client is current."""

    def __init__(self, path: Path, database: Path) -> None:
        import chromadb_rust_bindings as rust

        path.mkdir(mode=0o700, exist_ok=True)
        sqlite = rust.SqliteDBConfig(
            hash_type=rust.MigrationHash.MD5, migration_mode=rust.MigrationMode.Apply, url=str(database)
        )
        self.bindings = rust.Bindings(
            allow_reset=False,
            sqlite_db_config=sqlite,
            persist_path=str(path),
            hnsw_cache_size=resource.getrlimit(resource.RLIMIT_NOFILE)[0] // FILES_PER_INDEX,
        )
        found = self.bindings.list_collections(None, 0, TENANT, DATABASE)
        self.collections: dict[str, Found] = {each.name: _collection(each) for each in found}


class Folder:
    """Its public methods are what can be asked, between a `begin` and an `end`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = path / "chroma.sqlite3"
        self._lock = path.with_name(f"{path.name}.generation")
        self._file = -1
        self._writing = False
        self._client: Client | None = None
        self._current = False
        self._version: tuple[bytes, int] = (b"", 0)

    def begin(self, seconds: float, writing: bool) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._writing = writing
        self._current = False

    def set_aside(self) -> None:
        """Move a Chroma that can't be opened out of the way, in place of one moved earlier."""
        damaged = self._path.with_name(f"{self._path.name}.damaged")
        shutil.rmtree(damaged, ignore_errors=True)
        self._path.rename(damaged)

    def end(self) -> None:
        os.close(self._file)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def collections(self, prefix: str) -> list[Found]:
        return [collection for name, collection in self._known.items() if name.startswith(prefix)]

    def collection(self, name: str) -> Found | None:
        return self._known.get(name)

    def create(self, name: str, metadata: Found, configuration: Found) -> Found:
        wanted = (name, json.dumps(configuration), None, metadata, True, TENANT, DATABASE)
        created = _collection(self._bindings.create_collection(*wanted))
        self._known[name] = created
        return created

    def annotate(self, key: str, name: str, metadata: Found) -> None:
        self._bindings.update_collection(key, None, metadata, None)
        self._known[name]["metadata"] = metadata

    def drop(self, name: str) -> None:
        self._bindings.delete_collection(name, TENANT, DATABASE)
        del self._known[name]

    def upsert(self, key: str, ids: list[str], vectors: list[str], texts: list[str], digests: list[str]) -> None:
        facts = [{"digest": digest} for digest in digests]
        columns = (ids, [unpacked(vector) for vector in vectors], facts, texts, None)
        self._bindings.upsert(key, *columns, TENANT, DATABASE)

    def delete(self, key: str, ids: list[str]) -> None:
        self._bindings.delete(key, ids, None, None, None, TENANT, DATABASE)

    def page(self, key: str, limit: int, offset: int) -> dict[str, str]:
        found = self._bindings.get(key, None, None, limit, offset, None, ["metadatas"], TENANT, DATABASE)
        return {id_: facts["digest"] for id_, facts in zip(found.ids, found.metadatas, strict=True)}

    def vectors(self, key: str, ids: list[str]) -> dict[str, str]:
        found = self._bindings.get(key, ids, None, None, 0, None, ["embeddings"], TENANT, DATABASE)
        return {id_: packed(vector) for id_, vector in zip(found.ids, found.embeddings, strict=True)}

    def nearest(self, key: str, vector: str, k: int) -> list[tuple[str, float]]:
        question = (None, [unpacked(vector)], k, None, None, ["distances"])
        found = self._bindings.query(key, *question, TENANT, DATABASE)
        return list(zip(found.ids[0], found.distances[0], strict=True))

    @property
    def _bindings(self) -> Any:
        client = self._opened()
        if client is None:
            raise RuntimeError("a folder without a Chroma has no collection to ask")
        return client.bindings

    @property
    def _known(self) -> dict[str, Found]:
        client = self._opened()
        return client.collections if client else {}

    def _opened(self) -> Client | None:
        """A client that knows all that was written; None when there is nothing to read."""
        if not self._current:
            if self._writing or self._database.exists():
                self._refresh()
            else:
                self._client = None
            self._current = True
        return self._client

    def _refresh(self) -> None:
        generation = os.pread(self._file, GENERATION_BYTES, 0)
        if self._client is None or self._version != (generation, _inode(self._database)):
            # First let go: two clients open at once are what loses vectors.
            self._client = None
            self._client = Client(self._path, self._database)
        if self._writing:
            # Before the first write: whoever dies in the middle leaves a generation that nobody has.
            generation = os.urandom(GENERATION_BYTES)
            os.pwrite(self._file, generation, 0)
        self._version = (generation, _inode(self._database))


def packed(vector: Iterable[float]) -> str:
    return b64encode(array("f", vector).tobytes()).decode()


def unpacked(vector: str) -> list[float]:
    return array("f", b64decode(vector)).tolist()


def answer(folder: Folder, method: str, arguments: list[Any]) -> Found:
    """`value`, or `refused` with Chroma's or the system's reason, or `bug` with a traceback."""
    try:
        return {"value": getattr(folder, method)(*arguments)}
    except (OSError, UnicodeEncodeError) as error:
        return {"refused": str(error)}
    except BaseException as error:  # noqa: BLE001  a panic of the bindings is no Exception
        # By name, as importing their classes imports chromadb.
        if type(error).__module__ in ("chromadb.errors", "pyo3_runtime"):
            return {"refused": str(error)[:LONGEST_REASON]}
        return {"bug": traceback.format_exc()}


def main(path: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever a library prints must not pass for an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    folder = Folder(Path(path))
    for line in sys.stdin.buffer:
        method, *arguments = json.loads(line)
        answers.write(json.dumps(answer(folder, method, arguments)).encode() + b"\n")
        answers.flush()


def _collection(found: Any) -> Found:
    return {
        "id_": str(found.id),
        "name": found.name,
        "metadata": found.metadata,
        "configuration": found.configuration,
    }


def _inode(path: Path) -> int:
    """Which file it is: a folder removed and made again isn't the one a client has open. 0 for none."""
    return path.stat().st_ino if path.exists() else 0


if __name__ == "__main__":
    main(sys.argv[1])
