"""What every test stands on: a home in a temporary folder, the real model exported once, nothing of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import Closer


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the exported model: `CLOSER_MODELS` if set, else made once a run, workers sharing it."""
    named = os.environ.get("CLOSER_MODELS")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return Path(named) if named else shared / "models"


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No home, identity or setting of the machine reaches a test."""
    for name in [n for n in os.environ if n.startswith(("CLOSER_", "GIT_")) and n != "CLOSER_DATA"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user" / "data"))
    (tmp_path / "user").mkdir()


@pytest.fixture
def settings(models: Path) -> dict[str, Any]:
    """Settings that name the exported model."""
    return {"embedder": {"folder": str(models)}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def closer(home: Path, settings: dict[str, Any]) -> Iterator[Closer]:
    """A closer with a fresh home, real git, real SQLite, real Chroma and the real model."""
    with Closer.at(home, settings) as made:
        yield made


@pytest.fixture
def cli(home: Path, models: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `closer` in a process of its own, on the test's home."""

    def run(*words: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {**os.environ, "CLOSER_HOME": str(home), "CLOSER_EMBEDDER__FOLDER": str(models), **environment}
        command = [sys.executable, "-m", "agent", *words]
        return subprocess.run(command, env=given, input=stdin, capture_output=True, text=True, timeout=300)

    return run
