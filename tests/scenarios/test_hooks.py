"""A host calls the hook and goes its way; the conversation is in the vault a moment later, whatever dies in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent import Closer
from agent.adapters import spool
from agent.interfaces.hooks import places

ENTRY = [sys.executable, "-m", "agent.interfaces.entry"]
WITHIN = 90.0
"""Seconds a worker is given on a busy machine."""


class Host:
    """A coding assistant's session, with its transcript and its hooks."""

    def __init__(self, home: Path, folder: Path, session: str, cwd: Path) -> None:
        self.home, self.session, self.cwd = home, session, cwd
        self.transcript = folder / f"{session}.jsonl"

    def says(self, role: str, text: str) -> None:
        line = {
            "type": role,
            "sessionId": self.session,
            "cwd": str(self.cwd),
            "uuid": f"{self.session}-{time.time_ns()}",
            "timestamp": "2026-03-02T09:00:00Z",
            "message": {"role": role, "content": text},
        }
        with self.transcript.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def hook(self, event: str, **more: object) -> subprocess.CompletedProcess[str]:
        payload = {"session_id": self.session, "transcript_path": str(self.transcript), "cwd": str(self.cwd), **more}
        return call(self.home, "claude-code", event, json.dumps(payload))


def call(home: Path, host: str, event: str, stdin: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ENTRY, "hook", host, event, "--home", str(home)], input=stdin, capture_output=True, text=True, check=False
    )


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def closes(home: Path) -> list[str]:
    """The session of each commit that closes one."""
    form = "--format=%(trailers:key=Closer-Session,valueonly,separator=%x20) %(trailers:key=Closer-Digest,valueonly)"
    done = subprocess.run(["git", "-C", str(home / "vault"), "log", form], capture_output=True, text=True, check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return [row[0].removeprefix("claude-code:") for row in rows if len(row) == 2]


def ended(home: Path) -> bool:
    """Whether nothing waits and no worker is left."""
    return not spool.waiting(places.spool(str(home))) and places.idle(str(home))


@pytest.fixture
def home(closer: Closer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "0.5")
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", str(closer.settings.embedder.folder))
    closer.shut()
    yield closer.settings.home
    until(lambda: places.idle(str(closer.settings.home)))


@pytest.fixture
def talk(home: Path, tmp_path: Path) -> Host:
    cwd = tmp_path / "shop"
    cwd.mkdir()
    return Host(home, tmp_path, "abc-1", cwd)


def test_a_session_is_closed_and_the_next_is_handed_its_memory(talk: Host) -> None:
    assert talk.hook("SessionStart", source="startup").returncode == 0
    talk.says("user", "We use pnpm and never npm in this project. Please set up the build.")
    talk.says("assistant", "Done: the build runs with pnpm now.")
    told = talk.hook("Stop")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    talk.says("user", "Let's go with Vite for the bundler.")
    talk.says("assistant", "Switched the bundler to Vite.")
    assert talk.hook("SessionEnd", reason="prompt_input_exit").returncode == 0

    until(lambda: closes(talk.home) == ["abc-1"] and ended(talk.home))

    handed = talk.hook("SessionStart", source="startup")
    answer = json.loads(handed.stdout)["hookSpecificOutput"]
    assert answer["hookEventName"] == "SessionStart"
    assert "pnpm" in answer["additionalContext"]


def test_a_session_begun_by_a_hook_knows_the_code_it_began_with(talk: Host, home: Path) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], [*identity, "commit", "-q", "--allow-empty", "-m", "Begin"]):
        subprocess.run(["git", "-C", str(talk.cwd), *words], check=True)

    talk.hook("SessionStart", source="startup")
    until(lambda: ended(home))

    head = subprocess.run(["git", "-C", str(talk.cwd), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    with Closer.at(home) as closer:
        row = closer.sessions.get("claude-code:abc-1")
    assert row is not None
    assert row.start_commit == head.stdout.strip()
    assert row.extra["transcript"] == str(talk.transcript)


def test_a_worker_killed_at_any_moment_loses_and_doubles_nothing(talk: Host, home: Path, tmp_path: Path) -> None:
    hosts = [Host(home, tmp_path, f"s{n}", talk.cwd) for n in range(4)]
    for n, host in enumerate(hosts):
        host.says("user", f"We keep the invoices of year {2010 + n} in the blue cabinet number {n}.")
        host.says("assistant", "Noted.")
        host.hook("SessionEnd", reason="other")
    for pause in (0.3, 1.5, 3.0):
        time.sleep(pause)
        for pid in workers(home):
            os.kill(pid, signal.SIGKILL)
        # While it dies it still counts as there, and nobody is woken.
        until(lambda: not workers(home))
        hosts[0].hook("Stop")

    until(lambda: sorted(closes(home)) == [host.session for host in hosts] and ended(home))
    sound = subprocess.run(["git", "-C", str(home / "vault"), "fsck", "--strict"], capture_output=True, check=False)
    assert sound.returncode == 0


def test_a_worker_told_to_stop_ends_and_leaves_the_rest_to_the_next(talk: Host, home: Path) -> None:
    talk.says("user", "We always deploy from the trunk branch.")
    talk.says("assistant", "Noted.")
    talk.hook("SessionEnd")
    until(lambda: bool(workers(home)))
    for pid in workers(home):
        os.kill(pid, signal.SIGTERM)
    until(lambda: not workers(home))
    talk.hook("Stop")

    until(lambda: closes(home) == ["abc-1"] and ended(home))
    with Closer.at(home) as closer:
        assert {job.status for job in closer.jobs.listed()} == {"done"}
        assert closer.audit.verify().whole


def test_a_window_that_was_killed_is_closed_by_the_sweeper(talk: Host, home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as window:
        talk.says("user", "I live in Ghent and I prefer short answers.")
        talk.says("assistant", "Understood.")
        facts = {"kind": "start", "host": "claude-code", "session": talk.session, "at": time.time()}
        paths = {"transcript": str(talk.transcript), "cwd": str(talk.cwd), "parent": window.pid}
        spool.put(places.spool(str(home)), facts | paths)
        places.wake(str(home))
        until(lambda: ended(home))
        assert closes(home) == []
        window.kill()
    places.wake(str(home))

    until(lambda: closes(home) == ["abc-1"] and ended(home))


def test_a_session_that_cannot_be_read_fails_and_the_others_go_on(talk: Host, home: Path, tmp_path: Path) -> None:
    broken = Host(home, tmp_path, "broken", talk.cwd)
    broken.transcript.write_bytes(b"\x00\xff not a transcript")
    broken.hook("SessionEnd")
    (Path(places.spool(str(home))) / "00000000000000000001-1.json").write_text("{")
    talk.says("user", "We decided to ship on Thursdays.")
    talk.says("assistant", "Good.")
    talk.hook("SessionEnd")

    until(lambda: closes(home) == ["abc-1"] and ended(home))

    with Closer.at(home) as closer:
        statuses = {str(s.key): s.status for s in closer._house.registry.sessions()}
    assert statuses == {"claude-code:broken": "failed", "claude-code:abc-1": "completed"}
    assert [path.name for path in Path(places.spool(str(home))).iterdir()] == ["00000000000000000001-1.json.unreadable"]


def workers(home: Path) -> list[int]:
    """Numbers of the processes that work for this home."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"work" in words and str(home).encode() in words:
            found.append(int(entry.parent.name))
    return found
