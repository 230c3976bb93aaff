"""Workers of several homes share a vault's requests in one Postgres, and do none of them twice at once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.adapters.engine import DbosJobs
from agent.adapters.engine.presence import Presence
from agent.errors import Busy, Unavailable
from tests.adapters import engine_child
from tests.postgres.server import PostgresServer

pytestmark = pytest.mark.postgres
Start = Callable[..., "subprocess.Popen[str]"]
WITHIN = 60.0
WORK = """
    def handle(asked):
        while asked.id.startswith("long") and not os.path.exists(f"{sys.argv[2]}.{asked.id}"):
            time.sleep(0.05)

    def submitted(ident):
        try:
            engine.submit(request(ident))
        except Unavailable:
            return "refused"
        return "kept"

    engine = started(0.1)
    print("ready", flush=True)
    for line in iter(sys.stdin.readline, "end\\n"):
        print(*(submitted(ident) for ident in line.split()), flush=True)
    idle(engine)
    engine.close()
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def start(database: str, log: Path) -> Iterator[Start]:
    """Start a worker, by its home; it is there when this returns."""
    begun: list[subprocess.Popen[str]] = []

    def one(code: str = WORK, home: str = "/home/ann/closer", url: str = database, **more: str) -> object:
        child = engine_child.start(code, url, log, home, **more)
        begun.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n", child.communicate()[1]
        return child

    yield one
    for child in begun:
        child.kill()
        child.communicate()


@pytest.fixture
def jobs(database: str) -> Iterator[DbosJobs]:
    made = DbosJobs(database, engine_child.VAULT, engine_child.HOME)
    yield made
    made.close()


def tell(child: subprocess.Popen[str], idents: str) -> set[str]:
    """Submit requests; what became of that."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{idents}\n")
    child.stdin.flush()
    return set(child.stdout.readline().split())


def go_on(log: Path, ident: str) -> None:
    """Let a long request come to its end."""
    log.with_name(f"{log.name}.{ident}").touch()


def ended(child: subprocess.Popen[str]) -> None:
    _, told = child.communicate("end\n", timeout=WITHIN)
    assert (child.returncode, told) == (0, "")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def noted(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def alone(lines: list[str]) -> bool:
    """Whether each request ended before the next began."""
    return all(first.replace("begin", "end") == second for first, second in zip(lines[::2], lines[1::2], strict=True))


def test_two_workers_do_each_request_once_and_one_at_a_time(start: Start, log: Path, jobs: DbosJobs) -> None:
    first, second = start(home="/home/ann/closer"), start(home="/home/ben/closer")
    idents = [f"r{n:02}" for n in range(30)]
    assert tell(first, " ".join(idents)) == tell(second, " ".join(idents)) == {"kept"}
    tell(second, "other")
    ended(first)
    ended(second)

    lines = noted(log)
    assert sorted(lines) == sorted(f"{word} {ident}" for ident in [*idents, "other"] for word in ("begin", "end"))
    assert alone(lines)
    assert {job.status for job in jobs.listed()} == {"done"}


def test_while_one_worker_has_its_turn_the_others_wait(start: Start, log: Path, jobs: DbosJobs) -> None:
    first, second = start(home="/home/ann/closer"), start(home="/home/ben/closer")
    tell(first, "long next")
    until(lambda: noted(log) == ["begin long"])
    tell(second, "other")
    until(lambda: {job.id: job.status for job in jobs.listed()}["other"] == "running")
    assert noted(log) == ["begin long"]

    go_on(log, "long")
    ended(first)
    ended(second)
    assert alone(noted(log))
    assert {job.status for job in jobs.listed()} == {"done"}


def test_what_a_killed_worker_left_is_done_by_another(start: Start, log: Path, jobs: DbosJobs) -> None:
    first, second = start(home="/home/ann/closer"), start(home="/home/ben/closer")
    tell(first, "long next")
    until(lambda: noted(log) == ["begin long"])
    first.kill()
    until(lambda: len(noted(log)) == 2)
    go_on(log, "long")
    ended(second)

    assert noted(log) == ["begin long", "begin long", "end long", "begin next", "end next"]
    assert {job.status for job in jobs.listed()} == {"done"}


def test_what_another_cannot_see_waits_for_its_own_worker(start: Start, log: Path, jobs: DbosJobs) -> None:
    first, second = start(home="/home/ann/closer"), start(home="/home/ben/closer")
    tell(first, "long-unseen unseen seen")
    until(lambda: noted(log) == ["begin long-unseen"])
    first.kill()
    until(lambda: "end seen" in noted(log))
    assert {job.id: job.status for job in jobs.listed()} == {
        "long-unseen": "running",
        "unseen": "waiting",
        "seen": "done",
    }
    ended(second)

    go_on(log, "long-unseen")
    ended(start(home="/home/ann/closer"))
    assert alone(noted(log)[1:])
    assert {job.status for job in jobs.listed()} == {"done"}


def test_what_kills_one_worker_after_the_other_is_a_dead_letter(start: Start, log: Path, jobs: DbosJobs) -> None:
    deadly = (
        """
    from agent.adapters.engine import attempts
    attempts.RECOVERIES = 1
    """
        + WORK
    ).replace("while asked", "os.kill(os.getpid(), 9)\n        while asked")
    first = start(deadly, home="/home/a")
    tell(first, "poison")
    first.wait(WITHIN)
    start(deadly, home="/home/b").wait(WITHIN)
    last = start(deadly, home="/home/c")
    until(lambda: [job.status for job in jobs.listed()] == ["failed"])
    ended(last)

    assert noted(log) == ["begin poison"] * 2
    jobs.revive("poison")
    assert [job.status for job in jobs.listed()] == ["waiting"]


def test_the_name_of_a_worker_that_stands_still_is_not_free(start: Start, database: str) -> None:
    """As on a machine that sleeps, or under a debugger."""
    worker = start(HOLD)
    other = Presence(database, "s", "other", grace=0.2)
    os.kill(worker.pid, signal.SIGSTOP)
    begun = time.monotonic()
    looks = []
    while time.monotonic() < begun + 1.0:
        with other.gone("one") as gone:
            looks.append(gone)
    assert not any(looks)

    worker.kill()
    until(lambda: _gone(other, "one"))
    other.close()


HOLD = """
    from agent.adapters.engine.presence import Presence
    held = Presence(url, "s", "one")
    held.take(1)
    print("ready", flush=True)
    sys.stdin.readline()
"""


def _gone(presence: Presence, name: str) -> bool:
    with presence.gone(name) as gone:
        return gone


def test_a_name_that_is_free_for_a_moment_is_not_taken_for_dead(database: str) -> None:
    other = Presence(database, "s", "other", grace=1000)

    assert not any(_gone(other, "never seen") for _ in range(5))
    other.close()


def test_a_name_that_was_held_meanwhile_without_being_looked_at_has_its_grace_again(database: str) -> None:
    other, one = Presence(database, "s", "other", grace=0.5), Presence(database, "s", "one")
    assert not _gone(other, "one")
    until(lambda: _gone(other, "one"))
    other.look_only_at([])
    one.take(5)
    one.close()

    assert not _gone(other, "one")
    other.close()


def test_one_name_is_one_workers(database: str) -> None:
    first, second = Presence(database, "s", "one"), Presence(database, "s", "one")
    first.take(0)
    with pytest.raises(Busy):
        second.take(0.2)

    first.close()
    second.take(5)
    second.close()


def test_requests_of_another_vault_are_left_alone(start: Start, log: Path, database: str) -> None:
    other = "89efcdab"
    # Its tables are made while nobody works: Postgres lets indexes wait for every transaction that runs.
    ended(start(home="/home/ben/closer", vault=other))
    mine, theirs = start(), start(home="/home/ben/closer", vault=other)
    tell(mine, "long")
    until(lambda: noted(log) == ["begin long"])
    tell(theirs, "a b")
    ended(theirs)

    assert noted(log) == ["begin long", "begin a", "end a", "begin b", "end b"]
    here = DbosJobs(database, engine_child.VAULT, engine_child.HOME)
    there = DbosJobs(database, other, engine_child.HOME)
    assert {job.id: job.status for job in here.listed()} == {"long": "running"}
    assert {job.id: job.status for job in there.listed()} == {"a": "done", "b": "done"}
    here.close()
    there.close()
    go_on(log, "long")
    ended(mine)


def test_a_server_that_restarts_loses_no_request_and_refuses_what_it_cannot_keep(
    start: Start, log: Path, own_server: tuple[PostgresServer, str]
) -> None:
    server, url = own_server
    worker = start(url=url)
    assert tell(worker, "long") == {"kept"}
    until(lambda: noted(log) == ["begin long"])
    server.stop()
    assert tell(worker, "b") == {"refused"}
    jobs = DbosJobs(url, engine_child.VAULT, engine_child.HOME)
    with pytest.raises(Unavailable):
        jobs.listed()
    go_on(log, "long")
    until(lambda: noted(log) == ["begin long", "end long"])
    server.start()
    assert tell(worker, "b") == {"kept"}
    worker.communicate("end\n", timeout=WITHIN)

    # What was done while its outcome could not be written is done again: twice, and not at once.
    assert alone(noted(log))
    assert set(noted(log)) == {f"{word} {ident}" for ident in ("long", "b") for word in ("begin", "end")}
    assert {job.id: job.status for job in jobs.listed()} == {"long": "done", "b": "done"}
    assert worker.returncode == 0
    jobs.close()
