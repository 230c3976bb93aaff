"""Chroma behind a URL, by its REST interface (v2).

Not by its own client: that has no time limits, costs 0.7 s to import, and may load whatever embedding model a
collection of the server names.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import numpy as np
from numpy.typing import NDArray

from agent.adapters.gateway.bindings import DATABASE, TENANT
from agent.adapters.gateway.connection import (
    CONFIGURATION,
    Batch,
    Collection,
    Metadata,
    Refused,
    collection_of,
)
from agent.errors import ConfigError, GatewayOffline

T = TypeVar("T")

EXAMPLE = "for example http://127.0.0.1:8000"
LARGEST_ANSWER = 64 * 1024 * 1024


class ServerChroma:
    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError as error:
            raise ConfigError(f"not a URL: {url}", hint=EXAMPLE) from error
        if parts.scheme not in ("http", "https") or not self._host:
            raise ConfigError(f"not the URL of a Chroma server: {url}", hint=EXAMPLE)
        self._http = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._path = f"{parts.path.rstrip('/')}/api/v2/tenants/{TENANT}/databases/{DATABASE}/collections"

    def connect(self, seconds: float, *, writing: bool) -> ServerConnection:
        return ServerConnection(self._http(self._host, self._port, timeout=seconds), self._path)

    def close(self) -> None:
        """Nothing stays open between calls."""


class ServerConnection:
    """A connection of its own for each call, so that a restarted server is met with no stale socket."""

    def __init__(self, http: HTTPConnection, collections: str) -> None:
        self._http = http
        self._collections = collections
        self._where = f"the Chroma server at {http.host}:{http.port}"
        self._socket: socket.socket | None = None
        self._abandoned = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def abandon(self) -> None:
        self._abandoned = True
        # Only a shutdown wakes a thread that reads; http.client drops its socket while an answer is read.
        for open_socket in filter(None, (self._socket, self._http.sock)):
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)

    def collections(self, prefix: str) -> list[Collection]:
        return [found for found in self._ask("GET", "", read=_listing) if found.name.startswith(prefix)]

    def collection(self, name: str) -> Collection | None:
        with suppress(_Missing):
            return self._ask("GET", f"/{quote(name)}", read=_collection)
        return None

    def create(self, name: str, metadata: Metadata) -> Collection:
        wanted = {"name": name, "metadata": metadata, "configuration": CONFIGURATION, "get_or_create": True}
        return self._ask("POST", "", wanted, read=_collection)

    def annotate(self, collection: Collection, metadata: Metadata) -> None:
        self._ask("PUT", f"/{collection.id}", {"new_metadata": metadata})

    def drop(self, collection: Collection) -> None:
        with suppress(_Missing):
            self._ask("DELETE", f"/{quote(collection.name)}")

    def set_aside(self) -> None:
        raise Refused(f"{self._where} can't be asked, and isn't ours to replace")

    def upsert(self, collection: Collection, batch: Batch) -> None:
        columns = {
            "ids": batch.ids,
            "embeddings": batch.vectors.tolist(),
            "documents": batch.texts,
            "metadatas": [{"digest": digest} for digest in batch.digests],
        }
        self._ask("POST", f"/{collection.id}/upsert", columns)

    def delete(self, collection: Collection, ids: Sequence[str]) -> None:
        self._ask("POST", f"/{collection.id}/delete", {"ids": ids})

    def page(self, collection: Collection, limit: int, offset: int) -> dict[str, str]:
        wanted = {"limit": limit, "offset": offset, "include": ["metadatas"]}
        return self._ask("POST", f"/{collection.id}/get", wanted, read=_digests)

    def vectors(self, collection: Collection, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        wanted = {"ids": ids, "include": ["embeddings"]}
        return self._ask("POST", f"/{collection.id}/get", wanted, read=_vectors)

    def nearest(self, collection: Collection, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        wanted = {"query_embeddings": [vector.tolist()], "n_results": k, "include": ["distances"]}
        return self._ask("POST", f"/{collection.id}/query", wanted, read=_distances)

    def _ask(
        self, method: str, path: str, body: object = None, *, read: Callable[[Any], T] = lambda answer: answer
    ) -> T:
        try:
            status, content = self._exchange(method, path, body)
        except HTTPException:
            # Their messages quote the server.
            raise GatewayOffline(f"{self._where} doesn't speak HTTP") from None
        except OSError as error:
            reason = "no answer" if isinstance(error, TimeoutError) else error.strerror
            raise GatewayOffline(f"{self._where}: {reason or type(error).__name__}") from error
        if status != HTTPStatus.OK:
            raise _refusal(self._where, status, content)
        try:
            return read(json.loads(content))
        except (ValueError, TypeError, LookupError, AttributeError):
            raise GatewayOffline(f"{self._where} doesn't answer as Chroma does") from None

    def _exchange(self, method: str, path: str, body: object) -> tuple[int, bytes]:
        if self._http.sock is None:
            self._http.connect()
            self._socket = self._http.sock
        if self._abandoned:
            raise GatewayOffline("abandoned")
        payload = None if body is None else json.dumps(body).encode()
        self._http.request(method, self._collections + path, payload, {"Content-Type": "application/json"})
        response = self._http.getresponse()
        content = response.read(LARGEST_ANSWER + 1)
        if len(content) > LARGEST_ANSWER:
            raise GatewayOffline(f"{self._where} answers without end")
        return response.status, content


class _Missing(Refused):
    """There is no such collection."""


def _refusal(where: str, status: int, content: bytes) -> GatewayOffline:
    """What a failed request means, from the error's name; its message is the server's and stays out."""
    try:
        name = str(json.loads(content)["error"])
    except (ValueError, TypeError, LookupError):
        return GatewayOffline(f"{where} answered {status}")
    if name == "NotFoundError":
        return _Missing(f"{where} has no such collection")
    word = name if re.fullmatch(r"[A-Za-z]{1,40}", name) else "an error"
    return Refused(f"{where} answered {status}, {word}")


def _collection(answer: Any) -> Collection:
    return collection_of(answer["id"], answer["name"], answer["metadata"], answer["configuration_json"])


def _listing(answer: Any) -> list[Collection]:
    return [_collection(found) for found in answer]


def _digests(answer: Any) -> dict[str, str]:
    return {id_: facts["digest"] for id_, facts in zip(answer["ids"], answer["metadatas"], strict=True)}


def _vectors(answer: Any) -> dict[str, NDArray[np.float32]]:
    return {
        id_: np.asarray(vector, dtype=np.float32)
        for id_, vector in zip(answer["ids"], answer["embeddings"], strict=True)
    }


def _distances(answer: Any) -> list[tuple[str, float]]:
    return list(zip(answer["ids"][0], answer["distances"][0], strict=True))
