"""The reference embedder: sentence-transformers itself. Takes seconds and hundreds of megabytes to load."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from agent.adapters.embedder.record import Record
from agent.adapters.embedder.rounding import encodable, rounded
from agent.adapters.embedder.source import locate
from agent.errors import EmbedderUnavailable
from agent.ports import EmbedderStamp, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def load(path: str) -> SentenceTransformer:
    """A model from a folder, without asking any network, or by its name on the hub."""
    try:
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(path, device="cpu", local_files_only=Path(path).is_dir())
    except Exception as error:  # what it raises depends on which of its parts is missing
        raise EmbedderUnavailable(
            f"sentence-transformers can't load {path}: {error}", hint="check the setting that names the model"
        ) from error


def encode(model: SentenceTransformer, texts: Sequence[str]) -> Vectors:
    """One text at a time: in a batch, vectors would depend on their neighbours."""
    clean = [encodable(text) for text in texts]
    return rounded(model.encode(clean, batch_size=1, show_progress_bar=False, convert_to_numpy=True))


class SentenceTransformersEmbedder:
    """Serves where an export may not, and says so."""

    def __init__(self, model: str, record: Record, threads: int = 1) -> None:
        self._name = model
        self._record = record
        self._threads = threads
        self._model: SentenceTransformer | None = None
        self._loading = Lock()

    @property
    def stamp(self) -> EmbedderStamp:
        return self._record.stamp

    @property
    def notices(self) -> tuple[str, ...]:
        return (f"embedding is slow: {self._record.refused}; to try again, remove the model's folder",)

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self._record.dimension), np.float32)
        return encode(self._loaded(), texts)

    def flush(self) -> None:
        """Nothing is kept here."""

    def close(self) -> None:
        self._model = None

    def _loaded(self) -> SentenceTransformer:
        with self._loading:
            if self._model is None:
                self._model = load(locate(self._name).path)
                import torch

                torch.set_num_threads(self._threads)
            return self._model
