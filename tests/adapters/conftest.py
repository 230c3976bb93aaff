"""Models for the adapters' tests: exported once a run, or kept between runs where CLOSER_MODELS says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.adapters.embedder import DEFAULT_MODEL
from agent.adapters.embedder.models import exported
from agent.adapters.embedder.record import Record


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: needs torch, or seconds")


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return Path(os.environ.get("CLOSER_MODELS") or shared / "models")


@pytest.fixture(scope="session")
def default_export(models_dir: Path) -> tuple[Path, Record]:
    return exported(DEFAULT_MODEL, models_dir)
