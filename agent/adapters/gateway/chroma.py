"""The vault's passages in Chroma: a collection per shelf, and a root that says which commit they mirror.

Chroma is given vectors; it is never asked to embed or to filter.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from agent.adapters.gateway.connection import Batch, Chroma, Collection, Connection, Metadata, Refused
from agent.adapters.gateway.guard import Guard
from agent.domain.passage import Digests, Neighbour, PassageKind, Shelf
from agent.errors import EmbedderMismatch, GatewayOffline
from agent.ports import EmbedderStamp, Record, Vectors

T = TypeVar("T")

BATCH = 100
PATIENCE = 2
"""A batch is written, synced several times and read back: it gets this many times a question's deadline."""
QUESTIONS = 50
"""How many vectors one question holds."""


class ChromaGateway:
    """The `Gateway` port over either way to reach a Chroma."""

    def __init__(
        self,
        chroma: Chroma,
        vault_id: str,
        stamp: EmbedderStamp,
        *,
        deadline: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chroma = chroma
        self._root = f"closer-{_short(vault_id, 8)}"
        self._stamp: dict[str, str | int] = {
            "embedder": stamp.name,
            "embedder_version": stamp.version,
            "dimension": stamp.dimension,
        }
        self._identity = {"vault": vault_id, **self._stamp}
        self._deadline = deadline
        self._guard = Guard(clock)

    def probe(self) -> None:
        """Ask Chroma even while the breaker is open. Raises what any question may raise."""
        self._guard.reset()
        self.commit()

    def commit(self) -> str | None:
        root = self._ask(lambda chroma: self._find(chroma, self._root))
        return str(root.metadata["commit"]) if root and "commit" in root.metadata else None

    def mark(self, commit: str) -> None:
        def annotate(chroma: Connection) -> None:
            root = self._ensure(chroma, self._root, {})
            chroma.annotate(root, {**root.metadata, "commit": commit})

        self._write(annotate)

    def upsert(self, records: Sequence[Record]) -> None:
        for shelf, batch in _batches(records):
            self._write(partial(self._store, shelf=shelf, batch=batch))

    def delete(self, ids: Mapping[Shelf, Sequence[str]]) -> None:
        for shelf, unwanted in ids.items():
            for start in range(0, len(unwanted), BATCH):
                self._write(partial(self._remove, shelf=shelf, ids=unwanted[start : start + BATCH]))

    def nearest(self, shelves: Sequence[Shelf], vector: NDArray[np.float32], k: int) -> list[Neighbour]:
        return self.nearest_each(shelves, vector[np.newaxis], k)[0]

    def nearest_each(self, shelves: Sequence[Shelf], vectors: Vectors, k: int) -> list[list[Neighbour]]:
        def search(chroma: Connection, part: Vectors) -> list[list[Neighbour]]:
            found = [c for s in dict.fromkeys(shelves) if (c := self._find(chroma, self._name(s)))]
            return [_merged([chroma.nearest(collection, vector, k) for collection in found], k) for vector in part]

        return [
            neighbours
            for start in range(0, len(vectors), QUESTIONS)
            for neighbours in self._ask(partial(search, part=vectors[start : start + QUESTIONS]))
        ]

    def shelves(self) -> list[Shelf]:
        def look(chroma: Connection) -> list[Shelf]:
            return [
                Shelf(cast(PassageKind, collection.metadata["kind"]), str(collection.metadata["scope"]))
                for collection in map(self._checked, chroma.collections(f"{self._root}-"))
            ]

        return sorted(self._ask(look))

    def digests(self, shelf: Shelf) -> Digests:
        readable: dict[str, str] = {}
        offset, full = 0, True
        while full:
            stored, damaged = self._ask(partial(self._page, shelf=shelf, offset=offset))
            readable.update((id_, digest) for id_, digest in stored.items() if id_ not in damaged)
            offset, full = offset + BATCH, len(stored) == BATCH
        return readable

    def wipe(self) -> None:
        try:
            collections = self._ask(lambda chroma: chroma.collections(self._root))
        except Refused:
            self._write(lambda chroma: chroma.set_aside())
            return
        # The root goes first: a wipe cut short must not leave a commit claimed of passages that are gone.
        for collection in sorted(collections, key=lambda collection: collection.name != self._root):
            self._write(partial(_drop, collection=collection))

    def close(self) -> None:
        self._chroma.close()

    def _ask(self, work: Callable[[Connection], T]) -> T:
        return self._call(work, self._deadline, writing=False)

    def _write(self, work: Callable[[Connection], None]) -> None:
        self._call(work, self._deadline * PATIENCE, writing=True)

    def _call(self, work: Callable[[Connection], T], seconds: float, *, writing: bool) -> T:
        connection = self._chroma.connect(seconds, writing=writing)

        def call() -> T:
            with connection as chroma:
                return work(chroma)

        return self._guard.run(call, seconds, connection.abandon)

    def _store(self, chroma: Connection, shelf: Shelf, batch: Batch) -> None:
        self._ensure(chroma, self._root, {})
        collection = self._ensure(chroma, self._name(shelf), {"kind": shelf.kind, "scope": shelf.scope})
        chroma.upsert(collection, batch)
        stored = chroma.vectors(collection, batch.ids)
        if not stored.keys() >= set(batch.ids):
            raise GatewayOffline("not every vector that was written can be read back")
        if not np.allclose([stored[id_] for id_ in batch.ids], batch.vectors, atol=1e-4):
            raise GatewayOffline("the vectors read back aren't those that were written")

    def _remove(self, chroma: Connection, shelf: Shelf, ids: Sequence[str]) -> None:
        if collection := self._find(chroma, self._name(shelf)):
            chroma.delete(collection, ids)

    def _page(self, chroma: Connection, shelf: Shelf, offset: int) -> tuple[dict[str, str], set[str]]:
        """One page's digests by id, and those of its ids whose vector can't be read."""
        collection = self._find(chroma, self._name(shelf))
        if not collection:
            return {}, set()
        stored = chroma.page(collection, BATCH, offset)
        return stored, set(stored) - _readable(chroma, collection, list(stored))

    def _name(self, shelf: Shelf) -> str:
        return f"{self._root}-{shelf.kind}-{_short(shelf.scope, 16)}"

    def _find(self, chroma: Connection, name: str) -> Collection | None:
        collection = chroma.collection(name)
        return self._checked(collection) if collection else None

    def _ensure(self, chroma: Connection, name: str, facts: Metadata) -> Collection:
        return self._find(chroma, name) or self._checked(chroma.create(name, {**self._identity, **facts}))

    def _checked(self, collection: Collection) -> Collection:
        if collection.embeds:
            # Whoever can reach a Chroma server can plant a model there, which other clients load and run.
            raise EmbedderMismatch(
                f"the collection {collection.name} is set to embed by itself, with {collection.embeds}",
                hint="closer rebuild",
            )
        found = {key: collection.metadata.get(key) for key in self._stamp}
        if found != self._stamp:
            raise EmbedderMismatch(
                f"the gateway holds vectors of {_words(found)}, but the embedder is {_words(self._stamp)}",
                hint="closer rebuild",
            )
        return collection


def _merged(answers: Sequence[Sequence[tuple[str, float]]], k: int) -> list[Neighbour]:
    found = [Neighbour(id_, min(1.0, max(-1.0, 1.0 - distance))) for answer in answers for id_, distance in answer]
    return sorted(found, key=lambda neighbour: (-neighbour.cosine, neighbour.id))[:k]


def _short(text: str, length: int) -> str:
    return sha256(text.encode()).hexdigest()[:length]


def _words(stamp: Mapping[str, object]) -> str:
    return "{embedder} {embedder_version} ({dimension} dimensions)".format(**stamp)


def _batches(records: Sequence[Record]) -> Iterator[tuple[Shelf, Batch]]:
    shelves: dict[Shelf, dict[str, Record]] = {}
    for record in records:
        shelves.setdefault(record.shelf, {})[record.id] = record
    for shelf, unique in shelves.items():
        ordered = list(unique.values())
        for start in range(0, len(ordered), BATCH):
            part = ordered[start : start + BATCH]
            yield (
                shelf,
                Batch(
                    ids=[record.id for record in part],
                    vectors=np.stack([record.vector for record in part]),
                    texts=[record.text for record in part],
                    digests=[record.digest for record in part],
                ),
            )


def _readable(chroma: Connection, collection: Collection, ids: Sequence[str]) -> set[str]:
    """Those whose vector can be read. One damaged vector fails the whole question: look for it by halves."""
    try:
        return set(chroma.vectors(collection, ids)) if ids else set()
    except Refused:
        if len(ids) == 1:
            return set()
        half = len(ids) // 2
        return _readable(chroma, collection, ids[:half]) | _readable(chroma, collection, ids[half:])


def _drop(chroma: Connection, collection: Collection) -> None:
    chroma.drop(collection)
