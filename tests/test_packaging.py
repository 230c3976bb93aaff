"""The wheel: built from what git would hold, installed elsewhere, it closes a conversation."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import agent
from agent.home import shipped

ROOT = Path(agent.__file__).parents[1]
SHIPPED = ("config.yaml", "vault", "prompts")
TALK = """\
User: From now on we deploy the shop on Fridays, please remember that.
Assistant: Understood: the shop is deployed on Fridays.
User: And we decided to use PostgreSQL for the orders table instead of MongoDB.
Assistant: Good. I'll write the orders migration for PostgreSQL.
"""


def run(*command: object, **options: Any) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as a clone would have it."""
    copy = tmp_path_factory.mktemp("source")
    listed = run("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def installed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the wheel was installed into."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    python = sys.executable
    if find_spec("build") and find_spec("hatchling"):
        run(python, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, source)
    else:
        run(python, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", wheels, source)
    [wheel] = wheels.glob("closer-*.whl")
    run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--target", target, wheel)
    return target


@pytest.fixture
def elsewhere(installed: Path, tmp_path: Path, models: Path) -> dict[str, Any]:
    """Options to run a command with the installed copy, away from the checkout."""
    (tmp_path / "elsewhere").mkdir()
    named = {"PYTHONPATH": installed, "CLOSER_HOME": tmp_path / "home", "CLOSER_EMBEDDER__FOLDER": models}
    return {"cwd": tmp_path / "elsewhere", "env": {**os.environ, **{k: str(v) for k, v in named.items()}}}


def contents(place: Path) -> dict[str, bytes]:
    if place.is_file():
        return {"": place.read_bytes()}
    return {str(p.relative_to(place)): p.read_bytes() for p in place.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_found_and_the_same_as_in_the_checkout(
    name: str, installed: Path, elsewhere: dict[str, Any]
) -> None:
    asked = f"from agent.home import shipped; print(shipped({name!r}))"
    found = Path(run(sys.executable, "-c", asked, **elsewhere).strip())

    assert found.is_relative_to(installed)
    assert contents(found) == contents(shipped(name)) != {}


def test_nothing_else_is_in_the_wheel(installed: Path) -> None:
    [about] = installed.glob("closer-*.dist-info")

    assert {p.name for p in installed.iterdir()} == {"agent", "bin", about.name}
    assert (about / "licenses" / "LICENSE").is_file()


def test_the_command_tells_its_version(installed: Path, elsewhere: dict[str, Any]) -> None:
    assert run(installed / "bin" / "closer", "--version", **elsewhere) == f"closer {agent.__version__}\n"


def test_the_command_closes_a_conversation(installed: Path, elsewhere: dict[str, Any], tmp_path: Path) -> None:
    talk = tmp_path / "elsewhere" / "talk.txt"
    talk.write_text(TALK)

    answer = json.loads(run(installed / "bin" / "closer", "close", "--json", talk, **elsewhere))

    vault = tmp_path / "home" / "vault"
    assert answer["ok"] is True
    assert answer["data"]["commit"] == run("git", "-C", vault, "rev-parse", "HEAD").strip()
    assert answer["data"]["stores"]["gateway"]["state"] == "written"
    assert "Fridays" in "".join(p.read_text() for p in (vault / "fragments").rglob("*.md"))
    assert set(contents(shipped("vault"))) <= set(contents(vault))
    assert run("git", "-C", vault, "status", "--porcelain") == ""
