"""A session that ends lets go of what it holds, and the log says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent import Closer
from agent.domain.session import SessionKey
from agent.errors import UsageError
from tests.scenarios.talks import bakery


def ended(closer: Closer) -> dict[str, object]:
    [entry] = [e for e in closer.audit.entries() if e.event == "session_end"]
    return dict(entry.facts)


def test_processes_are_stopped_files_removed_and_locks_released(closer: Closer, tmp_path: Path) -> None:
    scratch, kept = tmp_path / "scratch.txt", tmp_path / "kept.txt"
    scratch.write_text("x")
    kept.write_text("x")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as server:
        closer.track("test:bakery", process=server.pid, file=scratch, lock="oven")
        closer.track("test:other", lock="shop")

        closer.close(bakery())

        assert server.wait(timeout=10) < 0
    assert not scratch.exists()
    assert kept.exists()
    assert sorted(ended(closer)["released"]) == sorted(  # type: ignore[type-var]
        [f"process {server.pid}: stopped", f"file {scratch}: removed", "lock oven: released"]
    )
    assert closer._house.registry.held(SessionKey("test", "bakery")) == []
    assert [held.name for held in closer._house.registry.held()] == ["shop"]


def test_a_lock_whose_holder_died_is_released_by_any_close(closer: Closer) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as holder:
        closer.track("test:crashed", lock="oven", holder=holder.pid)
        holder.kill()

    closer.close(bakery())

    assert ended(closer)["released"] == ["lock oven: released, left by test:crashed"]
    assert closer._house.registry.held() == []


def test_a_link_is_removed_itself_and_a_full_folder_is_left(closer: Closer, tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    (folder / "precious").write_text("x")
    link.symlink_to(folder / "precious")
    closer.track("test:bakery", file=link)
    closer.track("test:bakery", file=folder)

    closer.close(bakery())

    assert (folder / "precious").read_text() == "x"
    assert not link.is_symlink()
    assert f"file {folder}: left: Directory not empty" in ended(closer)["released"]  # type: ignore[operator]


def test_nothing_of_the_vault_or_the_home_is_a_temporary_file(closer: Closer, tmp_path: Path) -> None:
    sneaky = tmp_path / "sneaky"
    sneaky.symlink_to(closer.settings.vault_path)

    for path in (closer.settings.home / "registry.db", closer.settings.vault_path / "MEMORY.md", sneaky / "MEMORY.md"):
        with pytest.raises(UsageError):
            closer.track("test:bakery", file=path)
    with pytest.raises(UsageError, match="no process"):
        closer.track("test:bakery", process=2**22 - 3)
    assert closer._house.registry.held() == []
