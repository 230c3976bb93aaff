"""A real service in a process of its own, and those who call it."""

from __future__ import annotations

import atexit
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.scenarios.talks import bakery
from tests.scenarios.test_hooks import until

SESSION = "shop:monday/1"
STREAMS = ("sse", "ws")


def said() -> list[dict[str, str]]:
    return [{"role": turn.role, "text": turn.text} for turn in bakery().turns]


class Served:
    """A running service and a client that holds its token."""

    def __init__(self, home: Path, environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent", "--home", str(home), "serve", "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        # One that a failing test leaves ends with the tests.
        atexit.register(self.process.kill)
        assert self.process.stderr is not None
        lines: list[str] = []
        while not (told := re.match(r"(http://127\.0\.0\.1:(\d+))/v1, token in (.*)\n", "".join(lines[-1:]))):
            assert self.process.poll() is None, lines
            lines.append(self.process.stderr.readline())
        self.complaints: list[str] = []
        self._hears = threading.Thread(target=self._hear, daemon=True)
        self._hears.start()
        self.url, self.port, self.token = told[1], int(told[2]), Path(told[3]).read_text()
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.client = httpx.Client(base_url=self.url, headers=self.headers, timeout=120)
        until(self._answers)

    def _hear(self) -> None:
        assert self.process.stderr is not None
        self.complaints.extend(self.process.stderr)

    def _answers(self) -> bool:
        try:
            return self.client.get("/v1/health").status_code == 200
        except httpx.ConnectError:
            return False

    def handles(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def listeners(self) -> int:
        return int(self.client.get("/v1/status").json()["listeners"])

    def socket(self, query: str = "", *, host: str = "127.0.0.1", **more: Any) -> ClientConnection:
        """A WebSocket to this service, by whatever name."""
        headers = more.pop("additional_headers", self.headers)
        line = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        uri = f"ws://{host}:{self.port}/v1/events/ws{query}"
        return connect(uri, sock=line, additional_headers=headers, **more)

    def events(self, *, after: int = 0) -> list[tuple[int, str]]:
        """Number and name of what the log has."""
        found: list[tuple[int, str]] = []
        while page := self.client.get("/v1/audit", params={"after": after, "limit": 1000}).json():
            found += [(entry["number"], entry["event"]) for entry in page]
            after = found[-1][0]
        return found

    def stop(self) -> int:
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self._hears.join()
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._hears.join()


class Listener:
    """Reads events, over server-sent events or a WebSocket, until the service ends or it hangs up."""

    def __init__(self, served: Served, stream: str = "sse", after: int | None = None, query: str = "") -> None:
        self.got: list[tuple[int | None, str, dict[str, Any]]] = []
        self.served, self.query = served, f"?{query}" if query else "?"
        if after is not None:
            self.query += f"&after={after}"
        self.begun = threading.Event()
        self._hangs_up = threading.Event()
        self._thread = threading.Thread(target={"sse": self._sse, "ws": self._ws}[stream], daemon=True)
        self._thread.start()
        assert self.begun.wait(60)

    def _sse(self) -> None:
        with (
            suppress(httpx.RemoteProtocolError),
            httpx.stream("GET", f"{self.served.url}/v1/events{self.query}", headers=self.served.headers, timeout=None)
            as answer,
        ):  # fmt: skip
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                self.begun.set()
                name, _, text = line.partition(": ")
                if line:
                    fields[name] = text
                elif "event" in fields:
                    number = int(fields["id"]) if "id" in fields else None
                    self.got.append((number, fields["event"], json.loads(fields["data"])))
                if not line:
                    fields = {}
                if self._hangs_up.is_set():
                    return

    def _ws(self) -> None:
        with suppress(ConnectionClosed), self.served.socket(self.query) as line:
            self.begun.set()
            while not self._hangs_up.is_set():
                with suppress(TimeoutError):
                    told = json.loads(line.recv(timeout=0.1))
                    self.got.append((told.get("id"), told["event"], told["data"]))

    def hang_up(self) -> None:
        self._hangs_up.set()
        self._thread.join(60)

    def ended(self) -> bool:
        return not self._thread.is_alive()

    def numbers(self) -> list[int]:
        return [number for number, _, _ in self.got if number is not None]

    def names(self) -> list[str]:
        return [name for _, name, _ in self.got]


def plain(home: Path, models: Path) -> dict[str, str]:
    """An environment in which nothing of the machine, or of another test, reaches a service."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("CLOSER_", "GIT_"))}
    given = {"HOME": str(home.parent), "XDG_DATA_HOME": str(home.parent), "CLOSER_EMBEDDER__FOLDER": str(models)}
    return {**kept, **given, "CLOSER_WORKER__LINGER": "0.5"}
