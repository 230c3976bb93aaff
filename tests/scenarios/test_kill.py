"""A close is killed at any moment: the next one finds its work, and nothing is lost or doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from agent import Closer
from agent.adapters import vault
from agent.closing import close as closing
from agent.closing import follow
from tests.scenarios.talks import bakery
from tests.scenarios.test_close import commits, git
from tests.scenarios.test_gateway_outage import equal

CLOSE = """
import sys
from agent import Closer
from agent.adapters import vault
from tests.scenarios.talks import bakery
with Closer.at(sys.argv[1], {"embedder": {"folder": sys.argv[2]}}) as closer:
    closer.recall("warm")
    print("ready", flush=True)
    closer.close(bakery())
    print("done", flush=True)
"""


class Died(BaseException):
    """Stands for the process's death at a certain line."""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (closing, "_act"),
        (vault.GitVault, "checkout"),
        (vault, "_place"),
        (follow, "catch_up"),
        (follow, "send"),
        (follow, "_deliver"),
        (closing, "receipt_of"),
        (closing, "signal"),
    ],
)
def test_dying_before_each_effect_leaves_one_commit_after_the_next_close(
    closer: Closer, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise Died

    before = len(commits(closer))
    with monkeypatch.context() as patch:
        patch.setattr(module, name, dies)
        with pytest.raises(Died):
            closer.close(bakery())
    closer.shut()

    closer.close(bakery())

    assert len(commits(closer)) == before + 1
    assert equal(closer)
    assert closer.status()["sessions"]["unfinished"] == []
    assert git(closer, "status", "--porcelain") == ""


@pytest.mark.parametrize("seed", range(6))
def test_kill_9_at_a_random_moment_loses_and_doubles_nothing(
    home: Path, settings: dict[str, Any], models: Path, seed: int
) -> None:
    with Closer.at(home, settings) as closer:
        closer.remember("We deploy on Fridays")
        before = len(commits(closer))
    child = subprocess.Popen([sys.executable, "-c", CLOSE, str(home), str(models)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    # Not a wait for something to happen: the moment of death is the random input of this test.
    time.sleep(random.Random(seed).uniform(0.0, 1.2))
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()

    with Closer.at(home, settings) as closer:
        closer.close(bakery())

        assert len(commits(closer)) == before + 1
        assert "error" not in git(closer, "fsck", "--strict")
        assert equal(closer)
        assert git(closer, "status", "--porcelain") == ""


def test_two_processes_closing_the_same_session_make_one_commit(
    home: Path, settings: dict[str, Any], models: Path
) -> None:
    with Closer.at(home, settings) as closer:
        before = len(commits(closer))
    command = [sys.executable, "-c", CLOSE, str(home), str(models)]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]

    codes = [process.wait(timeout=120) for process in both]

    assert codes == [0, 0]
    with Closer.at(home, settings) as closer:
        assert len(commits(closer)) == before + 1
        assert equal(closer)
