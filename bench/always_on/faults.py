"""What can go wrong around an ack, each for as long as it is measured."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.adapters.redactor import SpanRedactor
from agent.domain.session import SessionKey
from agent.interfaces.handed import hand_over
from bench.speed import texts


@contextmanager
def nothing(_: Path) -> Iterator[None]:
    yield


@contextmanager
def busy_cores(_: Path) -> Iterator[None]:
    with ExitStack() as held:
        for _core in range(os.cpu_count() or 1):
            process = held.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            held.callback(process.kill)
        yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    database = sqlite3.connect(path, isolation_level=None, timeout=30)
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
        database.close()


@contextmanager
def frozen_gateway(_: Path) -> Iterator[None]:
    """A server that takes connections and never answers, as a stopped process does."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        chosen = {
            "CLOSER_GATEWAY__MODE": "server",
            "CLOSER_GATEWAY__URL": f"http://127.0.0.1:{server.getsockname()[1]}",
        }
        os.environ.update(chosen)
        try:
            yield
        finally:
            for name in chosen:
                del os.environ[name]


@contextmanager
def _at_work(home: Path) -> Iterator[None]:
    """A worker in the middle of a close."""
    hand_over(home, SessionKey("bench", "long"), texts.session(20, 0).turns, SpanRedactor(), "bench")
    yield


@dataclass(frozen=True)
class Fault:
    name: str
    strikes: Callable[[Path], AbstractContextManager[None]] = nothing
    """Once the door is open."""
    around: Callable[[Path], AbstractContextManager[None]] = nothing
    """Before it is."""


IDLE = Fault("none")
FAULTS = (
    Fault("both cores busy", busy_cores),
    Fault("registry locked by another writer", lambda home: _locked(home / "registry.db")),
    Fault("engine's database locked", lambda home: _locked(home / "engine.db")),
    Fault("Chroma frozen, a close under way", _at_work, frozen_gateway),
)
