"""What closer asks of a Chroma, whichever way it is reached. Knows no vaults and no shelves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from agent.errors import GatewayOffline
from agent.ports import Vectors

Metadata = Mapping[str, str | int]

CONFIGURATION: Mapping[str, Any] = {"hnsw": {"space": "cosine"}, "embedding_function": {"type": "legacy"}}
"""`legacy` is what Chroma's own client stores for `embedding_function=None`: nothing that could embed."""


class Refused(GatewayOffline):
    """Chroma is there and answered, but with an error of its own."""


@dataclass(frozen=True, slots=True)
class Collection:
    id: str
    name: str
    metadata: Metadata
    embeds: str
    """The embedding function its stored configuration names; empty when it names none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one collection, column by column."""

    ids: Sequence[str]
    vectors: Vectors
    texts: Sequence[str]
    digests: Sequence[str]


class Connection(Protocol):
    """Chroma during one guarded call, used as a context manager in that call's thread.

    Every method raises GatewayOffline, or Refused when there was an answer.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def abandon(self) -> None:
        """Nobody waits for this call any more: end it as soon as can be. Called from another thread."""

    def collections(self, prefix: str) -> list[Collection]: ...

    def collection(self, name: str) -> Collection | None: ...

    def create(self, name: str, metadata: Metadata) -> Collection:
        """The collection of that name, made with this metadata if there was none."""

    def annotate(self, collection: Collection, metadata: Metadata) -> None:
        """Replace the collection's metadata."""

    def drop(self, collection: Collection) -> None: ...

    def set_aside(self) -> None:
        """Make room for a new Chroma where this one can't be opened. Raises Refused where that isn't ours to do."""

    def upsert(self, collection: Collection, batch: Batch) -> None: ...

    def delete(self, collection: Collection, ids: Sequence[str]) -> None: ...

    def page(self, collection: Collection, limit: int, offset: int) -> dict[str, str]:
        """Ids to digests, without a look at the vectors."""

    def vectors(self, collection: Collection, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The stored vectors of those ids that exist."""

    def nearest(self, collection: Collection, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Ids and cosine distances."""


class Chroma(Protocol):
    """A place where a Chroma is, or may be."""

    def connect(self, seconds: float, *, writing: bool) -> Connection: ...

    def close(self) -> None: ...


def collection_of(id_: object, name: str, metadata: Metadata | None, configuration: Mapping[str, Any]) -> Collection:
    function = configuration.get("embedding_function") or {}
    harmless = function.get("type", "legacy") in ("legacy", "unknown")
    return Collection(
        id=str(id_),
        name=name,
        metadata=dict(metadata or {}),
        embeds="" if harmless else str(function.get("name") or function["type"]),
    )
