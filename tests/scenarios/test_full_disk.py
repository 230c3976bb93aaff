"""A disk that is full: nothing is acknowledged that wasn't taken down, and what was is done once there is room."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import Closer
from agent.adapters import spool
from agent.domain.session import SessionKey
from agent.interfaces.hooks import places
from agent.interfaces.requests import ask
from tests.processes import until_deserted
from tests.scenarios.test_hooks import Host, closes, ended, until, workers

MEGABYTES = 96


class Disk:
    """A small file system of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._ballast = root / "ballast"

    def fill(self) -> None:
        """To the last byte."""
        with self._ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def free(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    root = tmp_path / "disk"
    root.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(root)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a small file system here")
    yield Disk(root)
    # A process that is ending has lost its command line, by which it is waited for, before it lets go of its files.
    until(lambda: not subprocess.run(["umount", str(root)], capture_output=True, check=False).returncode)


@pytest.fixture
def home(disk: Disk, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "0.5")
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", settings["embedder"]["folder"])
    made = disk.root / "home"
    for _ in range(2):  # the second time, its settings are kept
        with Closer.at(made) as closer:
            closer.sessions.listed()
    yield made
    until_deserted(made)


@pytest.fixture
def talk(home: Path, tmp_path: Path) -> Host:
    host = Host(home, tmp_path, "abc-1", tmp_path)
    host.says("user", "We always deploy from the trunk branch.")
    host.says("assistant", "Noted.")
    return host


def on_the_spool(home: Path) -> list[str]:
    folder = Path(places.spool(str(home)))
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def asked(talk: Host) -> str:
    return ask(talk.home, "end", SessionKey("claude-code", talk.session), transcript=talk.transcript)


def test_nothing_is_acknowledged_that_was_not_taken_down(disk: Disk, home: Path, talk: Host) -> None:
    disk.fill()

    with pytest.raises(OSError, match="No space left"):
        asked(talk)
    hook = talk.hook("SessionEnd")

    assert (hook.returncode, hook.stdout, hook.stderr) == (0, "", "")
    assert on_the_spool(home) == []

    disk.free()
    asked(talk)
    until(lambda: closes(home) == ["abc-1"] and ended(home))


@pytest.mark.sqlite("it knows by the engine's file that the worker is at work")
def test_what_was_acknowledged_before_is_done_once_there_is_room(disk: Disk, home: Path, talk: Host) -> None:
    facts: dict[str, object] = {"kind": "end", "host": "claude-code", "session": talk.session, "at": 1.0}
    ident = spool.put(places.spool(str(home)), facts | {"transcript": str(talk.transcript)})
    disk.fill()
    places.wake(str(home))
    until(lambda: (home / "engine.db").exists())
    assert on_the_spool(home) == [f"{ident}.json"]
    assert len(workers(home)) == 1

    disk.free()

    until(lambda: closes(home) == ["abc-1"] and ended(home))
    with Closer.at(home) as closer:
        assert [job.status for job in closer.jobs.listed()] == ["done"]
        assert closer.audit.verify().whole
