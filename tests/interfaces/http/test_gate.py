"""What stands before the service: names, origins, the token, sizes; and headers that nobody should send."""

from __future__ import annotations

import random
import resource
import signal
import socket
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from agent.errors import ConfigError
from agent.interfaces.http.gate import LARGEST
from agent.interfaces.http.token import TOKEN_FILE, TRIES, WHILE, Guard, token_of
from tests.interfaces.http.service import Served

TURNED_AWAY = [
    ({"Authorization": ""}, 401),
    ({"Authorization": "Bearer wrong"}, 401),
    ({"Authorization": "Basic abc"}, 401),
    ({"Host": "evil.example"}, 421),
    ({"Host": "127.0.0.1.evil.example"}, 421),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://["}, 403),
]
PATHS = ("/v1/status", "/v1/events", "/mcp")


@pytest.mark.parametrize(("headers", "status"), TURNED_AWAY)
@pytest.mark.parametrize("path", PATHS)
def test_what_must_not_come_in_is_turned_away_as_a_problem(
    shared: Served, path: str, headers: dict[str, str], status: int
) -> None:
    answer = shared.client.get(path, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert str(shared.home) not in answer.text


def refusal(served: Served, **more: object) -> int:
    """The status with which a WebSocket is refused."""
    with pytest.raises(InvalidStatus) as refused, served.socket(**more):  # type: ignore[arg-type]
        raise AssertionError("it was let in")
    return refused.value.response.status_code


def test_a_websocket_passes_the_same_gate(shared: Served) -> None:
    wrong = [Subprotocol("closer"), Subprotocol("bearer.wrong")]

    assert refusal(shared, additional_headers={}) == 401
    assert refusal(shared, additional_headers={"Authorization": "Bearer wrong"}) == 401
    assert refusal(shared, additional_headers={}, subprotocols=wrong) == 401
    assert refusal(shared, origin=Origin("https://evil.example")) == 403
    assert refusal(shared, host="evil.example") == 421
    assert refusal(shared, query="?after=-1") == 403


@pytest.mark.parametrize("named", [["closer"], []])
def test_a_browser_brings_the_token_as_a_subprotocol(shared: Served, named: list[str]) -> None:
    offered = [*map(Subprotocol, named), Subprotocol(f"bearer.{shared.token}")]
    with shared.socket(additional_headers={}, subprotocols=offered, origin=Origin(shared.url)) as line:
        assert line.subprotocol == offered[0]


def raw(served: Served, head: bytes, body: bytes = b"") -> bytes:
    """The status line that answers these bytes; empty when the connection is closed instead."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as line:
        try:
            line.sendall(head + b"\r\n" + body)
            return line.makefile("rb").readline()
        except ConnectionError:
            return b""


@pytest.mark.parametrize("path", ["/v1/remember", "/mcp"])
def test_a_body_that_is_too_large_is_not_read(shared: Served, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {shared.token}\r\n"

    assert raw(shared, f"{head}Content-Length: 99999999999\r\n".encode()).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", ["/v1/remember", "/mcp"])
def test_a_body_that_does_not_say_its_length_is_bounded_too(shared: Served, path: str) -> None:
    piece = b'"' + b"x" * 65_536

    answer = shared.client.post(
        path,
        content=(piece for _ in range(LARGEST // 65_536 + 2)),
        headers={"Content-Type": "application/json", "Accept": "application/json, text/event-stream"},
    )

    assert answer.status_code == 413


def test_a_browser_on_the_same_machine_and_health_without_token_are_let_in(shared: Served) -> None:
    assert shared.client.get("/v1/status", headers={"Origin": shared.url}).status_code == 200
    assert httpx.get(f"{shared.url}/v1/health").status_code == 200
    assert (shared.home / "token").stat().st_mode & 0o777 == 0o600


def odd(chance: random.Random) -> bytes:
    """A header line or several, of a kind that no library sends."""
    name = chance.choice([
        "Host", "Origin", "Authorization", "Content-Length", "Content-Type", "Last-Event-ID", "Idempotency-Key",
        "Accept", "Connection", "Upgrade", "Transfer-Encoding", "Expect", "Cookie", "X-Forwarded-For", "Mcp-Session-Id",
        "Sec-WebSocket-Protocol", "Sec-WebSocket-Version", "",
    ])  # fmt: skip
    value = chance.choice([
        "é€😀".encode(), b"\xff\xfe\x80", b"", b" ", b"x" * chance.choice([1_000, 70_000, 300_000]), b"\x00", b"\t\x0b",
        b"-1", b"9" * 400, b"0x10", "²".encode("latin-1"), b"chunked, chunked", b"http://[", b"null", b"a, b;q=\"",
        b"bytes=0-", b"websocket", b"Bearer \xc3\xa9", b"[::1", b"]:\"", b"text/event-stream", b"100-continue",
    ])  # fmt: skip
    separator = chance.choice([b": ", b":", b" : ", b""])
    line = name.encode() + separator + value + b"\r\n"
    return line * chance.choice([1, 1, 1, 2, 3, 500])


@pytest.mark.parametrize("seed", range(10))
def test_no_header_makes_the_service_fail(shared: Served, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        lines = [
            chance.choice([b"GET", b"POST", b"DELETE"])
            + b" "
            + chance.choice([b"/v1/status", b"/v1/remember", b"/v1/sessions/a:b/close", b"/v1/events/ws", b"/mcp"])
            + b" HTTP/1.1\r\n",
            b"Host: 127.0.0.1\r\n",
            f"Authorization: Bearer {shared.token}\r\n".encode(),
            b"Connection: close\r\n",
        ]
        lines.insert(chance.randint(1, len(lines)), odd(chance))
        if chance.random() < 0.3:
            del lines[-1]

        answer = raw(shared, b"".join(lines), b"{}" if chance.random() < 0.3 else b"")

        assert not answer.startswith(b"HTTP/1.1 5"), (seed, b"".join(lines)[:400], answer)
    assert shared.process.poll() is None


BODIES = {
    "nothing": b"",
    "half": b'{"text": "a',
    "deep": b'{"text":' + b"[" * 100_000,
    "no UTF-8": b'{"text": "\xff"}',
    "half a pair": rb'{"text": "\ud800"}',
    "no number": b'{"text": NaN}',
    "a huge number": b'{"question": "x", "k": ' + b"9" * 4_000 + b"}",
    "a zero byte": b'{"text": "\x00"}',
    "names twice": b'{"text": "", "text": ""}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/v1/remember", "/v1/recall", "/v1/sessions/a:b/turns"])
def test_no_body_makes_the_service_fail(shared: Served, path: str, body: bytes) -> None:
    answer = shared.client.post(path, content=body, headers={"Content-Type": "application/json"})

    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_wrong_tokens_are_counted_and_the_right_one_is_never_locked_out(served: Served) -> None:
    wrong = {"Authorization": "Bearer wrong"}
    statuses = [served.client.get("/v1/status", headers=wrong).status_code for _ in range(TRIES + 5)]

    assert statuses == [401] * TRIES + [429] * 5
    refused = served.client.get("/v1/status", headers=wrong)
    assert (refused.json()["code"], refused.headers["content-type"]) == ("too_many_tries", "application/problem+json")
    assert 0 < int(refused.headers["Retry-After"]) <= WHILE
    assert served.client.get("/v1/status", headers={"Authorization": ""}).status_code == 401
    assert served.client.get("/v1/status").status_code == 200


def test_after_a_while_a_wrong_token_is_only_wrong_again() -> None:
    now = [0.0]
    guard = Guard("right", clock=lambda: now[0])
    for _ in range(TRIES):
        assert not guard.wait()
        guard.admits("wrong")
    assert guard.wait()
    now[0] = WHILE + 1

    assert not guard.wait()
    assert guard.admits("right")


def test_the_token_is_nowhere_in_the_home_but_in_its_file(shared: Served) -> None:
    shared.client.get("/v1/status", headers={"Authorization": f"Bearer {shared.token}x"})
    found = [path for path in Path(shared.home).rglob("*") if path.is_file() and path.name != "token"]

    assert not [path for path in found if shared.token.encode() in path.read_bytes()]


def test_an_empty_token_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / TOKEN_FILE).touch()

    with pytest.raises(ConfigError, match="empty"):
        token_of(tmp_path)
    assert not Guard("").admits("")


def test_a_token_that_could_not_be_written_is_made_by_the_next(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(ConfigError, match="can't be used"):
            token_of(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)

    assert not [path for path in tmp_path.iterdir() if TOKEN_FILE in path.name]
    assert len(token_of(tmp_path)) > 40
    assert token_of(tmp_path) == token_of(tmp_path)
