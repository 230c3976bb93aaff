"""An embedder without a model: words and their letters, hashed into a vector. Related texts are alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np

from agent.adapters.embedder.rounding import encodable, rounded
from agent.ports import EmbedderStamp, Vectors

_WORD = re.compile(r"\w+|[^\w\s]")
_TOKENS = 256


class HashingEmbedder:
    notices: tuple[str, ...] = ()

    def __init__(self, name: str = "hashing", dimension: int = 384) -> None:
        self.stamp = EmbedderStamp(name, "1", dimension)
        self.embedded: list[str] = []
        """Every text it was asked for, in order."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        vectors = np.zeros((len(texts), self.stamp.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[0] = 1e-3  # a text without words has a direction too
            for feature, weight in _features(encodable(text).lower()):
                number = crc32(feature.encode())
                row[number % self.stamp.dimension] += weight if number & 0x10000 else -weight
        return rounded(vectors)

    def flush(self) -> None:
        """Nothing is kept here."""

    def close(self) -> None:
        """Nothing is open here."""


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in _WORD.findall(text)[:_TOKENS]:
        weight = min(len(word), 8) / 8
        yield word, weight
        for start in range(len(word) - 2):
            yield word[start : start + 3], weight / len(word)
