"""Serve a home over HTTP until told to stop, or until nobody asks any more."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import click

from agent.errors import ConfigError
from agent.interfaces.cli.output import safe
from agent.interfaces.http.server import EndingServer
from agent.interfaces.http.token import TOKEN_FILE
from agent.interfaces.service import announced


def serve(home: Path, port: int, linger: float | None, ready: Callable[[], None]) -> None:
    """Serve on the loopback interface, and call `ready` once that is so. `linger`: end after so many seconds without a
    request; None: never. The caller holds `service.sole`.

    Raises ConfigError for a port that can't be used.
    """
    with _bound(port) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"

        @contextmanager
        def found() -> Iterator[None]:
            with announced(home, url, lingers=linger is not None):
                click.echo(safe(f"{url}/v1, token in {home / TOKEN_FILE}"), err=True)
                ready()
                yield

        Server(home, found, linger).run(sockets=[listening])


class Server(EndingServer):
    """Can be found while it listens, and ends when it has lingered long enough."""

    def __init__(self, home: Path, found: Callable[[], AbstractContextManager[None]], linger: float | None) -> None:
        super().__init__(home)
        self._found, self._linger = found, linger
        self._listening = ExitStack()
        self._answered, self._last = 0, 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening.enter_context(self._found())
        self._last = time.monotonic()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._listening.close()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._deserted()

    def _deserted(self) -> bool:
        """Whether no request runs and none has come for as long as it lingers."""
        state, now = self.server_state, time.monotonic()
        if state.tasks or state.total_requests != self._answered:
            self._answered, self._last = state.total_requests, now
        return self._linger is not None and now - self._last >= self._linger


def _bound(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise ConfigError(f"port {port} can't be used: {error.strerror}", hint="pass another with --port") from error
    return listening
