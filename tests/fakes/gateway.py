"""A gateway in memory, with switches for what a real one can do to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from agent.domain.passage import Digests, Neighbour, Shelf
from agent.errors import EmbedderMismatch, GatewayOffline
from agent.ports import EmbedderStamp, Record, Vectors

T = TypeVar("T")


@dataclass
class Stored:
    """What one vault has in the gateway."""

    stamp: EmbedderStamp
    commit: str | None = None
    shelves: dict[Shelf, dict[str, Record]] = field(default_factory=dict)


@dataclass
class MemoryGateway:
    stamp: EmbedderStamp
    vault_id: str = "vault"
    place: dict[str, Stored] = field(default_factory=dict)
    """What is stored, by vault. Gateways given the same place see the same."""

    offline: bool = False
    """Every call fails with nothing done."""
    slow: bool = False
    """Every call is done, and reported as failed: the answer came too late."""
    unreadable: set[str] = field(default_factory=set)
    """Ids whose vector is damaged; storing them again repairs it."""
    calls: list[str] = field(default_factory=list)

    def commit(self) -> str | None:
        stored = self._begin("commit")
        return self._end(stored.commit if stored else None)

    def mark(self, commit: str) -> None:
        self._begin("mark")
        self._ensured().commit = commit
        self._end(None)

    def upsert(self, records: Sequence[Record]) -> None:
        self._begin("upsert")
        for record in records:
            self._ensured().shelves.setdefault(record.shelf, {})[record.id] = record
            self.unreadable.discard(record.id)
        self._end(None)

    def delete(self, ids: Mapping[Shelf, Sequence[str]]) -> None:
        stored = self._begin("delete")
        for shelf, unwanted in ids.items():
            for id_ in unwanted:
                self._records(stored, shelf).pop(id_, None)
        self._end(None)

    def nearest(self, shelves: Sequence[Shelf], vector: NDArray[np.float32], k: int) -> list[Neighbour]:
        stored = self._begin("nearest")
        found = [
            Neighbour(record.id, float(record.vector @ vector))
            for shelf in dict.fromkeys(shelves)
            for record in self._records(stored, shelf).values()
            if record.id not in self.unreadable
        ]
        return self._end(sorted(found, key=lambda neighbour: (-neighbour.cosine, neighbour.id))[:k])

    def nearest_each(self, shelves: Sequence[Shelf], vectors: Vectors, k: int) -> list[list[Neighbour]]:
        return [self.nearest(shelves, vector, k) for vector in vectors]

    def shelves(self) -> list[Shelf]:
        stored = self._begin("shelves")
        return self._end(sorted(stored.shelves) if stored else [])

    def digests(self, shelf: Shelf) -> Digests:
        records = self._records(self._begin("digests"), shelf)
        return self._end({id_: each.digest for id_, each in records.items() if id_ not in self.unreadable})

    def wipe(self) -> None:
        self._begin("wipe", check=False)
        self.place.pop(self.vault_id, None)
        self._end(None)

    def close(self) -> None:
        self.calls.append("close")

    def _begin(self, call: str, *, check: bool = True) -> Stored | None:
        self.calls.append(call)
        if self.offline:
            raise GatewayOffline("refused")
        stored = self.place.get(self.vault_id)
        if check and stored and stored.stamp != self.stamp:
            raise EmbedderMismatch(f"holds vectors of {stored.stamp.name}", hint="closer rebuild")
        return stored

    def _end(self, answer: T) -> T:
        if self.slow:
            raise GatewayOffline("no answer in time")
        return answer

    def _ensured(self) -> Stored:
        return self.place.setdefault(self.vault_id, Stored(self.stamp))

    def _records(self, stored: Stored | None, shelf: Shelf) -> dict[str, Record]:
        return stored.shelves.get(shelf, {}) if stored else {}
