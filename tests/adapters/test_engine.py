"""The engine: one id is done once, failures are tried again, and what gives up is kept and can be revived."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.adapters.engine import DbosJobs
from agent.errors import Unavailable, UsageError
from tests.adapters import engine_child

Run = Callable[[str], tuple[int, list[str]]]


@pytest.fixture
def url(database: str | None, tmp_path: Path) -> str:
    return database or f"sqlite:///{tmp_path / 'engine.db'}"


@pytest.fixture
def jobs(url: str) -> Iterator[DbosJobs]:
    made = DbosJobs(url, engine_child.VAULT, engine_child.HOME)
    yield made
    made.close()


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    """Run code with an engine in a process of its own; its exit code and what the handler noted so far."""

    def ran(code: str) -> tuple[int, list[str]]:
        with engine_child.start(code, url, tmp_path / "log") as child:
            _, told = child.communicate(timeout=120)
        assert child.returncode in (0, -signal.SIGKILL), told
        return child.returncode, (tmp_path / "log").read_text().splitlines()

    return ran


DO = """
    def handle(asked):
        pass

    engine = started()
"""


def test_a_request_is_done_once_however_often_it_is_submitted(run: Run, jobs: DbosJobs) -> None:
    submit = """
    for _ in range(3):
        engine.submit(request('a'))
    idle(engine)
    engine.submit(request('a'))
    engine.close()
    """
    _, noted = run(DO + submit)

    assert noted == ["begin a", "end a"]
    [job] = jobs.listed()
    assert (job.id, job.status, str(job.request.session), job.request.reason) == ("a", "done", "test:a", "x")


def test_requests_are_done_one_after_the_other_in_order(run: Run) -> None:
    _, noted = run(DO + "\n    for n in 'abcd': engine.submit(request(n))\n    idle(engine)\n    engine.close()")

    assert noted == [f"{word} {n}" for n in "abcd" for word in ("begin", "end")]


FAILING = """
    def handle(asked):
        if asked.id == "bad" and not os.path.exists("MENDED"):
            raise RuntimeError("the oven is cold")

    engine = started()
    for n in ("bad", "good"):
        engine.submit(request(n))
    idle(engine)
    engine.close()
"""


def test_what_fails_is_tried_again_without_holding_up_the_next_then_kept(
    run: Run, jobs: DbosJobs, tmp_path: Path
) -> None:
    mended = tmp_path / "mended"
    code = FAILING.replace("MENDED", str(mended)).replace("started()", "started(0.2)")
    _, noted = run(code)
    assert noted.count("begin bad") == 4
    # While the other waits for one of its tries, whichever: the first come soon.
    assert noted[-1] == "begin bad"
    assert "end good" in noted
    assert {job.id: (job.status, job.error) for job in jobs.listed()} == {
        "bad": ("failed", "the oven is cold"),
        "good": ("done", ""),
    }

    mended.touch()
    jobs.revive("bad")
    _, noted = run(code)

    assert noted[6:] == ["begin bad", "end bad"]
    assert {job.status for job in jobs.listed()} == {"done"}


def test_a_dead_letter_is_swept_ever_more_rarely_until_it_can_be_done(run: Run, jobs: DbosJobs) -> None:
    swept = """
    tried = []

    def handle(asked):
        tried.append(time.monotonic())
        if len(tried) < 6:
            raise RuntimeError("the oven is cold")

    engine = started(0.003)
    engine.submit(request("a"))
    while len(tried) < 6:
        time.sleep(0.05)
    idle(engine)
    engine.close()
    pauses = [later - earlier for earlier, later in zip(tried, tried[1:])]
    log.write(f"{pauses[4] > 4}\\n")
    """
    _, noted = run(swept)

    assert noted == ["begin a"] * 6 + ["end a", "True"]
    assert [job.status for job in jobs.listed()] == ["done"]


def test_what_no_further_try_mends_is_failed_at_once(run: Run, jobs: DbosJobs) -> None:
    hopeless = """
    def handle(asked):
        raise TranscriptError("no reader accepts it") if asked.id == "a" else RuntimeError("the oven is cold")

    engine = started(0.01)
    for n in "ab":
        engine.submit(request(n))
    idle(engine)
    engine.close()
    """
    _, noted = run(hopeless)

    assert noted == ["begin a"] + ["begin b"] * 4
    assert [(job.status, job.error) for job in jobs.listed() if job.id == "a"] == [("failed", "no reader accepts it")]


def test_what_waits_for_its_next_try_is_not_done_nor_failed(run: Run, jobs: DbosJobs) -> None:
    waiting = """
    def handle(asked):
        raise RuntimeError("the oven is cold")

    engine = started(100)
    engine.submit(request("a"))
    while not engine._client.list_workflows(status="ERROR"):
        time.sleep(0.05)
    assert engine.busy()
    engine.close()
    """
    run(waiting)

    assert [(job.status, job.error) for job in jobs.listed()] == [("waiting", "the oven is cold")]
    with pytest.raises(UsageError):
        jobs.revive("a")


def test_where_no_engine_ever_ran_there_are_no_jobs(jobs: DbosJobs) -> None:
    assert jobs.listed() == []
    assert jobs.get("a") is None


def test_only_what_failed_can_be_revived(run: Run, jobs: DbosJobs) -> None:
    run(DO + "\n    engine.submit(request('a'))\n    idle(engine)\n    engine.close()")

    for ident in ("a", "unknown"):
        with pytest.raises(UsageError):
            jobs.revive(ident)


def test_an_engine_that_is_killed_leaves_its_work_to_the_next(run: Run, jobs: DbosJobs, tmp_path: Path) -> None:
    deadly = """
    def handle(asked):
        if asked.id == "b" and not os.path.exists("ONCE"):
            open("ONCE", "w").close()
            os.kill(os.getpid(), 9)

    engine = started()
    for n in "abc":
        engine.submit(request(n))
    idle(engine)
    engine.close()
    """.replace("ONCE", str(tmp_path / "once"))

    assert run(deadly)[0] == -signal.SIGKILL
    _, noted = run(deadly)

    assert noted == ["begin a", "end a", "begin b", "begin b", "end b", "begin c", "end c"]
    assert [job.status for job in jobs.listed()] == ["done"] * 3


def test_a_request_that_kills_its_worker_every_time_is_a_dead_letter(run: Run, jobs: DbosJobs) -> None:
    deadly = """
    from agent.adapters.engine import attempts
    attempts.RECOVERIES = 2

    def handle(asked):
        if asked.id == "poison":
            os.kill(os.getpid(), 9)

    engine = started()
    for n in ("poison", "good"):
        engine.submit(request(n))
    idle(engine)
    engine.close()
    """
    codes = [run(deadly)[0] for _ in range(4)]

    assert codes == [-signal.SIGKILL] * 3 + [0]
    assert {job.id: job.status for job in jobs.listed()} == {"poison": "failed", "good": "done"}


def test_what_is_long_done_is_forgotten_and_dead_letters_are_kept(run: Run, jobs: DbosJobs) -> None:
    aged = """
    from datetime import timedelta
    from agent.adapters.engine import tending
    tending.KEPT = timedelta(0)

    def handle(asked):
        if asked.id == "bad":
            raise TranscriptError("no reader accepts it")

    engine = started()
    if os.environ.get("PART") == "first":
        for n in ("good", "bad"):
            engine.submit(request(n))
        idle(engine)
    else:
        while engine._client.list_workflows(status="SUCCESS"):
            time.sleep(0.05)
    engine.close()
    """
    run(aged.replace('os.environ.get("PART")', '"first"').replace("timedelta(0)", "timedelta(weeks=4)"))
    assert {job.id for job in jobs.listed()} == {"good", "bad"}

    run(aged)

    assert [(job.id, job.status) for job in jobs.listed()] == [("bad", "failed")]


@pytest.mark.sqlite("a Postgres is locked by nobody as a whole")
def test_a_database_that_another_holds_refuses_within_a_bound_and_keeps_nothing_half(tmp_path: Path, run: Run) -> None:
    run(DO + "\n    engine.close()")
    held = f"""
    import sqlite3
    from agent.errors import Unavailable
    holder = sqlite3.connect({str(tmp_path / "engine.db")!r}, isolation_level=None)

    def handle(asked):
        pass

    engine = started()
    idle(engine)
    holder.execute("BEGIN IMMEDIATE")
    try:
        engine.submit(request("a"))
    except Unavailable as error:
        log.write(f"refused: {{error.message}}\\n")
    holder.execute("ROLLBACK")
    engine.submit(request("a"))
    idle(engine)
    engine.close()
    """
    _, noted = run(held)

    assert noted == ["refused: the engine's database can't be used: database is locked", "begin a", "end a"]


@pytest.mark.sqlite("it is about a file")
def test_a_damaged_file_is_told_in_words(url: str, tmp_path: Path, jobs: DbosJobs) -> None:
    (tmp_path / "engine.db").write_bytes(b"this was never a database" * 100)

    with pytest.raises(Unavailable, match="not a database"):
        jobs.listed()


@pytest.mark.sqlite("it is about a file")
def test_the_journal_is_written_ahead(run: Run, tmp_path: Path) -> None:
    run(DO + "\n    engine.close()")

    with closing(sqlite3.connect(tmp_path / "engine.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
