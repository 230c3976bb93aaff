"""What happens is told over server-sent events and WebSockets, each event once, whoever hangs up or is slow."""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from agent import Closer
from agent.bootstrap import House
from agent.domain.session import SessionKey
from tests.interfaces.http.service import SESSION, STREAMS, Listener, Served, said
from tests.scenarios.test_hooks import ended, until

SPOKEN = 240


@pytest.fixture
def log(served: Served) -> Iterator[House]:
    """The registry of the service's home, in this process."""
    with Closer.at(served.home) as closer:
        house = House(closer.settings)
    yield house
    house.close()


def speak(log: House, count: int, *, size: int = 20) -> None:
    for number in range(count):
        log.registry.record("test.said", SessionKey("test", str(number % 3)), {"number": number, "text": "x" * size})


@pytest.mark.parametrize("stream", STREAMS)
def test_a_session_is_told_from_open_to_closed(served: Served, stream: str) -> None:
    listener = Listener(served, stream)
    served.client.post("/v1/sessions", json={"session": SESSION})
    served.client.post(f"/v1/sessions/{SESSION}/turns", json={"turns": said()})
    job = served.client.post(f"/v1/sessions/{SESSION}/close").json()["job"]
    until(lambda: ended(served.home) and "session.closed" in listener.names())

    names = listener.names()
    expected = ["session.opened", "fragment.committed", "offline.sessionClosure.queued", "session.closed"]
    assert [name for name in dict.fromkeys(names) if name in expected] == expected
    changes = [data for _, name, data in listener.got if name == "session.statusChanged"]
    assert [(change["from"], change["to"]) for change in changes][-1][1] == "completed"
    assert {data["session"] for _, _, data in listener.got} == {SESSION}
    closed = next(data for _, name, data in listener.got if name == "session.closed")
    assert set(closed["cadence"]) == {"nextDigestAt", "moderationWindow"}
    assert closed["receipt"]["session"] == SESSION
    steps = [(number, data) for number, name, data in listener.got if name == "session.progress"]
    assert steps
    assert {number for number, _ in steps} == {None}
    assert {step["job"] for _, step in steps} == {job}
    assert listener.numbers() == sorted(set(listener.numbers()))


@pytest.mark.parametrize("stream", STREAMS)
def test_only_what_was_asked_for_is_told(served: Served, log: House, stream: str) -> None:
    ours = Listener(served, stream, 0, "session=test:1")
    named = Listener(served, stream, 0, "event=test.said&event=test.done&session=test:2")
    speak(log, 9)
    log.registry.record("test.done", SessionKey("test", "1"), {})
    log.registry.record("test.done", SessionKey("test", "2"), {})

    until(lambda: "test.done" in ours.names() and "test.done" in named.names())

    assert {data["session"] for _, _, data in ours.got} == {"test:1"}
    assert [(name, data["session"]) for _, name, data in named.got] == [("test.said", "test:2")] * 3 + [
        ("test.done", "test:2")
    ]


@pytest.mark.parametrize("stream", STREAMS)
def test_a_listener_that_comes_back_again_and_again_misses_and_repeats_nothing(
    served: Served, log: House, stream: str
) -> None:
    begin = served.events()[-1][0] if served.events() else 0
    chance, got = random.Random(stream), list[int]()
    speaking = threading.Thread(target=speak, args=(log, SPOKEN))
    speaking.start()
    hung_up = 0
    while len(got) < SPOKEN:
        listener = Listener(served, stream, got[-1] if got else begin)
        heard(listener, min(chance.randint(1, 60), SPOKEN - len(got)))
        listener.hang_up()
        hung_up += 1
        got += listener.numbers()
    speaking.join()

    assert got == [number for number, name in served.events(after=begin) if name == "test.said"]
    assert hung_up > 1


@pytest.mark.parametrize("stream", STREAMS)
def test_a_listener_that_comes_back_to_a_new_service_misses_and_repeats_nothing(
    served: Served, log: House, stream: str
) -> None:
    first = Listener(served, stream, 0)
    speak(log, 20)
    until(lambda: first.numbers() != [])
    served.kill()
    speak(log, 20)

    again = Served(served.home)
    second = Listener(again, stream, first.numbers()[-1])
    speak(log, 20)

    until(lambda: len([name for name in first.names() + second.names() if name == "test.said"]) == 60)
    assert first.numbers() + second.numbers() == [number for number, _ in again.events()]
    assert again.stop() == 0


@pytest.mark.parametrize("stream", STREAMS)
def test_listeners_that_drop_leave_nothing(served: Served, log: House, stream: str) -> None:
    asked(served, stream).close()
    until(lambda: served.listeners() == 0)
    before = served.handles()
    for number in range(50):
        line = asked(served, stream)
        if number % 2:
            # A reset instead of a farewell: what a killed process leaves.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if number % 5 == 0:
            speak(log, 1)
        line.close()

    until(lambda: served.listeners() == 0)
    # What the service itself opens meanwhile, a connection more to its database, isn't one for each listener.
    until(lambda: served.handles() < before + 10)


@pytest.mark.parametrize("stream", STREAMS)
def test_a_listener_that_does_not_read_holds_up_nobody(served: Served, log: House, stream: str) -> None:
    deaf = asked(served, stream)
    quick = Listener(served, stream)
    speak(log, 300, size=20_000)
    until(lambda: len(quick.numbers()) >= 300)
    answer = served.client.post(f"/v1/sessions/{SESSION}/close", json={})

    assert answer.json()["status"] == "closing"
    assert quick.numbers() == sorted(set(quick.numbers()))
    assert served.listeners() == 2
    deaf.close()
    until(lambda: served.listeners() == 1)


def test_a_listener_over_a_websocket_may_ask_for_something_else(served: Served, log: House) -> None:
    speak(log, 6)
    with served.socket() as line:
        line.send(json.dumps({"after": 0, "session": "test:2"}))
        first = [json.loads(line.recv(timeout=60)) for _ in range(2)]
        line.send(json.dumps({"after": 0, "event": ["test.said"], "session": "test:1"}))
        second = [json.loads(line.recv(timeout=60)) for _ in range(2)]

    assert {told["data"]["session"] for told in first} == {"test:2"}
    assert {told["data"]["session"] for told in second} == {"test:1"}


@pytest.mark.parametrize("message", ["", "{", "[]", '{"after": -1}', '{"surplus": 1}', b"\xff", "9" * 5_000])
def test_what_is_not_understood_ends_the_conversation(shared: Served, message: str | bytes) -> None:
    with shared.socket() as line:
        line.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=60)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30, "1.5"])
def test_a_number_that_is_none_is_refused(shared: Served, after: str) -> None:
    assert shared.client.get("/v1/events", params={"after": after}).status_code == 422
    assert shared.client.get("/v1/events", headers={"Last-Event-ID": after}).status_code == 422
    assert shared.client.get("/v1/audit", params={"after": after}).status_code == 422


def test_a_connection_on_which_nothing_happens_is_kept_alive(shared: Served) -> None:
    lines = {stream: asked(shared, stream) for stream in STREAMS}
    for stream, sign in (("sse", b": ping\n\n"), ("ws", b"\x89\x04")):
        got = b""
        # The end of an answer's head, then nothing but signs of life.
        while sign not in got.partition(b"\r\n\r\n")[2]:
            piece = lines[stream].recv(65_536)
            assert piece
            got += piece
        lines[stream].close()
    until(lambda: shared.listeners() == 0)


def test_who_is_cut_off_before_the_first_event_knows_where_to_go_on(served: Served, log: House) -> None:
    speak(log, 5)
    with served.client.stream("GET", "/v1/events") as answer:
        lines = answer.iter_lines()
        assert [next(lines), next(lines)] == [": listening", f"id: {served.events()[-1][0]}"]


def heard(listener: Listener, count: int) -> None:
    until(lambda: len(listener.numbers()) >= count)


def asked(served: Served, stream: str) -> socket.socket:
    """A connection on which events were asked for, and nothing is read."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", served.port))
    upgrade = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    path, more = {"sse": ("/v1/events", ""), "ws": ("/v1/events/ws", upgrade)}[stream]
    head = f"GET {path}?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {served.token}\r\n{more}\r\n"
    line.sendall(head.encode())
    until(lambda: served.listeners() > 0)
    return line
