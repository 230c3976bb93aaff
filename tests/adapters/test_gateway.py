from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import agent
from agent.adapters.gateway import open_gateway
from agent.adapters.gateway.chroma import ChromaGateway
from agent.errors import ConfigError, EmbedderMismatch, GatewayOffline
from agent.ports import EmbedderStamp, Gateway
from tests.adapters.chroma_server import ChromaServer
from tests.contracts.gateway_contract import FRAGMENTS, STAMP, GatewayContract, Open, records, vectors
from tests.fakes.gateway import MemoryGateway, Stored

PATIENT = 20.0
"""Seconds. Here it matters what happens, on however busy a machine; faults have their own tests."""


class TestMemory(GatewayContract):
    @pytest.fixture
    def opened(self) -> Open:
        place: dict[str, Stored] = {}

        def opened(vault: str = "vault", stamp: EmbedderStamp = STAMP) -> Gateway:
            return MemoryGateway(stamp, vault, place)

        return opened


class TestEmbedded(GatewayContract):
    @pytest.fixture
    def opened(self, tmp_path: Path) -> Open:
        def opened(vault: str = "vault", stamp: EmbedderStamp = STAMP) -> Gateway:
            return open_gateway("embedded", tmp_path / "gateway", vault, stamp, deadline=PATIENT)

        return opened


class TestServer(GatewayContract):
    @pytest.fixture
    def opened(self, server: ChromaServer) -> Open:
        prefix = uuid.uuid4().hex

        def opened(vault: str = "vault", stamp: EmbedderStamp = STAMP) -> Gateway:
            return open_gateway("server", server.url, prefix + vault, stamp, deadline=PATIENT)

        return opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    running = ChromaServer(tmp_path_factory.mktemp("server"))
    yield running
    running.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gateway"


@pytest.fixture
def gateway(folder: Path) -> Iterator[ChromaGateway]:
    opened = open_gateway("embedded", folder, "vault", STAMP, deadline=PATIENT)
    yield opened
    opened.close()


def run(code: str, *arguments: str) -> Any:
    """What a Python process of its own prints, as JSON."""
    source = textwrap.dedent(code)
    ended = subprocess.run(
        [sys.executable, "-c", source, *arguments], capture_output=True, text=True, check=True, timeout=300
    )
    return json.loads(ended.stdout)


OFFICIAL = """
    import chromadb, json, sys
    from urllib.parse import urlsplit
    where = sys.argv[1]
    parts = urlsplit(where)
    remote = parts.scheme == "http"
    client = chromadb.HttpClient(parts.hostname, parts.port) if remote else chromadb.PersistentClient(where)
    ours = [c for c in client.list_collections() if c.metadata["vault"] == sys.argv[2]]
    name = next(c.name for c in ours if "kind" in c.metadata)
    shelf = client.get_collection(name, embedding_function=None)
"""


class TestOfficialClient:
    """The folder and the server are an ordinary Chroma's, both ways."""

    @pytest.fixture(params=["embedded", "server"])
    def where(self, request: pytest.FixtureRequest, folder: Path) -> str:
        return str(folder) if request.param == "embedded" else request.getfixturevalue("server").url

    @pytest.fixture
    def vault(self) -> str:
        return uuid.uuid4().hex

    @pytest.fixture
    def filled(self, where: str, vault: str) -> ChromaGateway:
        mode = "server" if where.startswith("http") else "embedded"
        gateway = open_gateway(mode, where, vault, STAMP, deadline=PATIENT)  # type: ignore[arg-type]
        gateway.upsert(records(30))
        return gateway

    def test_it_reads_what_we_wrote(self, filled: ChromaGateway, where: str, vault: str) -> None:
        seen = run(
            OFFICIAL
            + """
    found = shelf.get(include=["embeddings", "documents", "metadatas"])
    near = shelf.query(query_embeddings=[found["embeddings"][3]], n_results=1)
    print(json.dumps({
        "ids": found["ids"], "texts": found["documents"], "facts": found["metadatas"],
        "vectors": [list(map(float, v)) for v in found["embeddings"]], "near": near["ids"][0][0],
        "shelf": shelf.metadata, "space": shelf.configuration["hnsw"]["space"],
        "embeds": str(shelf.configuration["embedding_function"]),
    }))
    """,
            where,
            vault,
        )

        assert dict(zip(seen["ids"], seen["texts"], strict=True)) == {r.id: r.text for r in records(30)}
        assert seen["facts"][0] == {"digest": "d0"}
        assert np.allclose(seen["vectors"], vectors(30), atol=1e-5)
        assert (seen["near"], seen["space"], seen["embeds"]) == (seen["ids"][3], "cosine", "None")
        assert seen["shelf"] == {
            "vault": vault,
            "kind": "fragment",
            "scope": "global",
            "embedder": "model",
            "embedder_version": "1",
            "dimension": 16,
        }

    def test_we_read_what_it_wrote(self, filled: ChromaGateway, where: str, vault: str) -> None:
        filled.close()
        run(
            OFFICIAL
            + """
    vector = [0.0] * 15 + [1.0]
    shelf.upsert(ids=["theirs"], embeddings=[vector], documents=["t"], metadatas=[{"digest": "d"}])
    print("null")
    """,
            where,
            vault,
        )

        assert filled.digests(FRAGMENTS)["theirs"] == "d"
        assert filled.nearest([FRAGMENTS], np.eye(16, dtype=np.float32)[15], 1)[0].id == "theirs"

    def test_a_collection_that_names_a_model_is_refused(self, filled: ChromaGateway, where: str, vault: str) -> None:
        filled.close()
        run(
            OFFICIAL
            + """
    from chromadb.utils.embedding_functions import DefaultEmbeddingFunction
    metadata = shelf.metadata
    client.delete_collection(name)
    planted = DefaultEmbeddingFunction()
    client.create_collection(name, metadata=metadata, embedding_function=planted)
    print("null")
    """,
            where,
            vault,
        )

        with pytest.raises(EmbedderMismatch, match="embed by itself") as refused:
            filled.nearest([FRAGMENTS], vectors(1)[0], 1)
        assert "closer rebuild" in refused.value.hint
        filled.wipe()
        filled.upsert(records(1))
        assert len(filled.digests(FRAGMENTS)) == 1


def test_embedded_work_never_imports_chromadb(folder: Path) -> None:
    loaded = run(
        """
        import json, sys
        from pathlib import Path
        from agent.adapters.gateway.bindings import Folder, packed
        folder = Folder(Path(sys.argv[1]))
        folder.begin(20, True)
        key = folder.create("shelf", {"kind": "fragment"}, {"hnsw": {"space": "cosine"}})["id_"]
        folder.upsert(key, ["a"], [packed([0.0, 1.0])], ["text"], ["digest"])
        assert folder.nearest(key, packed([0.0, 1.0]), 1)[0][0] == "a"
        folder.drop("shelf")
        folder.end()
        print(json.dumps("chromadb" in sys.modules))
        """,
        str(folder),
    )

    assert not loaded


def test_reading_an_empty_place_makes_no_chroma(gateway: ChromaGateway, folder: Path) -> None:
    gateway.commit()
    gateway.nearest([FRAGMENTS], vectors(1)[0], 3)

    assert not folder.exists()


ALTERNATING = """
    import sys
    from dataclasses import replace
    from agent.adapters.gateway import open_gateway
    from tests.contracts.gateway_contract import FRAGMENTS, STAMP, records
    folder, writer, rounds, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    gateway = open_gateway("embedded", folder, "vault", STAMP, deadline=60)
    mine = [replace(r, id=f"{writer}-{r.id}") for r in records(rounds * size, seed=int(writer))]
    for done in range(0, len(mine), size):
        gateway.upsert(mine[done : done + size])
        assert gateway.nearest([FRAGMENTS], mine[done].vector, 1)[0].id == mine[done].id
"""


@pytest.mark.parametrize(("rounds", "size"), [(60, 25), (12, 100)], ids=["small batches", "past the sync threshold"])
def test_two_processes_that_keep_their_clients_lose_nothing(folder: Path, rounds: int, size: int) -> None:
    command = [sys.executable, "-c", textwrap.dedent(ALTERNATING), str(folder)]
    writers = [subprocess.Popen([*command, str(writer), str(rounds), str(size)]) for writer in (1, 2)]
    assert [writer.wait(timeout=600) for writer in writers] == [0, 0]

    fresh = open_gateway("embedded", folder, "vault", STAMP, deadline=PATIENT)
    assert len(fresh.digests(FRAGMENTS)) == 2 * rounds * size
    for writer in (1, 2):
        for record in records(rounds * size, seed=writer):
            assert fresh.nearest([FRAGMENTS], record.vector, 1)[0].id == f"{writer}-{record.id}"


def test_a_folder_removed_under_an_open_client_is_made_anew(gateway: ChromaGateway, folder: Path) -> None:
    gateway.upsert(records(3))
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()

    assert gateway.commit() is None
    gateway.upsert(records(2))
    assert len(gateway.digests(FRAGMENTS)) == 2


def test_a_process_in_the_middle_of_a_call_is_waited_for_no_longer_than_the_deadline(folder: Path) -> None:
    gateway = open_gateway("embedded", folder, "vault", STAMP, deadline=0.3)
    gateway.upsert(records(1))
    holder = subprocess.Popen(
        ["flock", str(folder) + ".generation", "sh", "-c", "echo held; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()

    started = time.monotonic()
    with pytest.raises(GatewayOffline):
        gateway.nearest([FRAGMENTS], vectors(1)[0], 1)
    assert time.monotonic() - started < 1.3
    holder.communicate()
    assert gateway.nearest([FRAGMENTS], vectors(1)[0], 1)


class TestDamage:
    @pytest.fixture(params=["index_metadata.pickle", "*"])
    def readable(self, gateway: ChromaGateway, folder: Path, request: pytest.FixtureRequest) -> set[str]:
        """What is left of 1,100 passages whose index, all but the last of it, lost these files."""
        gateway.upsert(records(1_100))
        gateway.close()
        for file in folder.glob(f"*/{request.param}"):
            file.unlink()
        return set(gateway.digests(FRAGMENTS))

    def test_what_cant_be_read_is_left_out(self, readable: set[str]) -> None:
        assert 0 < len(readable) < 1_100

    def test_storing_it_again_repairs_it(self, gateway: ChromaGateway, readable: set[str]) -> None:
        gateway.upsert([record for record in records(1_100) if record.id not in readable])

        assert len(gateway.digests(FRAGMENTS)) == 1_100
        for record in records(1_100)[::50]:
            assert gateway.nearest([FRAGMENTS], record.vector, 1)[0].id == record.id


def test_an_index_cut_short_may_crash_chroma_but_not_us(gateway: ChromaGateway, folder: Path) -> None:
    gateway.upsert(records(1_100))
    gateway.close()
    [index] = folder.glob("*/data_level0.bin")
    with index.open("r+b") as file:
        file.truncate(index.stat().st_size // 2)

    for call in (lambda: gateway.digests(FRAGMENTS), lambda: gateway.nearest([FRAGMENTS], vectors(1)[0], 5)):
        with suppress(GatewayOffline):
            call()
    gateway.wipe()
    gateway.upsert(records(1_100))
    assert len(gateway.digests(FRAGMENTS)) == 1_100


@pytest.mark.parametrize("content", [b"not a database" * 500, b""], ids=["garbage", "empty"])
def test_a_folder_that_is_no_chroma_is_offline_or_new(gateway: ChromaGateway, folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(content)

    if content:
        with pytest.raises(GatewayOffline) as offline:
            gateway.upsert(records(1))
        assert "closer rebuild" in offline.value.hint
        gateway.wipe()
        assert (folder.with_name("gateway.damaged") / "chroma.sqlite3").read_bytes() == content
    gateway.upsert(records(1))
    assert len(gateway.digests(FRAGMENTS)) == 1


def test_a_shelf_whose_index_cant_be_loaded_is_offline_until_rebuilt(gateway: ChromaGateway, folder: Path) -> None:
    gateway.upsert(records(1_100))
    gateway.close()
    for file in folder.glob("*/header.bin"):
        file.unlink()

    for call in (lambda: gateway.digests(FRAGMENTS), lambda: gateway.nearest([FRAGMENTS], vectors(1)[0], 5)):
        with pytest.raises(GatewayOffline) as offline:
            call()
        assert "closer rebuild" in offline.value.hint
    gateway.wipe()
    gateway.upsert(records(2))
    assert len(gateway.digests(FRAGMENTS)) == 2


def test_a_path_that_cant_be_a_folder_is_offline(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(GatewayOffline):
        open_gateway("embedded", tmp_path / "file" / "gateway", "vault", STAMP).upsert(records(1))
    with pytest.raises(GatewayOffline):
        open_gateway("embedded", tmp_path / "file", "vault", STAMP).upsert(records(1))


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://host", "http://", "http://host:x", "http://[::1"])
def test_a_url_that_isnt_one_is_said_at_once(url: str) -> None:
    with pytest.raises(ConfigError):
        open_gateway("server", url, "vault", STAMP)


def test_chroma_is_never_given_text_to_embed() -> None:
    assert agent.__file__ is not None
    for source in Path(agent.__file__).parent.rglob("*.py"):
        text = source.read_text()
        assert "query_texts" not in text, source
        assert "import chromadb\n" not in text, source
        assert "from chromadb" not in text, source
        if "chromadb_rust_bindings" in text:
            assert source.name == "bindings.py"
