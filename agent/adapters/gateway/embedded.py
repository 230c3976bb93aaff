"""Chroma in a folder of this machine, behind a process of its own: see `bindings`."""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from threading import Lock
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agent.adapters.gateway import bindings
from agent.adapters.gateway.connection import CONFIGURATION, Batch, Collection, Metadata, Refused, collection_of
from agent.errors import GatewayOffline

REBUILD = "if this doesn't pass: closer rebuild"
FAREWELL = 1.0
"""Seconds an idle process is given to close its files."""


class EmbeddedChroma:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = Lock()
        self._process: Popen[bytes] | None = None

    def connect(self, seconds: float, *, writing: bool) -> EmbeddedConnection:
        return EmbeddedConnection(self, seconds, writing=writing)

    def close(self) -> None:
        with self._turn:
            if self._process:
                _end(self._process, FAREWELL)
                self._process = None

    @contextmanager
    def process(self, seconds: float) -> Iterator[Popen[bytes]]:
        """The process, for one call at a time. It doesn't outlive a call that failed."""
        if not self._turn.acquire(timeout=seconds):
            raise GatewayOffline("an earlier call is still under way")
        try:
            if self._process is None or self._process.poll() is not None:
                self._process = self._started()
            yield self._process
        except BaseException:
            if self._process:
                _end(self._process, 0)
                self._process = None
            raise
        finally:
            self._turn.release()

    def _started(self) -> Popen[bytes]:
        # -P: the folder the program lies in is no place to import from.
        command = [sys.executable, "-P", str(bindings.__file__), str(self._path)]
        return Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)  # noqa: S603  our own program


class EmbeddedConnection:
    def __init__(self, chroma: EmbeddedChroma, seconds: float, *, writing: bool) -> None:
        self._chroma = chroma
        self._seconds = seconds
        self._writing = writing
        self._held = ExitStack()
        self._process: Popen[bytes] | None = None
        self._abandoned = False

    def __enter__(self) -> Self:
        with ExitStack() as held:
            self._process = held.enter_context(self._chroma.process(self._seconds))
            held.enter_context(self._hold())
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.__exit__(kind, error, trace)

    def abandon(self) -> None:
        self._abandoned = True
        if self._process:
            self._process.kill()

    def collections(self, prefix: str) -> list[Collection]:
        return [collection_of(**found) for found in self._ask("collections", prefix)]

    def collection(self, name: str) -> Collection | None:
        found = self._ask("collection", name)
        return collection_of(**found) if found else None

    def create(self, name: str, metadata: Metadata) -> Collection:
        return collection_of(**self._ask("create", name, metadata, CONFIGURATION))

    def annotate(self, collection: Collection, metadata: Metadata) -> None:
        self._ask("annotate", collection.id, collection.name, metadata)

    def drop(self, collection: Collection) -> None:
        self._ask("drop", collection.name)

    def set_aside(self) -> None:
        self._ask("set_aside")

    def upsert(self, collection: Collection, batch: Batch) -> None:
        vectors = [_packed(vector) for vector in batch.vectors]
        self._ask("upsert", collection.id, batch.ids, vectors, batch.texts, batch.digests)

    def delete(self, collection: Collection, ids: Sequence[str]) -> None:
        self._ask("delete", collection.id, ids)

    def page(self, collection: Collection, limit: int, offset: int) -> dict[str, str]:
        found: dict[str, str] = self._ask("page", collection.id, limit, offset)
        return found

    def vectors(self, collection: Collection, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        found = self._ask("vectors", collection.id, ids)
        return {id_: np.frombuffer(b64decode(vector), dtype=np.float32) for id_, vector in found.items()}

    def nearest(self, collection: Collection, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        return [(id_, distance) for id_, distance in self._ask("nearest", collection.id, _packed(vector), k)]

    @contextmanager
    def _hold(self) -> Iterator[None]:
        self._ask("begin", self._seconds, self._writing)
        yield
        self._ask("end")

    def _ask(self, method: str, *arguments: object) -> Any:
        answer = json.loads(self._exchange(json.dumps([method, *arguments]).encode()))
        if "bug" in answer:
            raise RuntimeError(answer["bug"])
        if "refused" in answer:
            raise Refused(f"Chroma failed: {answer['refused']}", hint=REBUILD)
        return answer["value"]

    def _exchange(self, question: bytes) -> bytes:
        process = self._process
        if self._abandoned or not process or not process.stdin or not process.stdout:
            raise GatewayOffline("abandoned")
        try:
            process.stdin.write(question + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = b""
        if not answer.endswith(b"\n"):
            raise GatewayOffline(f"Chroma ended, with {process.wait()}", hint=REBUILD)
        return answer


def _packed(vector: NDArray[np.float32]) -> str:
    return b64encode(np.asarray(vector, dtype=np.float32).tobytes()).decode()


def _end(process: Popen[bytes], patience: float) -> None:
    """Its input's end is the process's own; failing that it is killed, which loses nothing it has acknowledged."""
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):
                pipe.close()
    try:
        process.wait(patience)
    except TimeoutExpired:
        process.kill()
        process.wait()
