"""Sessions and memory over HTTP: a real service on the loopback interface, with a real home behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import Closer
from tests.interfaces.http.service import SESSION, Served, said
from tests.scenarios.test_hooks import Host, closes, ended, until


def test_a_session_opened_told_and_closed_over_http_is_in_the_vault(served: Served) -> None:
    call = served.client
    opened = call.post("/v1/sessions", json={"session": SESSION})
    assert opened.status_code == 201
    assert opened.json()["text"].startswith("<closer-memory")
    assert call.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()}).json()["commit"]

    asked = call.post(f"/v1/sessions/{SESSION}/close", json={"reason": "done", "closed_by": "a test"})

    assert asked.status_code == 202
    job = asked.json()["job"]
    assert (asked.headers["Location"], asked.headers["Retry-After"]) == (f"/v1/jobs/{job}", "1")
    until(lambda: call.get(asked.headers["Location"]).json()["status"] == "done")
    [listed] = call.get("/v1/jobs").json()
    assert (listed["id"], listed["session"], listed["reason"], listed["closed_by"]) == (job, SESSION, "done", "a test")
    row = call.get(f"/v1/sessions/{SESSION}").json()
    assert (row["status"], row["closed_by"], row["closure_reason"]) == ("completed", "a test", "done")
    assert row["last_ack_cursor"] == row["change_cursor"] == len(said())
    assert call.get(f"/v1/sessions/{SESSION}/receipt").json()["schema"] == "closer.receipt/1"
    assert closes(served.home) == [SESSION]
    [hit] = call.post("/v1/recall", json={"question": "how are prices shown?", "k": 1}).json()["hits"]
    assert "tax" in hit["text"]


def test_asking_twice_for_a_close_is_harmless(served: Served) -> None:
    call, path = served.client, f"/v1/sessions/{SESSION}/close"
    call.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()})
    jobs = [call.post(path).json()["job"] for _ in range(2)]
    until(lambda: ended(served.home))
    jobs.append(call.post(path).json()["job"])
    until(lambda: ended(served.home))

    assert len(set(jobs)) == 3
    assert [call.get(f"/v1/jobs/{job}").json()["status"] for job in jobs] == ["done"] * 3
    assert call.get(f"/v1/sessions/{SESSION}").json()["status"] == "completed"
    assert closes(served.home) == [SESSION]


def test_a_close_is_acknowledged_with_its_entry_in_the_log_and_its_cadence(served: Served) -> None:
    call = served.client
    call.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()})
    told = call.post(f"/v1/sessions/{SESSION}/close", json={"reason": "done", "closed_by": "a test"}).json()

    assert told["status"] == "closing"
    number, seal = told["audit"].split(":")
    [entry] = call.get("/v1/audit", params={"after": int(number) - 1, "limit": 1}).json()
    assert entry["seal"].startswith(seal)
    assert (entry["event"], entry["facts"]["job"]) == ("offline.sessionClosure.queued", told["job"])
    assert (entry["facts"]["change_cursor"], entry["facts"]["activity"]["turns"]) == (len(said()), len(said()))
    assert set(told["cadence"]) == {"nextDigestAt", "moderationWindow"}
    assert call.get(f"/v1/sessions/{SESSION}/cadence").json()["nextDigestAt"] == told["cadence"]["nextDigestAt"]
    [*_, provenance] = call.get(f"/v1/sessions/{SESSION}/context").json()
    assert (provenance["role"], provenance["name"]) == ("system", "closer")
    assert "a test" in provenance["text"]


def test_what_one_door_remembers_another_recalls_and_forgets(served: Served) -> None:
    kept = served.client.post("/v1/remember", json={"text": "We deploy on Fridays"}).json()
    with Closer.at(served.home) as closer:
        assert closer.recall("when do we deploy?")[0].text == "We deploy on Fridays"

    gone = served.client.post("/v1/forget", json={"what": kept["decisions"][0]["id"]})

    assert gone.json()["removed"]
    assert served.client.post("/v1/recall", json={"question": "Fridays", "keyword": True}).json()["hits"] == []


def test_what_a_session_wrote_is_taken_back_and_what_it_handed_on_is_in_the_brief(served: Served) -> None:
    call = served.client
    call.post("/v1/remember", json={"text": "We always deploy on Fridays", "session": SESSION})
    handed = call.get("/v1/brief", params={"cwd": str(served.home)}).json()["text"]
    assert "deploy on Fridays" in handed

    taken_back = call.post(f"/v1/sessions/{SESSION}/rollback")

    assert taken_back.json()["commit"]
    assert "Fridays" not in call.get("/v1/brief", params={"cwd": str(served.home)}).json()["text"]
    assert call.get("/v1/audit/verify").json()["whole"]


def test_a_failed_job_is_seen_and_tried_again(served: Served, tmp_path: Path) -> None:
    call, host = served.client, Host(served.home, tmp_path, "abc-1", tmp_path)
    session = f"claude-code:{host.session}"
    host.transcript.write_bytes(b"\x00\xff not a transcript")
    asked = call.post(f"/v1/sessions/{session}/close", json={"transcript": str(host.transcript)})
    until(lambda: ended(served.home))
    assert call.get(f"/v1/sessions/{session}").json()["status"] == "failed"
    assert [alert["session"] for alert in call.get("/v1/alerts").json()] == [session]
    job = asked.json()["job"]
    assert call.get(f"/v1/jobs/{job}").json()["status"] == "failed"
    host.transcript.unlink()
    host.says("user", "We ship on Thursdays.")
    host.says("assistant", "Noted.")

    assert call.post(f"/v1/jobs/{job}/revive").status_code == 202
    until(lambda: call.get(f"/v1/jobs/{job}").json()["status"] == "done")
    assert call.post(f"/v1/jobs/{job}/revive").json()["code"] == "not_failed"
    assert closes(served.home) == [host.session]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/remember", {"text": ""}, 422, "usage"),
        ("/v1/remember", {"text": "a", "surplus": 1}, 422, "usage"),
        ("/v1/remember", [], 422, "usage"),
        ("/v1/recall", {"question": "x", "k": 0}, 422, "usage"),
        ("/v1/forget", {"what": "nothing of the kind"}, 404, "usage"),
        ("/v1/sessions/a:b/rollback", {}, 404, "usage"),
        ("/v1/recall", {"question": "x", "keyword": "no"}, 422, "usage"),
        ("/v1/sessions/a:b/turns", {"turns": [{"role": "god", "text": "x"}]}, 422, "usage"),
        ("/v1/sessions/a:b/turns", {"turns": [{"role": "user", "text": "x", "when": "2026-01-01"}]}, 422, "usage"),
        ("/v1/jobs/nothing/revive", {}, 404, "unknown_job"),
        ("/v1/nowhere", {}, 404, "refused"),
        ("/v1/health", {}, 405, "refused"),
    ],
)
def test_what_is_asked_wrongly_is_explained(shared: Served, path: str, body: object, status: int, code: str) -> None:
    answer = shared.client.post(path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/sessions/not:there", "unknown_session"),
        ("/v1/sessions/not:there/receipt", "no_receipt"),
        ("/v1/jobs/1-1", "unknown_job"),
        ("/v1/sessions/not:there/nothing", "unknown_session"),
    ],
)
def test_what_is_not_there_is_a_404(shared: Served, path: str, code: str) -> None:
    answer = shared.client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, code)
