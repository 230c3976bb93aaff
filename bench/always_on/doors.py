"""The doors at which a close is asked for, each ready to be asked many times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from anyio.from_thread import start_blocking_portal
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from agent.domain.session import SessionKey
from agent.interfaces.hooks import launcher
from agent.interfaces.http.token import TOKEN_FILE
from agent.interfaces.requests import ask
from agent.interfaces.service import found

Ack = Callable[[str], None]
"""Asks for the close of a session, by its id, and returns when that is acknowledged. Raises when it is refused."""
HOST = "bench"
STARTING = 120.0
"""Seconds a service is given to begin."""
SAID = [
    {"role": "user", "text": "We always ship the release notes on Thursdays."},
    {"role": "assistant", "text": "Noted: Thursdays."},
]


@contextmanager
def asking(home: Path) -> Iterator[Ack]:
    """`ask`, which every other door calls, in this process."""

    def ack(session: str) -> None:
        ask(home, "end", SessionKey(HOST, session))

    yield ack


@contextmanager
def hooked(home: Path) -> Iterator[Ack]:
    """The program `install` writes, as a host runs it: the whole process."""
    launcher.write(home)

    def ack(session: str) -> None:
        payload = json.dumps({"session_id": session, "cwd": str(home.parent), "reason": "other"}).encode()
        subprocess.run([launcher.path(home), "claude-code", "SessionEnd"], input=payload, check=True)

    yield ack


@contextmanager
def served(home: Path) -> Iterator[Ack]:
    """HTTP, each over a connection of its own to a running service."""
    command = [sys.executable, "-m", "agent", "--home", str(home), "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + STARTING
        while (service := found(home)) is None:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the service did not begin")
            time.sleep(0.05)
        address = urlsplit(service.url).netloc
        headers = {"Authorization": f"Bearer {(home / TOKEN_FILE).read_text()}", "Content-Type": "application/json"}

        def ack(session: str) -> None:
            with closing(HTTPConnection(address, timeout=60)) as http:
                http.request("POST", f"/v1/sessions/{HOST}:{session}/close", b"{}", headers)
                answer = http.getresponse()
                told = answer.read()
            if answer.status != 202:
                raise RuntimeError(f"{answer.status}: {told!r}")

        try:
            yield ack
        finally:
            process.terminate()


@contextmanager
def called(home: Path) -> Iterator[Ack]:
    """The tool `close` of a stdio MCP server, by the official client, with two turns handed over."""
    command = ["-m", "agent", "--home", str(home), "mcp"]
    server = StdioServerParameters(command=sys.executable, args=command, env=dict(os.environ))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(server)) as client:

        def ack(session: str) -> None:
            answer = portal.call(client.call_tool, "close", {"session": f"{HOST}:{session}", "turns": SAID})
            if answer.is_error:
                raise RuntimeError(str(answer.content))

        yield ack


DOORS: dict[str, Callable[[Path], AbstractContextManager[Ack]]] = {
    "`ask`, in process": asking,
    "hook, whole process": hooked,
    "HTTP": served,
    "MCP, stdio": called,
}
