"""What every test stands on: a home in a temporary folder, the real model exported once, nothing of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent import Closer

SERVER = "TEST_POSTGRES"
"""Variable of the environment with the server's URL, under `--postgres`."""
URLS = ("CLOSER_REGISTRY__URL", "CLOSER_WORKER__URL")
STACK = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="keep registry and engine in a Postgres of this run")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite(why): only means something where registry and engine are files")
    config.addinivalue_line("markers", "postgres: only means something where registry and engine are in a Postgres")
    stack = config.stash[STACK] = ExitStack()
    if config.getoption("--postgres") and not os.environ.get("PYTEST_XDIST_WORKER"):
        from tests.postgres.server import running

        # The workers of a run inherit it, and share the server.
        os.environ[SERVER] = stack.enter_context(running()).url()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[STACK].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        files = item.get_closest_marker("sqlite")
        if config.getoption("--postgres"):
            if files:
                item.add_marker(pytest.mark.skip(reason=files.args[0]))
        elif item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs --postgres"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the exported model: `CLOSER_MODELS` if set, else made once a run, workers sharing it."""
    named = os.environ.get("CLOSER_MODELS")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return Path(named) if named else shared / "models"


@contextmanager
def _database(config: pytest.Config) -> Iterator[str | None]:
    if not config.getoption("--postgres"):
        yield None
        return
    from tests.postgres import server

    name, at = f"test_{uuid.uuid4().hex}", os.environ[SERVER]
    server.create_database(at, name)
    yield at.replace("/postgres?", f"/{name}?")
    server.drop_database(at, name)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of a Postgres database of the test's own; None where registry and engine are files."""
    with _database(request.config) as url:
        yield url


@pytest.fixture(scope="session")
def lasting_database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The same for what several tests share, as variables of the environment."""
    with _database(request.config) as url:
        yield {} if url is None else dict.fromkeys(URLS, url)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: str | None) -> None:
    """No home, identity or setting of the machine reaches a test."""
    for name in [n for n in os.environ if n.startswith(("CLOSER_", "GIT_")) and n != "CLOSER_DATA"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user" / "data"))
    (tmp_path / "user").mkdir()
    if database is not None:
        for name in URLS:
            monkeypatch.setenv(name, database)


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
