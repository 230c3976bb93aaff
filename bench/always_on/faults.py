"""What can go wrong around an ack, each for as long as it is measured."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agent.adapters.gateway import bindings
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


@contextmanager
def _stopped(home: Path) -> Iterator[None]:
    """The process of the embedded Chroma, and each that takes its place, stopped in the middle of a close."""
    over = threading.Event()

    def stop() -> None:
        mark = str(home / "gateway").encode()
        while not over.wait(0.02):
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    words = entry.read_bytes().split(b"\0")
                    if mark in words and str(bindings.__file__).encode() in words:
                        os.kill(int(entry.parent.name), signal.SIGSTOP)

    stopping = threading.Thread(target=stop)
    stopping.start()
    try:
        with _at_work(home):
            yield
    finally:
        over.set()
        stopping.join()


@dataclass(frozen=True)
class Fault:
    name: str
    strikes: Callable[[Path], AbstractContextManager[None]] = nothing
    """Once the door is open."""
    around: Callable[[Path], AbstractContextManager[None]] = nothing
    """Before it is."""
    lasts: float = 0.0
    """Seconds over which the acks are spread while it holds."""


IDLE = Fault("none")
FAULTS = (
    Fault("both cores busy", busy_cores),
    Fault("registry locked for 40 s by another writer", lambda home: _locked(home / "registry.db"), lasts=40),
    Fault("engine's database locked for 40 s", lambda home: _locked(home / "engine.db"), lasts=40),
    Fault("Chroma server frozen, a close under way", _at_work, frozen_gateway, lasts=10),
    Fault("embedded Chroma stopped, a close under way", _stopped, lasts=10),
)
