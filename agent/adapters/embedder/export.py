"""Exporting one model to ONNX: what `models` has a child process do. Loads torch; nothing else imports this."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import torch

from agent.adapters.embedder import record as records
from agent.adapters.embedder import reference
from agent.adapters.embedder.onnx import GRAPH, TOKENIZER, OnnxEmbedder
from agent.adapters.embedder.probes import PROBES
from agent.adapters.embedder.record import Record
from agent.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_OPSET = 20
_LONGEST_READ = 512
"""Tokens to read of a text where the model itself sets no limit."""
_LEAST_PARITY = 0.9999


def main(path: str, name: str, version: str, folder: str) -> None:
    """Load the reference, export it, compare, and record which of the two may serve."""
    try:
        model = reference.load(path)
    except EmbedderUnavailable as error:
        sys.exit(" ".join(error.message.split()))
    record = _described(model, name, version)
    obstacle = _obstacle(model)
    if not obstacle:
        try:
            record = _exported(model, Path(folder), record)
        except Exception as error:  # noqa: BLE001  exporter and runtime raise anything; the record says what
            obstacle = f"exporting it failed ({type(error).__name__}: {error})"
        else:
            obstacle = _difference(record)
    records.write(
        Path(folder),
        replace(record, refused=f"{name} runs on sentence-transformers, as {obstacle}" if obstacle else ""),
    )


def _described(model: SentenceTransformer, name: str, version: str) -> Record:
    return Record(
        name=name,
        version=version or _digest(model)[:12],
        dimension=model.get_embedding_dimension(),
        tokens=model.max_seq_length or _LONGEST_READ,
        pad=model.tokenizer.pad_token_id or 0,
        opset=_OPSET,
    )


def _digest(model: SentenceTransformer) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.cpu().float().numpy().tobytes())
    return digest.hexdigest()


def _obstacle(model: SentenceTransformer) -> str:
    """Why OnnxEmbedder can't do what this model does; empty when it can."""
    modules = [type(module).__name__ for module in model]
    if modules not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return f"it is made of {', '.join(modules)}"
    if model[1].pooling_mode != "mean":
        return "it doesn't average its tokens"
    if model.default_prompt_name:
        return "it wants a prompt before each text"
    return ""


def _difference(record: Record) -> str:
    if record.parity is None or record.parity >= _LEAST_PARITY:
        return ""
    return f"its export differs from it (cosine {record.parity:.5f})"


def _exported(model: SentenceTransformer, folder: Path, record: Record) -> Record:
    """Write graph and tokenizer, then ask both embedders for the probes: by the very code that will serve."""
    expected = reference.encode(model, PROBES)
    with TemporaryDirectory() as workshop:
        plain = Path(workshop) / GRAPH
        _trace(model[0].model, plain)
        _optimise(plain, folder / GRAPH)
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    found = OnnxEmbedder(folder, record).embed(PROBES)
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(expected, axis=1)
    return replace(record, parity=float(((found * expected).sum(axis=1) / lengths).min()))


class _Tokens(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
    """A transformer reduced to its tokens' vectors. OnnxEmbedder says why averaging is not in the graph."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        return self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def _trace(transformer: Any, path: Path) -> None:
    """Write the plain graph.

    With attention written out ("eager"): the fused form traces into checks for rows masked throughout.
    By the tracing exporter, though torch calls it the old one: the graph of the newer (`dynamo`, torch 2.13)
    is as right, and takes 2 to 14 % more time for each text.
    """
    transformer.set_attn_implementation("eager")
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        _Tokens(transformer).eval(),
        (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["vectors"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": axes},
        opset_version=_OPSET,
        dynamo=False,
    )


def _optimise(plain: Path, path: Path) -> None:
    """Keep the graph as onnxruntime runs it, its weights in a file of their own, mapped into memory.

    Loading then takes a third of the time. "Extended" is the last level whose result suits any processor.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path)
    for name, value in (("file_name", f"{path.name}.data"), ("min_size_in_bytes", "1024")):
        options.add_session_config_entry(f"session.optimized_model_external_initializers_{name}", value)
    onnxruntime.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"])
