"""One home, used by one caller at a time. The event loop never waits for a store; a call waits for its turn."""

from __future__ import annotations

import ctypes
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from agent.bootstrap import House
from agent.closer import Closer
from agent.domain.progress import Listener
from agent.errors import CloserError
from agent.home import home_folder
from agent.interfaces.memory import Here, Memory, by_service

T = TypeVar("T")

IDLE = 300.0
"""Seconds without a call after which model and index are let go of: a window left open holds no memory."""


class Desk:
    """The facade and the doors behind it, opened at the first call that needs them, in a thread of its own.

    `shared`: have the home's service do what needs a model or the index, and start it for want of one, so that several
    windows hold them once.
    """

    def __init__(self, home: str | Path | None = None, *, idle: float = IDLE, shared: bool = False) -> None:
        self._home = home
        self._idle = idle
        self._shared = shared
        self._turn = anyio.CapacityLimiter(1)
        self._made: tuple[House, Closer] | None = None
        self._listener: Listener | None = None
        self._used = time.monotonic()

    @property
    def home(self) -> Path:
        return home_folder(self._home)

    async def do(self, work: Callable[[House, Closer], T], listener: Listener | None = None) -> T:
        """What `work` gives. Begun work is finished even if its caller goes away. Raises what `work` raises."""
        return await anyio.to_thread.run_sync(self._done, work, listener, limiter=self._turn)

    async def ask(self, work: Callable[[Memory], T], *, twice: bool = True) -> T:
        """What `work` gives, which asks one thing of the memory, wherever that is. `twice`: doing that again changes
        nothing. Raises what `work` raises, and Lost."""

        def asking() -> T:
            if self._shared:
                return by_service(self.home, work, self._here, twice=twice, start=True)
            with self._here() as memory:
                return work(memory)

        return await anyio.to_thread.run_sync(asking, limiter=self._turn)

    async def aside(self, work: Callable[[House], T]) -> T:
        """What `work` gives, which needs doors of its own for a moment and waits for nobody's turn."""

        def working() -> T:
            with Closer.at(self._home) as closer, closing(House(closer.settings)) as house:
                return work(house)

        return await anyio.to_thread.run_sync(working)

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

    @contextmanager
    def _here(self) -> Iterator[Memory]:
        try:
            yield Here(self._opened()[1])
        finally:
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
            _give_back()


def _give_back() -> None:
    """Have the allocator return what is free: glibc's keeps a model's memory for a next one."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def explained(error: CloserError) -> str:
    """An error as every part of this door tells it."""
    return f"{error.code}: {error.message}" + (f"\nhint: {error.hint}" if error.hint else "")
