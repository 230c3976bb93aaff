"""CPU of a whole hook process beside a bare interpreter's, in pairs one after the other, for a vault of any size."""

from __future__ import annotations

import fcntl
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent import Closer
from agent.adapters import spool
from agent.adapters.vault import GitVault
from agent.interfaces.hooks import launcher, places

PAIRS = 200
CHUNK = 10_000


@dataclass(frozen=True)
class Pair:
    """Milliseconds of CPU, the median of all pairs, and the median of their ratios."""

    bare: float
    hook: float
    ratio: float


def pair(notes: int) -> Pair:
    """No worker is started: who calls finds that there is one, as all calls but a day's first do."""
    with tempfile.TemporaryDirectory(prefix="closer-bench-") as folder:
        home = Path(folder) / "home"
        with Closer.at(home):
            launcher.write(home)
        _fill(home / "vault", notes)
        payload = json.dumps({"session_id": "s", "cwd": folder, "transcript_path": f"{folder}/s.jsonl"}).encode()
        bare, hook = [sys.executable, "-S", "-E", "-c", "pass"], [str(launcher.path(home)), "claude-code", "Stop"]
        with _worker(home):
            spent = [(_cpu(bare, payload), _cpu(hook, payload)) for _ in range(PAIRS)]
        if len(spool.waiting(places.spool(str(home)))) != PAIRS:
            raise RuntimeError("not every hook left its request")
    middle = statistics.median
    return Pair(middle(b for b, _ in spent), middle(h for _, h in spent), middle(h / b for b, h in spent))


def _cpu(command: list[str], stdin: bytes) -> float:
    """Milliseconds of CPU of a process, without those it leaves behind."""
    reading, writing = os.pipe()
    os.write(writing, stdin)
    os.close(writing)
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0)])
    os.close(reading)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"{command} ended with {status}")
    return 1000 * (used.ru_utime + used.ru_stime)


@contextmanager
def _worker(home: Path) -> Iterator[None]:
    with (home / places.WORKER_LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fill(root: Path, notes: int) -> None:
    vault = GitVault(root)
    head = vault.head()
    for start in range(0, notes, CHUNK):
        numbers = range(start, min(start + CHUNK, notes))
        files = {f"fragments/fact/2026/{n // 280:04}/{n:08}.md": f"Statement {n}.\n".encode() for n in numbers}
        head = vault.commit(files, "Fill", head)
