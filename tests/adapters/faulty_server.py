"""A server on the loopback that answers every request wrongly, each in its own way."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from threading import Event, Thread

SECRET = "the server's own words"


class FaultyServer:
    def __init__(self, answer: Callable[[socket.socket, Event], None]) -> None:
        self._answer = answer
        self._stopped = Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked = 0
        Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        for each in (self._listener, *self._open):
            each.close()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.asked += 1
            self._open.append(connection)
            Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.recv(65536)
                self._answer(connection, self._stopped)
        except OSError:
            return


def replying(status: str, body: str, kind: str = "application/json") -> Callable[[socket.socket, Event], None]:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"

    def answer(connection: socket.socket, stopped: Event) -> None:
        connection.sendall((head + body).encode())

    return answer


def garbage(connection: socket.socket, stopped: Event) -> None:
    connection.sendall(b"\x00\xff" + SECRET.encode() + b"\r\n\r\n")


def reset(connection: socket.socket, stopped: Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(connection: socket.socket, stopped: Event) -> None:
    stopped.wait(60)


def drip_head(connection: socket.socket, stopped: Event) -> None:
    _drip(connection, stopped, b"HTTP/1.1 200 OK\r\n" + b"X-Header: value\r\n" * 1_000)


def drip_body(connection: socket.socket, stopped: Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    _drip(connection, stopped, b" " * 100_000)


def cut_short(connection: socket.socket, stopped: Event) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"id": ')


def flood(connection: socket.socket, stopped: Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not stopped.is_set():
        connection.sendall(b" " * 1_000_000)


def _drip(connection: socket.socket, stopped: Event, content: bytes) -> None:
    for byte in content:
        connection.sendall(bytes([byte]))
        if stopped.wait(0.1):
            return


FAULTS: dict[str, Callable[[socket.socket, Event], None]] = {
    "html": replying("200 OK", f"<html>{SECRET}</html>", "text/html"),
    "redirect": replying("302 Found\r\nLocation: http://127.0.0.1:1/", ""),
    "unauthorised": replying("401 Unauthorized", f'{{"error": "{SECRET}"}}'),
    "error": replying("500 Internal Server Error", SECRET),
    "error of its own": replying("500 Error", f'{{"error":"InternalError","message":"{SECRET}"}}'),
    "a list": replying("200 OK", "[1, 2, 3]"),
    "a null": replying("200 OK", "null"),
    "another object": replying("200 OK", f'{{"id": "{SECRET}", "name": 1, "configuration_json": 3}}'),
    "garbage": garbage,
    "reset": reset,
    "hang": hang,
    "drip of the head": drip_head,
    "drip of the body": drip_body,
    "cut short": cut_short,
    "flood": flood,
}
