"""The worker against what can stand in its way: an engine that can't be written to, a transcript that can't be read, a
gateway that is away, a signal that tells it to stop."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent import Closer, Turn
from agent.adapters import spool
from agent.adapters.home_lock import HomeLock
from agent.bootstrap import House
from agent.domain.request import Request
from agent.domain.session import SessionKey
from agent.interfaces.handed import hand_over
from agent.interfaces.hooks import places
from agent.interfaces.requests import ask
from agent.interfaces.steps import step
from tests.adapters.chroma_server import ChromaServer
from tests.processes import until_deserted
from tests.scenarios.test_hooks import Host, closes, ended, until, workers

FILES = "the engine's file is what fails"


@pytest.fixture
def home(closer: Closer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "0.5")
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", str(closer.settings.embedder.folder))
    closer.shut()
    yield closer.settings.home
    until(lambda: places.idle(str(closer.settings.home)))


@pytest.fixture
def talk(home: Path, tmp_path: Path) -> Host:
    host = Host(home, tmp_path, "abc-1", tmp_path)
    host.says("user", "We always deploy from the trunk branch.")
    host.says("assistant", "Noted.")
    return host


def asked(talk: Host) -> str:
    return ask(talk.home, "end", SessionKey("claude-code", talk.session), transcript=talk.transcript)


def events(home: Path, event: str) -> list[dict[str, Any]]:
    with Closer.at(home) as closer:
        return [{"session": e.session, **e.facts} for e in closer.audit.entries(limit=10_000, event=event)]


def log(home: Path, event: str) -> list[dict[str, Any]]:
    """Lines of the worker's log."""
    path = home / "worker.log"
    lines = map(json.loads, path.read_text().splitlines()) if path.exists() else ()
    return [line for line in lines if line["event"] == event]


class TestEngineOutOfReach:
    def refused(self, home: Path, job: str, times: int) -> None:
        """Somebody is told, once, and the request stays where it is."""
        until(lambda: len(log(home, "offline.enqueue_failed")) >= times)
        until(lambda: bool(events(home, "admin.alert")))
        [alert] = events(home, "admin.alert")
        told = {name: alert[name] for name in ("session", "reason", "severity", "request")}
        assert told == {
            "session": "claude-code:abc-1",
            "reason": "offline.enqueue_failed",
            "severity": "high",
            "request": job,
        }
        assert alert["error"]
        assert [Path(path).stem for path in spool.waiting(places.spool(str(home)))] == [job]

    def healed(self, home: Path) -> None:
        until(lambda: closes(home) == ["abc-1"] and ended(home))
        assert len(events(home, "admin.alert")) == 1
        assert [e["session"] for e in events(home, "session.closed")][-1:] == ["claude-code:abc-1"]

    @pytest.mark.sqlite(FILES)
    def test_locked_for_long_is_told_and_done_when_it_is_free(self, home: Path, talk: Host) -> None:
        ask(home, "end", SessionKey("test", "earlier"))
        until(lambda: ended(home))
        with closing(sqlite3.connect(home / "engine.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.refused(home, asked(talk), times=1)
            other.execute("ROLLBACK")

        self.healed(home)

    @pytest.mark.sqlite(FILES)
    @pytest.mark.parametrize("what", ["no database", "a folder"])
    def test_unusable_is_told_and_done_when_it_is_mended(self, home: Path, talk: Host, what: str) -> None:
        path = home / "engine.db"
        if what == "a folder":
            path.mkdir()
        else:
            path.write_bytes(b"this is no database, and long enough to be taken for one" * 100)
        self.refused(home, asked(talk), times=3)

        path.rmdir() if what == "a folder" else path.unlink()

        self.healed(home)


def test_an_end_that_is_queued_is_logged_with_the_time_its_ack_took(home: Path, talk: Host) -> None:
    job = asked(talk)
    until(lambda: closes(home) == ["abc-1"] and ended(home))

    [line] = log(home, "offline.sessionClosure.queued")
    assert (line["level"], line["job"], line["session"]) == ("info", job, "claude-code:abc-1")
    assert 0 <= line["acknowledged_ms"] <= line["waited_ms"]
    [event] = events(home, "offline.sessionClosure.queued")
    assert (event["job"], event["session"]) == (job, "claude-code:abc-1")


def test_an_ack_that_took_too_long_is_warned_of(home: Path, talk: Host) -> None:
    facts: dict[str, object] = {"kind": "end", "host": "claude-code", "session": talk.session, "at": 1.0}
    spool.put(places.spool(str(home)), facts | {"transcript": str(talk.transcript)})
    places.wake(str(home))
    until(lambda: ended(home))

    [line] = log(home, "offline.sessionClosure.queued")
    assert line["level"] == "warning"
    assert line["acknowledged_ms"] > 2_000


def test_a_transcript_that_cannot_be_read_is_a_dead_letter_at_once_and_can_be_revived(home: Path, talk: Host) -> None:
    whole = talk.transcript.read_bytes()
    talk.transcript.write_bytes(b"\x00\xff not a transcript")
    job = asked(talk)
    until(lambda: ended(home))

    with Closer.at(home) as closer:
        [found] = closer.jobs.listed()
        row = closer.sessions.get("claude-code:abc-1")
        assert (found.id, found.status) == (job, "failed")
        assert row is not None
        assert row.status == "failed"
    assert len(log(home, "request.failed")) == 1
    assert len(events(home, "admin.alert")) == 1

    talk.transcript.write_bytes(whole)
    with Closer.at(home) as closer:
        closer.jobs.revive(job)
    places.wake(str(home))
    until(lambda: closes(home) == ["abc-1"] and ended(home))
    with Closer.at(home) as closer:
        assert [found.status for found in closer.jobs.listed()] == ["done"]


def test_a_close_asked_for_after_one_that_failed_is_not_told_as_failed(home: Path, talk: Host) -> None:
    whole = talk.transcript.read_bytes()
    talk.transcript.write_bytes(b"\0 not a transcript")
    asked(talk)
    until(lambda: ended(home) and len(events(home, "admin.alert")) == 1)
    until(lambda: places.idle(str(home)))
    talk.transcript.write_bytes(whole)
    told: dict[str, object] = {"kind": "end", "host": "claude-code", "session": talk.session, "at": time.time()}
    told["transcript"] = str(talk.transcript)
    ident = spool.put(places.spool(str(home)), told)
    with Closer.at(home) as closer:
        # As a door does that can write it down at once.
        closer.sessions.closing(Request.of(spool.read(f"{places.spool(str(home))}/{ident}.json")))
    places.wake(str(home))

    until(lambda: closes(home) == ["abc-1"] and ended(home))
    assert len(events(home, "admin.alert")) == 1


def test_turns_handed_over_to_a_home_of_two_names_are_closed(home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(home)
    places.wake(str(home))
    with Closer.at(link) as closer:
        said = [Turn("user", "We always deploy from the trunk branch."), Turn("assistant", "Noted.")]
        hand_over(link, SessionKey("chat", "1"), said, House(closer.settings).redactor, "")

    until(lambda: closes(home) == ["chat:1"] and ended(home))
    assert list((home / "handed").iterdir()) == []


def test_a_close_that_fails_at_every_try_is_told_of_and_done_once_revived(home: Path, talk: Host) -> None:
    in_the_way = home / "vault" / "episodes"
    in_the_way.write_text("not a folder")
    job = asked(talk)

    until(lambda: bool(events(home, "admin.alert")))
    until(lambda: places.idle(str(home)))
    [alert] = events(home, "admin.alert")
    assert (alert["session"], alert["severity"]) == ("claude-code:abc-1", "high")
    assert len(log(home, "request.failed")) == 4
    with Closer.at(home) as closer:
        row = closer.sessions.get("claude-code:abc-1")
        assert row is not None
        assert (row.status, row.reason) == ("failed", alert["reason"])

        in_the_way.unlink()
        closer.jobs.revive(job)
    places.wake(str(home))
    until(lambda: closes(home) == ["abc-1"] and ended(home))


def test_a_home_that_is_in_use_for_long_is_waited_for(home: Path, talk: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSER_LOCK__WAIT", "0.2")
    with HomeLock(home / "owner.lock").hold(5):
        asked(talk)
        until(lambda: len(log(home, "request.waits")) > 5)
    until(lambda: closes(home) == ["abc-1"] and ended(home))

    with Closer.at(home) as closer:
        assert [job.status for job in closer.jobs.listed()] == ["done"]
    assert events(home, "admin.alert") == []


@pytest.mark.sqlite("it knows by the engine's file that the worker is at work")
def test_a_worker_whose_home_is_removed_ends_and_makes_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "600")
    places.wake(str(home))
    until(lambda: (home / "engine.db").exists())
    elsewhere = home.with_name("elsewhere")
    home.rename(elsewhere)
    until_deserted(home)

    assert not home.exists()
    elsewhere.rename(home)


def test_a_worker_stays_in_its_home_and_not_where_the_host_was(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "60")
    elsewhere = tmp_path / "project"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    worker = places.wake(str(home))
    assert worker is not None

    until(lambda: Path(f"/proc/{worker}/cwd").readlink() == home)

    os.kill(worker, signal.SIGTERM)
    os.waitpid(worker, 0)


def test_many_who_wake_a_worker_at_once_start_one(home: Path) -> None:
    for _ in range(20):
        places.wake(str(home))
    until(lambda: bool(workers(home)))
    here = len(workers(home))
    until(lambda: ended(home))

    assert here == 1


@pytest.mark.parametrize("at", ["intake", "decide", "commit", "gateway"])
def test_told_to_stop_it_ends_well_and_gives_back_what_it_has_not_done(home: Path, talk: Host, at: str) -> None:
    facts: dict[str, object] = {"kind": "end", "host": "claude-code", "session": talk.session, "at": 1.0}
    spool.put(places.spool(str(home)), facts | {"transcript": str(talk.transcript)})
    worker = subprocess.Popen([sys.executable, "-m", "agent", "--home", str(home), "work"], stderr=subprocess.PIPE)
    until(lambda: (step(home) or {}).get("step") == at or bool(closes(home)))
    asked(talk)
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=90)

    assert worker.returncode == 0
    assert not (home / "progress.json").exists()
    until_deserted(home)
    places.wake(str(home))
    until(lambda: closes(home) == ["abc-1"] and ended(home))
    with Closer.at(home) as closer:
        assert [job.status for job in closer.jobs.listed()] == ["done", "done"]
        assert closer.audit.verify().whole


def test_a_gateway_that_comes_back_is_reconciled_by_itself(
    home: Path, talk: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ChromaServer(tmp_path / "chroma")
    try:
        monkeypatch.setenv("CLOSER_GATEWAY__MODE", "server")
        monkeypatch.setenv("CLOSER_GATEWAY__URL", server.url)
        monkeypatch.setenv("CLOSER_GATEWAY__DEADLINE", "1")
        server.kill()
        asked(talk)
        until(lambda: bool(log(home, "gateway.reconcile")))
        with Closer.at(home) as closer:
            assert closer.status()["gateway"]["pending_sessions"] == ["claude-code:abc-1"]
        assert events(home, "gateway.reconciled") == []
        assert not ended(home)

        server.start()
        until(lambda: bool(events(home, "gateway.reconciled")) and ended(home))

        with Closer.at(home) as closer:
            status = closer.status()["gateway"]
        assert (status["pending_sessions"], status["waiting"]) == ([], 0)
        assert log(home, "gateway.reconcile")[-1]["outcome"] == "done"
    finally:
        server.kill()


def test_one_who_may_not_start_a_worker_is_acknowledged_all_the_same(
    home: Path, talk: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_spawn", refused)
        job = asked(talk)

    assert json.loads(capsys.readouterr().err)["job"] == job
    assert [Path(path).stem for path in spool.waiting(places.spool(str(home)))] == [job]
    places.wake(str(home))
    until(lambda: closes(home) == ["abc-1"] and ended(home))


def test_one_who_asks_and_stays_keeps_nothing_of_a_worker_that_ended(home: Path, talk: Host) -> None:
    asked(talk)
    [worker] = workers(home)

    until(lambda: closes(home) == ["abc-1"] and ended(home))

    until(lambda: not Path(f"/proc/{worker}").exists())
