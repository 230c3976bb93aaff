"""A closer and the only thread that uses it: a door that looks, or acknowledges, waits for nobody who works."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from agent.bootstrap import House
from agent.closer import Closer

T = TypeVar("T")


class Lane:
    """What is asked of it is done in turn. `config` overrides settings, nested as in `config.yaml`. Its house is for
    what is done on it alone."""

    def __init__(self, home: Path, config: Mapping[str, Any] | None = None) -> None:
        with Closer.at(home, config) as closer:
            self.house = House(closer.settings)
        self._closer = Closer(self.house)
        self._thread = ThreadPoolExecutor(1)

    async def do(self, work: Callable[[Closer], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._closer)

    async def within(self, seconds: float, work: Callable[[Closer], T]) -> T:
        """Raises TimeoutError when it isn't done by then. What has begun goes on; what hasn't never does."""
        return await asyncio.wait_for(self.do(work), seconds)

    def close(self) -> None:
        """Wait for what runs, then let go of files and connections."""
        self._thread.submit(self._closer.shut).result()
        self._thread.shutdown()
