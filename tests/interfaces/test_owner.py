"""One owner, many clients: a home's service is found and asked, and without one everybody helps themselves."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent import Closer, Turn, __version__
from agent.adapters.home_lock import HomeLock
from agent.adapters.processes import LocalProcesses
from agent.bootstrap import House
from agent.closing import follow
from agent.domain.transcript import Action
from agent.errors import Busy, CloserError
from agent.interfaces import client as clients
from agent.interfaces import service as services
from agent.interfaces.memory import Memory, asked, by_service
from tests.interfaces.http.service import Served
from tests.processes import processes, until_deserted
from tests.scenarios.test_hooks import until

Cli = Callable[..., subprocess.CompletedProcess[str]]
SAID = "The key of the harbour is kept by the porter."
HEAVY = {"numpy", "chromadb", "onnxruntime", "tokenizers", "sqlalchemy", "dbos", "git", "pydantic", "sqlite3"}


@pytest.fixture
def home(closer: Closer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that is there, for processes as for this one, which nobody works for in the end."""
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "0.5")
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", str(closer.settings.embedder.folder))
    closer.shut()
    yield closer.settings.home
    until_deserted(closer.settings.home)


@pytest.fixture
def served(home: Path) -> Iterator[Served]:
    made = Served(home)
    yield made
    with suppress(ProcessLookupError):
        os.kill(made.process.pid, signal.SIGCONT)
    made.stop()


def test_a_close_that_had_nothing_to_write_is_done(served: Served) -> None:
    job = served.client.post("/v1/sessions/chat:empty/close", json={}).json()["job"]
    until(lambda: served.client.get(f"/v1/jobs/{job}").json().get("status") == "done")

    client = clients.reach(served.home, "k")
    assert client is not None
    with client:
        assert (client.job("none"), (client.job(job) or {})["receipt"]) == (None, None)


def turns_of(home: Path, session: str) -> list[str]:
    with Closer.at(home) as closer:
        return [turn.text for turn in closer.sessions.context(session)]


def stored(home: Path) -> int:
    with Closer.at(home) as closer:
        return int(closer.status()["vault"]["notes"].get("fragment", 0))


def announce(home: Path, service: services.Service) -> None:
    (home / services.FILE).write_text(json.dumps(asdict(service)))


def test_a_service_says_where_it_is_for_as_long_as_it_is_there(served: Served) -> None:
    path = served.home / services.FILE
    found = services.found(served.home)

    assert found is not None
    assert (found.url, found.owner.pid, found.lingers) == (served.url, served.process.pid, False)
    assert LocalProcesses().alive(found.owner)
    assert path.stat().st_mode & 0o777 == 0o600
    assert served.stop() == 0
    assert not path.exists()


def test_a_second_service_is_refused_and_told_whose_the_home_is(served: Served, cli: Cli) -> None:
    refused = cli("serve", "--port", "0")
    lingering = cli("serve", "--linger", "--port", "0")

    assert (refused.returncode, lingering.returncode) == (75, 1)
    assert f"process {served.process.pid} at {served.url}" in refused.stderr
    assert services.found(served.home) is not None


def test_what_a_dead_service_left_is_recognised_and_replaced(served: Served, cli: Cli) -> None:
    dead = services.found(served.home)
    assert dead is not None
    served.kill()

    assert (served.home / services.FILE).exists()
    assert services.found(served.home) is None
    assert cli("remember", SAID).returncode == 0
    with_another = Served(served.home)
    assert services.found(served.home) not in (None, dead)
    assert with_another.stop() == 0


@pytest.mark.parametrize("wrong", ["boot", "started"])
def test_a_process_that_only_has_the_number_of_a_service_is_none(home: Path, wrong: str) -> None:
    me = LocalProcesses().owner(os.getpid())
    assert me is not None
    announce(home, services.Service("http://127.0.0.1:1", me))
    assert services.found(home) is not None
    other = replace(me, boot="another") if wrong == "boot" else replace(me, started="another")
    announce(home, services.Service("http://127.0.0.1:1", other))

    assert services.found(home) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": 1, "owner": 2, "lingers": 3}', "\x00"])
def test_a_file_that_names_no_service_is_none(home: Path, text: str) -> None:
    (home / services.FILE).write_text(text)

    assert services.found(home) is None


def talked(run: Cli) -> list[str]:
    """What a person sees who uses every verb that may be asked of a service, and what a program does."""
    turns = "User: We always use tabs in this repository.\n\nAssistant: Tabs it is.\n"
    seen = [
        run("remember", SAID, "--session", "cli:one"),
        run("remember", "  "),
        run("recall", "who keeps the key of the harbour", "-k", "3"),
        run("recall", "who keeps the key of the harbour", "-k", "300", "--json"),
        run("checkpoint", "cli:two", "-", stdin=turns),
        run("open", "cli:three", "--cwd", "/", "--json"),
        run("forget", SAID),
        run("forget", SAID, "--json"),
    ]
    return [f"{one.returncode}\n{one.stdout}\n{one.stderr}" for one in seen]


def plain(text: str) -> str:
    """Without what no two homes have in common. The index is a file more once a second has passed since it was."""
    text = re.sub(r"\b[0-9a-f]{12,40}\b|-[0-9a-f]{8}\b|/closer-\w+/", "#", text)
    text = re.sub(r"(vault +written), \d written", r"\1", text)
    return re.sub(r"\d\d:\d\d:\d\dZ", "#", text)


def test_every_verb_answers_the_same_with_a_service_as_without(
    served: Served, cli: Cli, tmp_path: Path, settings: dict[str, Any]
) -> None:
    with Closer.at(tmp_path / "other", settings):
        pass
    by_service = talked(cli)
    alone = talked(lambda *words, **more: cli("--home", str(tmp_path / "other"), *words, **more))

    assert [plain(text) for text in by_service] == [plain(text) for text in alone]


ASKED = [["recall", "who keeps the key"], ["remember", SAID], ["forget", SAID], ["open", "cli:one"]]


def loaded(home: Path, words: list[str]) -> set[str]:
    """The libraries a verb's process has loaded by its end."""
    code = (
        "import atexit, sys; atexit.register(lambda: print(*{n.split('.')[0] for n in sys.modules}, file=sys.stderr)); "
        "from agent.interfaces.entry import main; main()"
    )
    command = [sys.executable, "-c", code, "--home", str(home), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stderr.split("\n")[-2].split())


def test_a_verb_that_asks_the_service_loads_neither_model_nor_store(served: Served) -> None:
    with Closer.at(served.home) as closer:
        closer.remember(SAID)
    asking = [loaded(served.home, words) & HEAVY for words in ASKED]
    served.stop()

    assert asking == [set()] * len(ASKED)
    assert {"numpy", "sqlalchemy", "sqlite3"} <= loaded(served.home, ["remember", SAID])


def test_a_service_that_does_not_answer_is_done_without(served: Served, cli: Cli) -> None:
    os.kill(served.process.pid, signal.SIGSTOP)
    told = cli("remember", SAID)
    found = cli("recall", "key of the harbour", "--json")

    assert told.returncode == found.returncode == 0
    assert json.loads(found.stdout)["data"]["hits"][0]["text"] == SAID


@pytest.mark.parametrize("wrong", ["token", "version", "port"])
def test_a_service_that_is_not_this_homes_is_done_without(
    home: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    served = Served(home)
    if wrong == "token":
        (home / "token").write_text("another")
    elif wrong == "version":
        monkeypatch.setattr(clients, "__version__", "0.0.0")
    else:
        found = services.found(home)
        assert found is not None
        announce(home, replace(found, url="http://127.0.0.1:1"))
    receipt = asked(str(home), lambda memory: memory.remember(SAID, None, None))

    assert receipt["commit"]
    served.stop()


class Relay(ThreadingHTTPServer):
    """Stands before a service and loses some of its answers, as one does that dies at the wrong moment."""

    def __init__(self, served: Served, lost: int) -> None:
        super().__init__(("127.0.0.1", 0), Relayed)
        self.served, self.lost = served, lost
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Relayed(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Relay

    def do_GET(self) -> None:
        self.answer(200, json.dumps({"closer": __version__}).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        done = self.server.served.client.post(self.path, content=body, headers=dict(self.headers))
        if len(self.server.keys) <= self.server.lost:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.answer(done.status_code, done.content)

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def relayed(served: Served) -> Iterator[Callable[[int], Relay]]:
    made: list[Relay] = []

    def make(lost: int) -> Relay:
        relay = Relay(served, lost)
        made.append(relay)
        threading.Thread(target=relay.serve_forever, args=(0.01,), daemon=True).start()
        found = services.found(served.home)
        assert found is not None
        announce(served.home, replace(found, url=relay.url))
        return relay

    yield make
    for relay in made:
        relay.shutdown()
        relay.server_close()


TURNS = [Turn("user", "We always use tabs in this repository."), Turn("assistant", "Tabs it is.")]


def test_what_was_done_but_not_answered_is_not_done_twice(served: Served, relayed: Callable[[int], Relay]) -> None:
    relay = relayed(1)
    checkpoint = asked(str(served.home), lambda memory: memory.checkpoint("cli:one", TURNS, None), twice=False)

    assert checkpoint["turns"] == len(TURNS)
    assert turns_of(served.home, "cli:one") == [turn.text for turn in TURNS]
    assert len(relay.keys) == 2
    assert len(set(relay.keys)) == 1


def test_what_may_be_done_again_is_done_here_when_no_answer_comes(
    served: Served, relayed: Callable[[int], Relay]
) -> None:
    relayed(99)
    receipt = asked(str(served.home), lambda memory: memory.remember(SAID, None, None))

    assert receipt["decisions"][0]["reason"] == "already stored from this very place"
    assert stored(served.home) == 1


def test_what_may_not_be_done_again_is_said_to_be_uncertain(served: Served, relayed: Callable[[int], Relay]) -> None:
    relayed(99)
    with pytest.raises(CloserError, match="may have been done") as told:
        asked(str(served.home), lambda memory: memory.checkpoint("cli:one", TURNS, None), twice=False)

    assert told.value.exit_code == 5
    assert turns_of(served.home, "cli:one") == [turn.text for turn in TURNS]


def test_turns_reach_the_service_whole(served: Served) -> None:
    said = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    turns = [
        Turn("user", "Please write the config.", "Ada", said),
        Turn("tool", "written", "Write", said, action=Action("write", "a.py", ok=True)),
    ]
    asked(str(served.home), lambda memory: memory.checkpoint("cli:one/two#3", turns, "/"), twice=False)
    with Closer.at(served.home) as closer:
        row = closer.sessions.get("cli:one/two#3")
        kept = closer.sessions.context("cli:one/two#3")

    assert row is not None
    assert row.cwd == "/"
    assert [(turn.role, turn.text, turn.name, turn.when, turn.action) for turn in kept] == [
        (turn.role, turn.text, turn.name, turn.when, turn.action) for turn in turns
    ]


def test_a_service_killed_at_any_moment_costs_no_window_anything(home: Path) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    moments = random.Random(seed)
    texts = [f"The key of room number {number} is kept by porter number {number}." for number in range(5)]

    def kill() -> None:
        service = services.found(home)
        if service is not None and service.owner.pid != os.getpid():
            os.kill(service.owner.pid, signal.SIGKILL)

    def nobody() -> AbstractContextManager[Memory]:
        raise AssertionError("this window had to help itself")

    for text in texts:

        def told(memory: Memory, text: str = text) -> dict[str, Any]:
            return memory.checkpoint("cli:one", [Turn("user", text)], None)

        services.started(home, 90)
        timer = threading.Timer(moments.random() * 0.4, kill)
        timer.start()
        receipt = by_service(home, told, nobody, twice=False, start=True)
        timer.join()
        assert receipt["outcome"] in ("close", "nothing")

    assert turns_of(home, "cli:one") == texts
    with Closer.at(home) as closer, closing(House(closer.settings)) as house:
        closer.reconcile()
        assert follow.drift(house, repair=False) == follow.Drift(0, 0)
        assert closer.audit.verify().whole


def test_the_service_says_what_went_wrong_as_the_facade_does(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSER_LOCK__WAIT", "0.1")
    served = Served(home)
    with HomeLock(home / "owner.lock").hold(10), pytest.raises(Busy) as told:
        asked(str(home), lambda memory: memory.remember(SAID, None, None))

    assert "in use by process" in told.value.message
    assert told.value.hint
    served.stop()


def test_of_several_that_want_a_service_all_get_the_same_one(home: Path) -> None:
    with ThreadPoolExecutor(5) as several:
        found = set(several.map(lambda _: services.started(home, 90), range(5)))
    [service] = found

    assert service is not None
    assert service.lingers
    assert service.owner.pid != os.getpid()
    [here] = [pid for pid, words in processes(home).items() if "serve" in words]
    assert here == service.owner.pid
    assert Path(f"/proc/{here}/stat").read_text().rsplit(")", 1)[1].split()[1] != str(os.getpid())
    until_deserted(home)
    assert not (home / services.FILE).exists()


def test_a_service_listens_on_the_loopback_interface_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "5")
    service = services.started(home, 90)
    assert service is not None
    port = f"{int(service.url.rpartition(':')[2]):04X}"
    listening = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().split("\n")]

    assert [words[1] for words in listening if words[1:2] and words[1].endswith(f":{port}") and words[3] == "0A"] == [
        f"0100007F:{port}"
    ]


def test_a_service_that_was_asked_for_takes_the_place_of_one_that_lingers(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "600")
    lingering = services.started(home, 90)
    assert lingering is not None
    served = Served(home)
    found = services.found(home)

    assert found is not None
    assert (found.owner.pid, found.lingers) == (served.process.pid, False)
    assert not LocalProcesses().alive(lingering.owner)
    assert served.stop() == 0


def test_without_a_home_that_can_be_used_no_service_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert services.started(tmp_path / "file" / "home", 90) is None
