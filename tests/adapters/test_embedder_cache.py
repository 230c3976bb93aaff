"""Vectors kept between runs: read in bulk, written only on request, and never in the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from agent.adapters.embedder import CachedEmbedder, LocalEmbedder, cache
from tests.contracts.embedder_contract import EmbedderContract
from tests.fakes.embedder import HashingEmbedder

TEXTS = [f"statement number {n}" for n in range(1_200)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "vectors.sqlite"


@pytest.fixture
def kept(path: Path) -> Path:
    """A file that holds the vectors of TEXTS."""
    embedder = CachedEmbedder(HashingEmbedder(), path)
    embedder.embed(TEXTS)
    embedder.flush()
    return path


class TestCachedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, path: Path) -> LocalEmbedder:
        return CachedEmbedder(HashingEmbedder(), path)


def test_asks_for_nothing_that_was_kept(kept: Path) -> None:
    inner = HashingEmbedder()

    vectors = CachedEmbedder(inner, kept).embed(TEXTS)

    assert inner.embedded == []
    assert np.array_equal(vectors, HashingEmbedder().embed(TEXTS))


def test_asks_once_for_a_text_that_comes_twice(path: Path) -> None:
    inner = HashingEmbedder()
    embedder = CachedEmbedder(inner, path)

    embedder.embed(["a", "b", "a"])
    embedder.embed(["b", "c"])

    assert inner.embedded == ["a", "b", "c"]


def test_writes_nothing_before_the_flush(path: Path) -> None:
    CachedEmbedder(HashingEmbedder(), path).embed(TEXTS)

    assert not path.parent.exists()


def test_reading_changes_no_file(kept: Path) -> None:
    before = {file.name: file.read_bytes() for file in kept.parent.iterdir()}

    CachedEmbedder(HashingEmbedder(), kept).embed([*TEXTS, "new"])

    assert {file.name: file.read_bytes() for file in kept.parent.iterdir()} == before


def test_vectors_of_another_model_are_not_mistaken(kept: Path) -> None:
    other = HashingEmbedder("another")

    CachedEmbedder(other, kept).embed(TEXTS[:3])

    assert other.embedded == TEXTS[:3]


def test_a_vector_that_is_not_sound_is_made_again(kept: Path) -> None:
    with closing(sqlite3.connect(kept)) as database, database:
        database.execute("UPDATE vectors SET vector = zeroblob(768) WHERE number = 1")
        database.execute("UPDATE vectors SET vector = x'ff' WHERE number = 2")
    embedder = CachedEmbedder(HashingEmbedder(), kept)

    vectors = embedder.embed(TEXTS)
    embedder.flush()

    assert np.array_equal(vectors, HashingEmbedder().embed(TEXTS))
    inner = HashingEmbedder()
    CachedEmbedder(inner, kept).embed(TEXTS)
    assert inner.embedded == []


@pytest.fixture(params=["all of it", "its middle"])
def damaged(request: pytest.FixtureRequest, kept: Path) -> Path:
    content = kept.read_bytes()
    torn = content[:4096] + b"\xff" * 400_000
    kept.write_bytes(b"no database" * 500 if request.param == "all of it" else torn)
    return kept


def test_a_damaged_file_is_set_aside_and_begun_anew(damaged: Path) -> None:
    embedder = CachedEmbedder(HashingEmbedder(), damaged)

    vectors = embedder.embed(TEXTS)
    embedder.flush()

    assert np.array_equal(vectors, HashingEmbedder().embed(TEXTS))
    assert "damaged" in embedder.notices[0]
    assert damaged.with_name("vectors.sqlite.damaged").exists()
    inner = HashingEmbedder()
    CachedEmbedder(inner, damaged).embed(TEXTS)
    assert inner.embedded == []


def test_an_empty_file_is_filled(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    embedder = CachedEmbedder(HashingEmbedder(), path)

    embedder.embed(TEXTS)
    embedder.flush()

    inner = HashingEmbedder()
    CachedEmbedder(inner, path).embed(TEXTS)
    assert inner.embedded == []


@pytest.fixture
def locked(kept: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(cache, "_PATIENCE", 0.0)
    with closing(sqlite3.connect(kept, isolation_level=None)) as database:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        yield kept


def test_a_locked_file_is_done_without(locked: Path) -> None:
    embedder = CachedEmbedder(HashingEmbedder(), locked)

    vectors = embedder.embed([*TEXTS, "new"])
    embedder.flush()

    assert np.array_equal(vectors, HashingEmbedder().embed([*TEXTS, "new"]))
    assert "couldn't be used" in embedder.notices[0]


def test_what_could_not_be_written_is_written_at_the_next_flush(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PATIENCE", 0.0)
    embedder = CachedEmbedder(HashingEmbedder(), kept)
    embedder.embed(["new"])
    with closing(sqlite3.connect(kept, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        embedder.flush()

    embedder.flush()

    inner = HashingEmbedder()
    CachedEmbedder(inner, kept).embed(["new"])
    assert inner.embedded == []


def test_a_place_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    embedder = CachedEmbedder(HashingEmbedder(), tmp_path / "home" / "vectors.sqlite")

    embedder.embed(["a"])
    embedder.flush()

    assert "couldn't be used" in embedder.notices[0]


def test_keeps_the_newest_in_file_and_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PENDING", 10)
    monkeypatch.setattr(cache, "_KEPT", 15)
    embedder = CachedEmbedder(HashingEmbedder(), path)
    for start in (0, 12):
        embedder.embed(TEXTS[start : start + 12])
        embedder.flush()

    inner = HashingEmbedder()
    CachedEmbedder(inner, path).embed(TEXTS[:24])

    assert inner.embedded == [*TEXTS[:7], *TEXTS[12:14]]


def _fill(path: Path, part: int) -> None:
    embedder = CachedEmbedder(HashingEmbedder(), path)
    for start in range(part, 400, 20):
        embedder.embed(TEXTS[start : start + 30])
        embedder.flush()
    assert embedder.notices == ()


def test_a_file_that_another_process_has_only_just_made_is_no_fault(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    embedder = CachedEmbedder(HashingEmbedder(), path)

    embedder.embed(["deploy"])

    assert embedder.notices == ()


def test_several_processes_fill_one_file(path: Path) -> None:
    context = get_context("spawn")
    processes = [context.Process(target=_fill, args=(path, part)) for part in (0, 5, 10)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0]
    inner = HashingEmbedder()
    CachedEmbedder(inner, path).embed(TEXTS[:410])
    assert inner.embedded == []
