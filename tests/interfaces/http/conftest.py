"""A service for each test that changes something, and one for all that only look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import Closer
from tests.interfaces.http.service import Served, plain
from tests.processes import until_deserted


@pytest.fixture
def served(closer: Closer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "0.5")
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", str(closer.settings.embedder.folder))
    closer.shut()
    running = Served(closer.settings.home)
    yield running
    running.stop()
    until_deserted(running.home)


@pytest.fixture(scope="session")
def shared(
    tmp_path_factory: pytest.TempPathFactory, models: Path, lasting_database: dict[str, str]
) -> Iterator[Served]:
    """A service that tests share: whatever they ask of it, the next may find."""
    home = tmp_path_factory.mktemp("shared") / "home"
    running = Served(home, {**plain(home, models), **lasting_database})
    yield running
    running.stop()
    until_deserted(running.home)
