"""The embedder of the hot path: the exported model, run by onnxruntime.

Knows nothing of torch. The model and its runtime are loaded at the first text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from agent.adapters.embedder import record as records
from agent.adapters.embedder.record import Record
from agent.adapters.embedder.rounding import encodable, rounded
from agent.errors import EmbedderUnavailable
from agent.ports import EmbedderStamp, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
_TOKENS_A_RUN = 512
"""Rows times length of one batch. Larger ones leave the processor's cache: slower a text, and more memory."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    tokenizer: Tokenizer
    session: InferenceSession


class OnnxEmbedder:
    """Runs an export. The same text gives the same vector to the last bit, whatever its batch.

    That holds because tokens come out of the graph alike in every batch, and are averaged here, over the
    text's own tokens only: the runtime's sum takes another order for one row than for several.
    """

    notices: tuple[str, ...] = ()

    def __init__(self, folder: Path, record: Record, threads: int = 1) -> None:
        self._folder = folder
        self._record = record
        self._threads = threads
        self._model: _Loaded | None = None
        self._loading = Lock()

    @property
    def stamp(self) -> EmbedderStamp:
        return self._record.stamp

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self._record.dimension), np.float32)
        model = self._loaded()
        rows = [self._tokens(model.tokenizer, text) for text in texts]
        vectors = np.empty((len(rows), self._record.dimension), np.float32)
        for batch in _batches([len(row) for row in rows]):
            vectors[batch] = self._sums(model.session, [rows[index] for index in batch])
        return rounded(vectors)

    def flush(self) -> None:
        """Nothing is kept here."""

    def close(self) -> None:
        self._model = None

    def _tokens(self, tokenizer: Tokenizer, text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(encodable(text)).ids
        return ids if len(ids) <= self._record.tokens else [*ids[: self._record.tokens - 1], ids[-1]]

    def _sums(self, session: InferenceSession, rows: list[list[int]]) -> Vectors:
        """Each row's token vectors, summed: of one direction with their mean, which is all that counts."""
        width = max(map(len, rows))
        ids = np.full((len(rows), width), self._record.pad, np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1
        (tokens,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
        return np.stack([tokens[index, : len(row)].sum(axis=0) for index, row in enumerate(rows)])

    def _loaded(self) -> _Loaded:
        with self._loading:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self) -> _Loaded:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EmbedderUnavailable(
                f"the model can't be run: {error}", hint="install closer again, with its dependencies"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The export did it.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.enable_mem_pattern = False  # would keep a plan for every shape met
        try:
            tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
            session = onnxruntime.InferenceSession(
                str(self._folder / GRAPH), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise bare subclasses of it
            records.set_aside(self._folder)
            raise EmbedderUnavailable(
                f"the exported model is damaged: {error}", hint="try again: it will be exported anew"
            ) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return _Loaded(tokenizer, session)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of rows to run together: alike in length, longest first, so that memory is asked for once."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batch and (len(batch) + 1) * lengths[batch[0]] > _TOKENS_A_RUN:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
