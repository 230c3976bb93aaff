"""Acknowledgements under faults, and requests that come again."""

from __future__ import annotations

import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from agent.adapters import spool
from agent.interfaces.hooks import places
from tests.interfaces.http.service import SESSION, Listener, Served, plain, said
from tests.scenarios.test_hooks import closes, ended, until

STATEMENT = {"text": "We deploy on Fridays", "session": SESSION}


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the right to write to a database."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


@pytest.mark.sqlite("it holds the lock of a file")
def test_a_close_is_acknowledged_while_another_process_holds_the_registry(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    # Others would wait for it far longer than this test does.
    monkeypatch.setenv("CLOSER_REGISTRY__WAIT", "600")
    served: Served = request.getfixturevalue("served")
    call = served.client
    call.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()})
    answers: list[httpx.Response] = []

    def ask(number: int) -> None:
        url = f"{served.url}/v1/sessions/{SESSION if not number else f'shop:{number}'}/close"
        answers.append(httpx.post(url, headers=served.headers, timeout=60))

    with locked(served.home / "registry.db"):
        asking = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()

        assert [answer.status_code for answer in answers] == [202] * 8
        assert {answer.json()["status"] for answer in answers} == {"deferred"}
        assert {answer.json()["audit"] for answer in answers} == {None}
        assert all(answer.json()["cadence"]["nextDigestAt"] for answer in answers)
    until(lambda: ended(served.home) and closes(served.home) == [SESSION])
    assert call.get(f"/v1/sessions/{SESSION}").json()["status"] == "completed"


@pytest.mark.sqlite("it writes into a file's table")
def test_events_are_told_again_after_a_look_that_failed(served: Served) -> None:
    listener = Listener(served)
    served.client.post("/v1/sessions", json={"session": SESSION})
    until(lambda: "session.opened" in listener.names())
    with closing(sqlite3.connect(served.home / "registry.db", isolation_level=None)) as db:
        newest = "FROM events ORDER BY number DESC LIMIT 1"
        db.execute(f"INSERT INTO events SELECT number + 1, at, 'test.broken', session, '{{', seal {newest}")
        until(lambda: any("no events can be told" in line for line in served.complaints))
        db.execute("UPDATE events SET facts = '{}' WHERE name = 'test.broken'")

    until(lambda: "test.broken" in listener.names())


@pytest.fixture
def bounded(tmp_path: Path, models: Path) -> Iterator[Served]:
    """A service whose spool is empty and whose disk is about to fail."""
    home = tmp_path / "home"
    running = Served(home, plain(home, models))
    running.client.post("/v1/sessions", json={"session": SESSION})
    yield running
    running.stop()
    until(lambda: places.idle(str(home)))


def test_a_close_that_cannot_be_written_is_not_acknowledged(bounded: Served) -> None:
    folder = Path(places.spool(str(bounded.home)))
    until(lambda: ended(bounded.home))
    folder.rmdir() if folder.exists() else None
    folder.write_text("in the way")

    answer = bounded.client.post(f"/v1/sessions/{SESSION}/close")

    assert answer.status_code == 503
    assert answer.json()["code"] == "disk"
    assert str(bounded.home) not in answer.text
    [alert] = bounded.client.get("/v1/alerts").json()
    assert (alert["reason"], alert["severity"], alert["session"]) == ("offline.enqueue_failed", "high", SESSION)
    assert bounded.client.get(f"/v1/sessions/{SESSION}").json()["status"] == "open"
    folder.unlink()
    assert bounded.client.post(f"/v1/sessions/{SESSION}/close").status_code == 202


def test_a_full_disk_is_told_as_such(bounded: Served) -> None:
    until(lambda: ended(bounded.home))
    pid, (_, hard) = bounded.process.pid, resource.prlimit(bounded.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    refused = bounded.client.post(f"/v1/sessions/{SESSION}/close")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

    assert (refused.status_code, refused.json()["code"]) == (507, "disk_full")
    assert spool.waiting(places.spool(str(bounded.home))) == []
    assert bounded.client.post(f"/v1/sessions/{SESSION}/close").status_code == 202


def test_closes_under_one_key_are_one_across_a_restart(served: Served) -> None:
    key = {"Idempotency-Key": "close-1"}
    served.client.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()})
    asked = [served.client.post(f"/v1/sessions/{SESSION}/close", headers=key) for _ in range(3)]
    other = served.client.post(f"/v1/sessions/{SESSION}/close", headers=key, json={"reason": "another"})
    until(lambda: ended(served.home))
    assert served.stop() == 0

    again = Served(served.home)
    asked.append(again.client.post(f"/v1/sessions/{SESSION}/close", headers=key))
    until(lambda: ended(served.home))

    assert {answer.status_code for answer in asked} == {202}
    assert len({answer.json()["job"] for answer in asked}) == 1
    assert (other.status_code, other.json()["code"]) == (409, "needs_review")
    assert [job["id"] for job in again.client.get("/v1/jobs").json()] == [asked[0].json()["job"]]
    assert again.client.get(f"/v1/sessions/{SESSION}").json()["status"] == "completed"
    assert again.stop() == 0


@pytest.mark.parametrize("dies", [False, True])
def test_turns_under_one_key_are_added_once(served: Served, dies: bool) -> None:
    """`dies`: the service is killed after it added them and before it could answer."""
    path, body, key = f"/v1/sessions/{SESSION}/turns", {"turns": said()[:4]}, {"Idempotency-Key": "turns-1"}
    first = served.client.post(path, json=body, headers=key)
    running = served
    if dies:
        served.kill()
        forget_answers(served.home)
        running = Served(served.home)
    second = running.client.post(path, json=body, headers=key)
    more = running.client.post(path, json={"turns": said()[:4]}, headers={"Idempotency-Key": "turns-2"})
    context = running.client.get(f"/v1/sessions/{SESSION}/context").json()

    assert dies or second.json() == first.json()
    assert second.json()["turns"] == 4
    assert more.json()["turns"] == 8
    assert len(context) == 8
    assert running.stop() == 0


@pytest.mark.parametrize("dies", [False, True])
def test_what_is_remembered_under_one_key_is_added_once(served: Served, dies: bool) -> None:
    key, running = {"Idempotency-Key": "remember-1"}, served
    first = served.client.post("/v1/remember", json=STATEMENT, headers=key)
    if dies:
        served.kill()
        forget_answers(served.home)
        running = Served(served.home)
    second = running.client.post("/v1/remember", json=STATEMENT, headers=key)
    hits = running.client.post("/v1/recall", json={"question": "Fridays", "keyword": True}).json()["hits"]

    assert first.json()["commit"]
    assert second.json()["commit"] == (None if dies else first.json()["commit"])
    assert len([hit for hit in hits if hit["kind"] == "fragment"]) == 1
    assert running.stop() == 0


def test_what_is_forgotten_under_one_key_is_answered_alike(served: Served) -> None:
    kept = served.client.post("/v1/remember", json=STATEMENT).json()["decisions"][0]["id"]
    key = {"Idempotency-Key": "forget-1"}
    first, second = (served.client.post("/v1/forget", json={"what": kept}, headers=key) for _ in range(2))

    assert first.json()["removed"]
    assert second.json() == first.json()
    assert served.client.post("/v1/forget", json={"what": kept}).status_code == 404


def forget_answers(home: Path) -> None:
    """As if the service had died before it wrote its answers down."""
    with closing(sqlite3.connect(home / "answers.db")) as db:
        db.execute("UPDATE answers SET answer = NULL")
        db.commit()
