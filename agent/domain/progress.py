"""One object the core reports progress to. Nobody has to supply it; CLI lines and events are views of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, str], None]
"""Called with a step's name and `begin` or `end`."""


class Progress:
    """Steps of one operation, timed. A step entered twice adds up."""

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        if self._listener:
            self._listener(name, "begin")
        begun = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - begun) * 1000
            self.milliseconds[name] = round(self.milliseconds.get(name, 0.0) + spent, 1)
            if self._listener:
                self._listener(name, "end")
