"""Told to stop, the service ends its streams, finishes what runs, puts open sessions by, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import httpx
import pytest

from agent import Closer
from agent.bootstrap import House
from agent.domain.session import SessionKey
from agent.interfaces.hooks import places
from tests.interfaces.http.service import SESSION, STREAMS, Listener, Served, said
from tests.interfaces.http.test_events import asked, speak
from tests.scenarios.test_hooks import closes, ended, until


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except (OSError, IndexError):
            continue
    return found


def test_told_to_stop_it_ends_well_and_leaves_no_process_and_no_socket(served: Served) -> None:
    served.client.post("/v1/remember", json={"text": "We deploy on Fridays"})
    begun = children(served.process.pid)
    assert begun

    assert served.stop() == 0
    assert not [pid for pid in begun if Path(f"/proc/{pid}").exists()]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", served.port))
    assert served.complaints == []
    assert json.loads((served.home / "settings.json").read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_listeners_are_told_that_it_is_over(served: Served, number: signal.Signals) -> None:
    listeners = [Listener(served, stream) for stream in STREAMS for _ in range(3)]
    with Closer.at(served.home) as closer:
        log = House(closer.settings)
    deaf = [asked(served, stream) for stream in STREAMS]
    speak(log, 100, size=100_000)
    log.close()
    os.kill(served.process.pid, number)

    served.process.wait(timeout=15)
    assert served.process.returncode == 0
    until(lambda: all(listener.ended() for listener in listeners))
    for line in deaf:
        line.close()


def test_a_stream_of_the_mcp_door_comes_to_its_proper_end(served: Served) -> None:
    headers = {**served.headers, "Accept": "text/event-stream"}
    with httpx.stream("GET", f"{served.url}/mcp", headers=headers, timeout=60) as answer:
        assert answer.status_code == 200
        served.process.send_signal(signal.SIGTERM)
        assert answer.read() == b""

    assert served.stop() == 0


def test_an_open_session_is_put_by_and_goes_on_with_the_next_service(served: Served) -> None:
    served.client.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()[:4]})
    assert served.stop() == 0
    with Closer.at(served.home) as closer:
        house = House(closer.settings)
        [stopped] = house.registry.events(event="service.stopped")
        assert stopped.facts["sessions"] == [SESSION]
        assert len(house.registry.turns(SessionKey.parse(SESSION))) == 4
        house.close()

    again = Served(served.home)
    again.client.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()[4:]})
    context = again.client.get(f"/v1/sessions/{SESSION}/context").json()
    again.client.post(f"/v1/sessions/{SESSION}/close")
    until(lambda: ended(served.home))

    assert [turn["text"] for turn in context] == [turn["text"] for turn in said()]
    assert again.stop() == 0
    assert closes(served.home) == [SESSION]


def test_what_runs_is_finished_and_answered(served: Served) -> None:
    answers: list[httpx.Response] = []

    def remember(number: int) -> None:
        text = f"We keep the invoices of year {2000 + number} in the blue cabinet number {number}."
        answers.append(httpx.post(f"{served.url}/v1/remember", json={"text": text}, headers=served.headers, timeout=60))

    working = [threading.Thread(target=remember, args=(number,)) for number in range(3)]
    for thread in working:
        thread.start()
    until(lambda: bool(children(served.process.pid)) or bool(answers))

    assert served.stop() == 0
    for thread in working:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 3
    log = subprocess.run(
        ["git", "-C", str(served.home / "vault"), "log", "--format=%H"], capture_output=True, text=True
    )
    assert {answer.json()["commit"] for answer in answers} <= set(log.stdout.split())


def test_a_close_acknowledged_right_before_the_end_is_done(served: Served) -> None:
    served.client.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()})
    asked_for = served.client.post(f"/v1/sessions/{SESSION}/close")
    served.kill()

    assert asked_for.status_code == 202
    places.wake(str(served.home))
    until(lambda: ended(served.home) and closes(served.home) == [SESSION])
