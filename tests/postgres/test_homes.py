"""Two homes with one vault, as on two machines that share it: their workers share the work and take over from each
other, and a server that goes away for a while costs nothing but time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import Closer
from agent.adapters import spool
from agent.interfaces.hooks import places
from tests.postgres.server import PostgresServer
from tests.scenarios.test_hooks import Host, closes, ended, until, workers

pytestmark = pytest.mark.postgres


@pytest.fixture
def shared(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the vault of both homes is."""
    monkeypatch.setenv("CLOSER_VAULT", str(tmp_path / "shared" / "vault"))
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", str(models))
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "15")
    return tmp_path / "shared"


@pytest.fixture
def homes(shared: Path, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    both = (tmp_path / "ann", tmp_path / "ben")
    for home in both:
        made(home)
    yield both
    for home in both:
        for pid in workers(home):
            os.kill(pid, signal.SIGTERM)
        until(lambda home=home: places.idle(str(home)))  # type: ignore[misc]


def made(home: Path) -> Path:
    """A new home, with the settings where a hook looks for them: they are left there by whoever finds the home."""
    Closer.at(home).shut()
    Closer.at(home).shut()
    return home


def host(home: Path, tmp_path: Path, session: str) -> Host:
    """A session that has said something worth keeping, and not ended."""
    cwd = tmp_path / "shop"
    cwd.mkdir(exist_ok=True)
    made = Host(home, tmp_path, session, cwd)
    number = sum(session.encode())
    made.says("user", f"We keep the invoices of customer {number} in the blue cabinet number {number % 7}.")
    made.says("assistant", "Noted.")
    return made


def sound(shared: Path, home: Path, sessions: list[str]) -> None:
    """Each session once in the vault, each request done, the log whole."""
    assert Counter(closes(shared)) == Counter(sessions)
    vault = str(shared / "vault")
    assert subprocess.run(["git", "-C", vault, "fsck", "--strict"], capture_output=True, check=False).returncode == 0
    with Closer.at(home) as closer:
        assert {job.status for job in closer.jobs.listed()} == {"done"}
        assert {row.status for row in closer.sessions.listed()} == {"completed"}
        assert closer.audit.verify().whole


def running(home: Path) -> bool:
    with Closer.at(home) as closer:
        return any(job.status == "running" for job in closer.jobs.listed())


def test_both_homes_close_into_one_vault(homes: tuple[Path, Path], shared: Path, tmp_path: Path) -> None:
    sessions = [f"s{n}" for n in range(6)]
    for n, session in enumerate(sessions):
        assert host(homes[n % 2], tmp_path, session).hook("SessionEnd").returncode == 0

    until(lambda: len(closes(shared)) == len(sessions) and not any(map(running, homes)))
    sound(shared, homes[0], sessions)


def test_a_close_whose_worker_is_killed_is_finished_by_the_other_homes(
    homes: tuple[Path, Path], shared: Path, tmp_path: Path
) -> None:
    killed, other = homes
    sessions = [f"s{n}" for n in range(3)]
    for session in sessions:
        host(killed, tmp_path, session).hook("SessionEnd")
    until(lambda: not spool.waiting(places.spool(str(killed))) and running(killed))
    [pid] = workers(killed)
    os.kill(pid, signal.SIGKILL)
    places.wake(str(other))

    until(lambda: len(closes(shared)) == len(sessions) and not running(other))
    assert places.idle(str(killed))
    sound(shared, other, sessions)


def test_a_server_that_goes_away_during_a_close_and_an_ack_loses_nothing(
    own_server: tuple[PostgresServer, str], shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = own_server
    monkeypatch.setenv("CLOSER_REGISTRY__URL", url)
    monkeypatch.setenv("CLOSER_WORKER__URL", url)
    home = made(tmp_path / "ann")
    before, meanwhile = host(home, tmp_path, "before"), host(home, tmp_path, "meanwhile")
    before.hook("SessionEnd")
    until(lambda: not spool.waiting(places.spool(str(home))) and running(home))
    server.stop()
    told = meanwhile.hook("SessionEnd")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    assert len(spool.waiting(places.spool(str(home)))) == 1
    told_of = subprocess.run(
        [sys.executable, "-m", "agent", "--home", str(home), "jobs", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told_of.returncode, told_of.stdout) == (5, "")
    assert "the engine's database can't be used" in told_of.stderr
    server.start()
    places.wake(str(home))

    until(lambda: sorted(closes(shared)) == ["before", "meanwhile"] and not running(home))
    sound(shared, home, ["before", "meanwhile"])
    for pid in workers(home):
        os.kill(pid, signal.SIGTERM)
    until(lambda: ended(home))
