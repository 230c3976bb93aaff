"""One home, used by one caller at a time. The event loop never waits for a store; a call waits for its turn."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from agent.bootstrap import House
from agent.closer import Closer
from agent.domain.progress import Listener
from agent.errors import CloserError

T = TypeVar("T")

IDLE = 300.0
"""Seconds without a call after which model and index are let go of: a window left open holds no memory."""


class Desk:
    """The facade and the doors behind it, opened at the first call, in a thread of its own."""

    def __init__(self, home: str | Path | None = None, *, idle: float = IDLE) -> None:
        self._home = home
        self._idle = idle
        self._turn = anyio.CapacityLimiter(1)
        self._made: tuple[House, Closer] | None = None
        self._listener: Listener | None = None
        self._used = time.monotonic()

    async def do(self, work: Callable[[House, Closer], T], listener: Listener | None = None) -> T:
        """What `work` gives. Begun work is finished even if its caller goes away. Raises what `work` raises."""
        return await anyio.to_thread.run_sync(self._done, work, listener, limiter=self._turn)

    @asynccontextmanager
    async def attended(self) -> AsyncIterator[None]:
        """While a server runs: rests when nobody calls, and lets go of everything at the end."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._rest)
            yield
            group.cancel_scope.cancel()
        await anyio.to_thread.run_sync(self._shut, limiter=self._turn)

    def _done(self, work: Callable[[House, Closer], T], listener: Listener | None) -> T:
        self._listener = listener
        try:
            return work(*self._opened())
        finally:
            self._listener = None
            self._used = time.monotonic()

    def _opened(self) -> tuple[House, Closer]:
        if self._made is None:
            with Closer.at(self._home) as closer:
                house = House(closer.settings)
            self._made = house, Closer(house, self._heard)
        return self._made

    def _heard(self, name: str, event: str) -> None:
        if self._listener is not None:
            self._listener(name, event)

    async def _rest(self) -> None:
        while True:
            await anyio.sleep(self._idle / 2)
            if time.monotonic() - self._used >= self._idle:
                await anyio.to_thread.run_sync(self._shut, limiter=self._turn)

    def _shut(self) -> None:
        if self._made is not None:
            self._made[1].shut()


def explained(error: CloserError) -> str:
    """An error as every part of this door tells it."""
    return f"{error.code}: {error.message}" + (f"\nhint: {error.hint}" if error.hint else "")
