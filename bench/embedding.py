"""The one embedder of the benches and training scripts. Vectors are kept on disk, so a second run embeds nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from agent.adapters.embedder import DEFAULT_MODEL, CachedEmbedder, open_embedder
from agent.ports import Vectors

KEPT = Path(__file__).parent / ".cache"


class KeptEmbedder(CachedEmbedder):
    """Writes what it embeds at once: a bench that is stopped loses nothing."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        found = super().embed(texts)
        self.flush()
        return found


@cache
def embedder() -> KeptEmbedder:
    """The default model from the folder CLOSER_MODELS names, else exported once beside this module."""
    models = Path(os.environ.get("CLOSER_MODELS", KEPT / "models"))
    return KeptEmbedder(open_embedder(DEFAULT_MODEL, models, threads=2), KEPT / "vectors.db")
