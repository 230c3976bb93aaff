"""The HTTP door: a real server on the loopback interface, called by real clients, with a real home behind it."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from agent import Closer
from agent.interfaces.hooks import places
from tests.scenarios.talks import bakery
from tests.scenarios.test_hooks import closes, ended, until

SESSION = "shop:monday/1"


class Served:
    """A running service and a client that holds its token."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent", "--home", str(home), "serve", "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        told = re.match(r"(http://127\.0\.0\.1:\d+)/v1, token in (.*)\n", self.process.stderr.readline())
        assert told
        self.url, self.token = told[1], Path(told[2]).read_text()
        self.client = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=120)
        until(self._answers)

    def _answers(self) -> bool:
        try:
            return self.client.get("/v1/health").status_code == 200
        except httpx.ConnectError:
            return False

    def handles(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def stop(self) -> int:
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def served(closer: Closer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "0.5")
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", str(closer.settings.embedder.folder))
    closer.shut()
    running = Served(closer.settings.home)
    yield running
    if running.process.poll() is None:
        running.stop()
    until(lambda: places.idle(str(running.home)))


def said() -> list[dict[str, str]]:
    return [{"role": turn.role, "text": turn.text} for turn in bakery().turns]


class Listener:
    """Reads events until the service ends."""

    def __init__(self, served: Served, after: int | None = None) -> None:
        self.got: list[tuple[int, str]] = []
        self.served, self.after = served, after
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        headers = {} if self.after is None else {"Last-Event-ID": str(self.after)}
        number = 0
        with (
            suppress(httpx.RemoteProtocolError),
            self.served.client.stream("GET", "/v1/events", headers=headers, timeout=None) as answer,
        ):
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("event: "):
                    name = line[7:]
                elif not line and number:
                    self.got.append((number, name))
                    number = 0

    def names(self) -> list[str]:
        return [name for _, name in self.got]


def test_a_session_opened_told_and_closed_over_http_is_in_the_vault(served: Served) -> None:
    call = served.client
    opened = call.post("/v1/sessions", json={"session": SESSION})
    assert opened.status_code == 201
    assert opened.json()["text"].startswith("<closer-memory")
    assert call.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()}).json()["commit"]

    asked = call.post(f"/v1/sessions/{SESSION}/close", json={"reason": "done", "closed_by": "a test"})

    assert asked.status_code == 202
    until(lambda: ended(served.home))
    [job] = call.get("/v1/jobs").json()
    assert (job["id"], job["status"], job["session"], job["reason"]) == (
        asked.json()["job"],
        "done",
        SESSION,
        "done by a test",
    )
    assert call.get(f"/v1/sessions/{SESSION}").json()["status"] == "completed"
    assert call.get(f"/v1/sessions/{SESSION}/receipt").json()["schema"] == "closer.receipt/1"
    assert closes(served.home) == [SESSION]
    [hit] = call.post("/v1/recall", json={"question": "how are prices shown?", "k": 1}).json()["hits"]
    assert "tax" in hit["text"]


def test_what_one_door_remembers_another_recalls_and_forgets(served: Served) -> None:
    kept = served.client.post("/v1/remember", json={"text": "We deploy on Fridays"}).json()
    with Closer.at(served.home) as closer:
        assert closer.recall("when do we deploy?")[0].text == "We deploy on Fridays"

    gone = served.client.post("/v1/forget", json={"what": kept["decisions"][0]["id"]})

    assert gone.json()["removed"]
    assert served.client.post("/v1/recall", json={"question": "Fridays", "keyword": True}).json()["hits"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic abc"}, 401),
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_what_must_not_come_in_is_turned_away_as_a_problem(
    served: Served, headers: dict[str, str], status: int
) -> None:
    answer = served.client.get("/v1/status", headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert str(served.home) not in answer.text


def test_a_body_that_is_too_large_is_not_read(served: Served) -> None:
    head = f"POST /v1/remember HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {served.token}\r\n"
    with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2]))) as line:
        line.sendall(f"{head}Content-Length: 99999999999\r\n\r\n".encode())

        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_browser_on_the_same_machine_and_health_without_token_are_let_in(served: Served) -> None:
    assert served.client.get("/v1/status", headers={"Origin": served.url}).status_code == 200
    assert httpx.get(f"{served.url}/v1/health").status_code == 200
    assert (served.home / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/remember", {"text": ""}, 422, "usage"),
        ("/v1/remember", {"text": "a", "surplus": 1}, 422, "usage"),
        ("/v1/remember", [], 422, "usage"),
        ("/v1/recall", {"question": "x", "k": 0}, 422, "usage"),
        ("/v1/forget", {"what": "nothing of the kind"}, 422, "usage"),
        ("/v1/sessions/a:b/turns", {"turns": [{"role": "god", "text": "x"}]}, 422, "usage"),
        ("/v1/nowhere", {}, 404, "refused"),
    ],
)
def test_what_is_asked_wrongly_is_explained(served: Served, path: str, body: object, status: int, code: str) -> None:
    answer = served.client.post(path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_is_a_404(served: Served) -> None:
    assert served.client.get("/v1/sessions/a:b").json()["code"] == "unknown_session"
    assert served.client.get("/v1/sessions/a:b/receipt").status_code == 404


def test_the_description_names_every_route(served: Served) -> None:
    described = httpx.get(f"{served.url}/openapi.json").json()["paths"]

    assert {"/v1/sessions", "/v1/remember", "/v1/recall", "/v1/events", "/v1/jobs", "/v1/alerts"} <= set(described)


def test_a_listener_that_comes_back_misses_and_repeats_nothing(served: Served) -> None:
    first = Listener(served, 0)
    served.client.post("/v1/sessions", json={"session": SESSION})
    until(lambda: "session.opened" in first.names())
    seen = first.got[-1][0]
    served.client.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()})
    served.client.post(f"/v1/sessions/{SESSION}/close")
    until(lambda: ended(served.home))

    again = Listener(served, seen)

    until(lambda: "session.closed" in again.names() and "session.closed" in first.names())
    assert [number for number, _ in first.got] == sorted({number for number, _ in first.got})
    assert [entry for entry in first.got if entry[0] > seen] == again.got[: len(first.got)]


def test_listeners_that_drop_leave_no_handle(served: Served) -> None:
    served.client.get("/v1/status")
    before = served.handles()
    for _ in range(50):
        with served.client.stream("GET", "/v1/events", headers={"Last-Event-ID": "0"}):
            pass

    until(lambda: served.handles() <= before + 2)


def test_told_to_stop_it_ends_well_and_leaves_no_process(served: Served) -> None:
    served.client.post("/v1/remember", json={"text": "We deploy on Fridays"})
    pid = served.process.pid

    assert served.stop() in (0, -signal.SIGTERM)
    children = [p for p in Path("/proc").glob("[0-9]*/stat") if _parent(p) == pid]
    assert children == []
    assert json.loads((served.home / "settings.json").read_text())
    assert not Path(f"/proc/{pid}").exists()


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError):
        return -1
