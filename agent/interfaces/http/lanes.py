"""Two closers, each used by one thread: one that works and may take seconds, one that only looks and never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from agent.closer import Closer

T = TypeVar("T")


class Lane:
    """A closer and the only thread that uses it."""

    def __init__(self, home: Path) -> None:
        self._closer = Closer.at(home)
        self._thread = ThreadPoolExecutor(1)

    async def do(self, work: Callable[[Closer], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._closer)

    def close(self) -> None:
        """Wait for what runs, then let go of files and connections."""
        self._thread.submit(self._closer.shut).result()
        self._thread.shutdown()
