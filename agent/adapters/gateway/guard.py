"""One total deadline around each call to a backend, and a breaker that stops asking a dead one.

A time limit on each read isn't enough: a server that drips a byte now and then never reaches it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Never, TypeVar

from agent.errors import GatewayOffline

T = TypeVar("T")

FAILURES = 3
PAUSE = 30.0


class Guard:
    """After `FAILURES` failed calls in a row, refuses for `PAUSE` seconds, then lets one call try again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._again_at = 0.0

    def run(self, work: Callable[[], T], seconds: float, abandon: Callable[[], None]) -> T:
        """What `work` gives. After `seconds`, calls `abandon`, which must make the work end, and gives up."""
        pause = self._again_at - self._clock()
        if self._failures >= FAILURES and pause > 0:
            raise GatewayOffline(f"not asked: {self._failures} failures in a row, next try in {pause:.0f} s")
        try:
            result = _within(seconds, work, abandon)
        except GatewayOffline:
            self._failures += 1
            self._again_at = self._clock() + PAUSE
            raise
        self._failures = 0
        return result

    def reset(self) -> None:
        """Let the next call try, whatever came before."""
        self._failures = 0


def _within(seconds: float, work: Callable[[], T], abandon: Callable[[], None]) -> T:
    outcome: SimpleQueue[Callable[[], T]] = SimpleQueue()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  raised again where the call was made
            outcome.put(_raising(error))
        else:
            outcome.put(lambda: result)

    Thread(target=run, name="closer-gateway", daemon=True).start()
    try:
        settle = outcome.get(timeout=seconds)
    except Empty:
        abandon()
        raise GatewayOffline(f"no answer within {seconds:g} s") from None
    except BaseException:
        abandon()
        raise
    return settle()


def _raising(error: BaseException) -> Callable[[], Never]:
    def settle() -> Never:
        raise error

    return settle
