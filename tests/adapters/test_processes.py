"""Processes of this machine: the very one is recognised, stopped gently, and killed when it must be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.adapters import processes
from agent.adapters.processes import LocalProcesses
from agent.domain.resource import Owner

WAITS = "import sys; print('ready', flush=True); sys.stdin.read()"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITS}"
Child = subprocess.Popen[str]


@pytest.fixture
def children() -> Iterator[list[Child]]:
    started: list[Child] = []
    yield started
    for child in started:
        child.kill()
        child.communicate()


def begin(children: list[Child], code: str) -> tuple[Child, Owner]:
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    children.append(child)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    owner = LocalProcesses().owner(child.pid)
    assert owner is not None
    return child, owner


def test_a_process_is_alive_until_it_ends(children: list[Child]) -> None:
    child, owner = begin(children, WAITS)
    assert LocalProcesses().alive(owner)

    child.communicate("")

    assert not LocalProcesses().alive(owner)
    assert LocalProcesses().owner(child.pid) is None


def test_another_start_of_the_machine_or_of_the_process_is_not_the_same(children: list[Child]) -> None:
    _, owner = begin(children, WAITS)

    assert not LocalProcesses().alive(replace(owner, boot="another"))
    assert not LocalProcesses().alive(replace(owner, started="1"))


def test_of_another_machine_nothing_is_told_and_nothing_stopped(
    children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    child, owner = begin(children, WAITS)
    here = replace(owner, boot=f"{owner.boot.partition('@')[0]}@here")
    there = replace(owner, boot="another@there", started="1")
    monkeypatch.setattr(processes, "_boot", lambda: here.boot)

    assert LocalProcesses().alive(there)
    assert LocalProcesses().stop(replace(there, started=owner.started), 0.1) == "left: it belongs to another machine"
    assert child.poll() is None
    assert LocalProcesses().alive(here)
    assert not LocalProcesses().alive(replace(here, boot="another@here"))


def test_one_that_listens_is_stopped_and_one_that_doesnt_is_killed(children: list[Child]) -> None:
    willing, stubborn = begin(children, WAITS)[1], begin(children, STUBBORN)[1]

    assert LocalProcesses().stop(willing, 5.0) == "stopped"
    assert LocalProcesses().stop(stubborn, 0.2) == "killed"
    assert LocalProcesses().stop(willing, 5.0) == "gone"


def test_one_that_took_over_a_number_is_left_alone(children: list[Child]) -> None:
    child, owner = begin(children, WAITS)

    assert LocalProcesses().stop(replace(owner, started="1"), 0.1) == "gone"
    assert child.poll() is None
