"""The embedder: text to unit vectors, by a local model. Importing this loads no model and no runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from agent.adapters.embedder.cache import CachedEmbedder
from agent.adapters.embedder.models import exported
from agent.adapters.embedder.onnx import OnnxEmbedder
from agent.adapters.embedder.reference import SentenceTransformersEmbedder
from agent.adapters.embedder.source import DEFAULT_MODEL
from agent.ports import Embedder

__all__ = ["DEFAULT_MODEL", "CachedEmbedder", "LocalEmbedder", "open_embedder"]


class LocalEmbedder(Embedder, Protocol):
    """An embedder that holds a model in this process."""

    def close(self) -> None:
        """Free the model. May repeat; the next call loads it again."""


def open_embedder(model: str, models_dir: Path, threads: int = 1) -> LocalEmbedder:
    """The embedder for a model, exported first where that has not been done (some seconds, once).

    `model` is the default's name, or whatever sentence-transformers takes: a folder, or a name on the hub.
    Raises EmbedderUnavailable when nothing can serve.
    """
    folder, record = exported(model, models_dir)
    if record.refused:
        return SentenceTransformersEmbedder(model, record, threads)
    return OnnxEmbedder(folder, record, threads)
