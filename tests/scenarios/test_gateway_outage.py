"""The gateway is refused, frozen, killed half-way: the close is committed all the same, and reconcile catches up."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import Closer
from agent.closing import follow
from agent.domain.receipt import OFFLINE
from tests.adapters.chroma_server import ChromaServer
from tests.scenarios.talks import bakery

AWAY = {"mode": "server", "url": "http://127.0.0.1:9", "deadline": 0.5}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    running = ChromaServer(tmp_path / "chroma")
    yield running
    running.kill()


@pytest.fixture
def served(home: Path, settings: dict[str, Any], server: ChromaServer) -> Iterator[Closer]:
    """A closer whose gateway is a real Chroma server."""
    gateway = {"mode": "server", "url": server.url, "deadline": 1.0, "budget": 4.0}
    with Closer.at(home, {**settings, "gateway": gateway}) as made:
        yield made


def in_the_vault(closer: Closer) -> str:
    words = ["git", "-C", str(closer.settings.vault_path), "show", "-s", "--format=%B", "HEAD"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def equal(closer: Closer) -> bool:
    """Vault and gateway hold the same ids, contents and readable vectors."""
    return not follow.drift(closer._house, repair=False) and not closer.status()["gateway"]["waiting"]


class TestServer:
    def test_a_close_reaches_a_server_and_equals_the_vault(self, served: Closer) -> None:
        receipt = served.close(bakery())

        assert receipt.stores["gateway"].state == "written"
        assert equal(served)

    def test_refused_leaves_everything_in_the_vault_and_says_so(self, served: Closer, server: ChromaServer) -> None:
        server.kill()

        receipt = served.close(bakery())

        assert receipt.commit is not None
        assert receipt.stores["gateway"].state == OFFLINE
        assert f"Closer-Gateway: {OFFLINE}" in in_the_vault(served)
        assert served.status()["gateway"]["pending_sessions"] == ["test:bakery"]

    def test_refused_and_back_is_equal_after_one_reconcile(self, served: Closer, server: ChromaServer) -> None:
        server.kill()
        served.close(bakery())
        server.start()
        served.shut()

        receipt = served.reconcile()

        assert receipt.stores["gateway"].state == "written"
        assert equal(served)
        assert served.status()["gateway"]["pending_sessions"] == []

    def test_frozen_does_not_hold_the_close_up(self, served: Closer, server: ChromaServer) -> None:
        served.remember("We deploy on Fridays")
        server.freeze()

        try:
            receipt = served.close(bakery())
        finally:
            server.thaw()

        assert receipt.stores["gateway"].state == OFFLINE
        assert receipt.commit is not None

    def test_killed_between_two_batches_is_repaired_from_the_vault(
        self, served: Closer, server: ChromaServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(follow, "BATCH", 5)
        upsert, calls = served._house.gateway.upsert, []

        def dies_after_the_first(records: Any) -> None:
            calls.append(len(records))
            if len(calls) == 2:
                server.kill()
            upsert(records)

        monkeypatch.setattr(served._house.gateway, "upsert", dies_after_the_first)
        receipt = served.close(bakery())
        monkeypatch.undo()
        server.start()
        served.shut()
        served.reconcile()

        assert receipt.stores["gateway"].state == OFFLINE
        assert receipt.stores["gateway"].pending > 0
        assert equal(served)

    def test_a_recall_answers_from_the_text_index_and_says_so(self, served: Closer, server: ChromaServer) -> None:
        served.close(bakery())
        server.kill()
        served.shut()

        hits = served.recall("prices with tax included")

        assert "prices with tax included" in hits[0].text
        assert "offline" in hits.notice

    def test_the_command_line_exits_0(self, home: Path, settings: dict[str, Any], tmp_path: Path, cli: Any) -> None:
        talk = tmp_path / "talk.txt"
        talk.write_text("".join(f"{t.role.capitalize()}: {t.text}\n\n" for t in bakery().turns), "utf-8")

        done = cli("close", str(talk), CLOSER_GATEWAY__MODE="server", CLOSER_GATEWAY__URL="http://127.0.0.1:9")

        assert done.returncode == 0
        assert OFFLINE in done.stdout


class TestEmbedded:
    def test_rebuild_makes_gateway_and_catalogue_from_the_vault_alone(self, closer: Closer) -> None:
        closer.close(bakery())
        closer.shut()
        home = closer.settings.home
        (home / "catalogue.db").unlink()
        subprocess.run(["rm", "-rf", str(home / "gateway")], check=True)

        receipt = closer.rebuild()

        assert receipt.stores["gateway"].state == "written"
        assert equal(closer)
        assert "prices with tax" in closer.recall("prices with tax included")[0].text

    def test_a_statement_written_during_an_outage_reaches_the_gateway_afterwards(
        self, home: Path, settings: dict[str, Any]
    ) -> None:
        with Closer.at(home, {**settings, "gateway": AWAY}) as offline:
            receipt = offline.remember("Please always run the tests before a commit", session="test:one")
            assert receipt.stores["gateway"].state == OFFLINE

        with Closer.at(home, settings) as back:
            back.reconcile()

            assert equal(back)
            assert back.doctor()[4].verdict == "ok"

    def test_a_twin_that_came_in_during_an_outage_is_merged_when_the_gateway_is_back(
        self, home: Path, settings: dict[str, Any]
    ) -> None:
        with Closer.at(home, settings) as closer:
            closer.remember("Please always run the tests before a commit", session="test:one")
            vault = closer.settings.vault_path
        with Closer.at(home, {**settings, "gateway": AWAY}) as offline:
            offline.remember("We deploy on Fridays", session="test:two")
        _copied_from_another_machine(vault)

        with Closer.at(home, settings) as back:
            receipt = back.reconcile()

            assert [d.kind for d in receipt.decisions] == ["touch"]
            twins = [p.read_text("utf-8") for p in (vault / "fragments").rglob("please-always*.md")]
            assert sorted("status: active" in text for text in twins) == [False, True]
            assert equal(back)


def _copied_from_another_machine(vault: Path) -> None:
    """The same statement, learned elsewhere in another session, arrives by git."""
    [original] = (vault / "fragments").rglob("please-always*.md")
    text = original.read_text("utf-8")
    [ident] = [line.removeprefix("id: ").strip("'") for line in text.split("\n") if line.startswith("id: ")]
    twin = original.with_name("please-always-elsewhere-0000aaaa.md")
    twin.write_text(text.replace(ident, "0000aaaa0000aaaa").replace("test:one", "far:away"), "utf-8")
    git = ["git", "-C", str(vault), "-c", "user.name=x", "-c", "user.email=x@localhost"]
    subprocess.run([*git, "add", str(twin)], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "From another machine"], check=True)
