"""The engine on SQLite: one id is done once, failures are tried again, and what gives up is kept and can be revived."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from agent.adapters.engine import DbosJobs
from agent.errors import UsageError

ENGINE = """
    import json, os, sys, time
    from datetime import UTC, datetime
    from agent.adapters.engine import DbosEngine
    from agent.domain.request import Request
    from agent.domain.session import SessionKey

    url, log = sys.argv[1], open(sys.argv[2], "a", buffering=1)

    def request(ident):
        return Request(ident, "end", SessionKey("test", ident), datetime(2026, 3, 2, tzinfo=UTC), reason="x")

    def handler(asked):
        log.write(f"begin {asked.id}\\n")
        handle(asked)
        log.write(f"end {asked.id}\\n")
        return {}

    def idle(engine):
        while engine.busy():
            time.sleep(0.05)

"""


def run(tmp_path: Path, code: str) -> tuple[int, list[str]]:
    """Run code with an engine in a process of its own; its exit code and what the handler noted."""
    text = textwrap.dedent(ENGINE) + textwrap.dedent(code)
    url, log = f"sqlite:///{tmp_path / 'engine.db'}", tmp_path / "log"
    done = subprocess.run([sys.executable, "-c", text, url, str(log)], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode, log.read_text().splitlines()


def jobs(tmp_path: Path) -> DbosJobs:
    return DbosJobs(f"sqlite:///{tmp_path / 'engine.db'}")


DO = """
    def handle(asked):
        pass

    engine = DbosEngine(url, handler, interval=0.05)
"""


def test_a_request_is_done_once_however_often_it_is_submitted(tmp_path: Path) -> None:
    _, noted = run(
        tmp_path, DO + "\n    for _ in range(3): engine.submit(request('a'))\n    idle(engine)\n    engine.close()"
    )

    assert noted == ["begin a", "end a"]
    [job] = jobs(tmp_path).listed()
    assert (job.id, job.status, str(job.request.session), job.request.reason) == ("a", "done", "test:a", "x")


def test_requests_are_done_one_after_the_other_in_order(tmp_path: Path) -> None:
    _, noted = run(
        tmp_path, DO + "\n    for n in 'abcd': engine.submit(request(n))\n    idle(engine)\n    engine.close()"
    )

    assert noted == [f"{word} {n}" for n in "abcd" for word in ("begin", "end")]


FAILING = """
    def handle(asked):
        if asked.id == "bad" and not os.path.exists("MENDED"):
            raise RuntimeError("the oven is cold")

    engine = DbosEngine(url, handler, interval=0.01)
    for n in ("bad", "good"):
        engine.submit(request(n))
    idle(engine)
    engine.close()
"""


def test_what_fails_is_tried_again_then_kept_and_the_next_goes_on(tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    code = FAILING.replace("MENDED", str(mended))
    _, noted = run(tmp_path, code)
    assert noted == ["begin bad"] * 4 + ["begin good", "end good"]
    listed = jobs(tmp_path)
    assert {job.id: job.status for job in listed.listed()} == {"bad": "failed", "good": "done"}

    mended.touch()
    listed.revive("bad")
    _, noted = run(tmp_path, code)

    assert noted[6:] == ["begin bad", "end bad"]
    assert {job.status for job in listed.listed()} == {"done"}


def test_where_no_engine_ever_ran_there_are_no_jobs(tmp_path: Path) -> None:
    assert jobs(tmp_path).listed() == []
    assert jobs(tmp_path).get("a") is None


def test_only_what_failed_can_be_revived(tmp_path: Path) -> None:
    run(tmp_path, DO + "\n    engine.submit(request('a'))\n    idle(engine)\n    engine.close()")

    for ident in ("a", "unknown"):
        with pytest.raises(UsageError):
            jobs(tmp_path).revive(ident)


def test_an_engine_that_is_killed_leaves_its_work_to_the_next(tmp_path: Path) -> None:
    deadly = """
    def handle(asked):
        if asked.id == "b" and not os.path.exists("ONCE"):
            open("ONCE", "w").close()
            os.kill(os.getpid(), 9)

    engine = DbosEngine(url, handler, interval=0.01)
    for n in "abc":
        engine.submit(request(n))
    idle(engine)
    engine.close()
    """.replace("ONCE", str(tmp_path / "once"))

    assert run(tmp_path, deadly)[0] == -signal.SIGKILL
    _, noted = run(tmp_path, deadly)

    assert noted == ["begin a", "end a", "begin b", "begin b", "end b", "begin c", "end c"]
    assert [job.status for job in jobs(tmp_path).listed()] == ["done"] * 3
