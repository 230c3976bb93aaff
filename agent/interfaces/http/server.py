"""The server under the service: it ends when a signal says so, having finished what runs, and by itself."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from agent.interfaces.http.app import service

ENDING = 20
"""Seconds that running requests are given when the service is told to stop. What one of them began is finished."""
DEAF = 1.0
"""Seconds in which a caller has to take what was sent to it by then."""
LONGEST_MESSAGE = 64 * 1024
"""Bytes of what a listener says over a WebSocket."""


class EndingServer(uvicorn.Server):
    """Serves a home until SIGTERM or SIGINT. Streams end first, or they would hold it up until its patience does; the
    signal is not raised again afterwards, as uvicorn would, so that the process ends with exit code 0."""

    def __init__(self, home: Path) -> None:
        self._ending = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                service(home, self._ending),
                # h11 bounds what a caller may send before its headers are read; faster parsers don't.
                http="h11",
                ws_max_size=LONGEST_MESSAGE,
                lifespan="on",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=ENDING,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told)
        yield

    def _told(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending.set()
        dropping = asyncio.create_task(self._drop_deaf())
        await super().shutdown(sockets)
        dropping.cancel()

    async def _drop_deaf(self) -> None:
        """Let go of callers that don't take what was sent to them: nothing more could reach them."""
        await asyncio.sleep(DEAF)
        for connection in list(self.server_state.connections):
            if connection.transport.get_write_buffer_size():
                connection.transport.abort()
