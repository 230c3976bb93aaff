"""Brings the gateway to what the vault has after an outage: tried by itself, ever more rarely, until it is back."""

from __future__ import annotations

import threading
import time

from agent.bootstrap import House
from agent.closer import Closer
from agent.errors import CloserError
from agent.interfaces.working.telling import tell

FIRST, LONGEST = 5.0, 300.0
"""Seconds between two tries, at first and at last."""
ENDING = 10.0
"""Seconds a try that is under way is given at the end. One that is broken off is repeated by the next worker."""


class Mending:
    """Reconciles a home in a thread of its own, with a closer of its own: it may take long."""

    def __init__(self, watching: House) -> None:
        """`watching`: the doors of the thread that calls."""
        self._watching = watching
        self._thread: threading.Thread | None = None
        self._pause, self._again = FIRST, 0.0
        self._wanted = False

    def tend(self) -> bool:
        """Begin to reconcile, if it is time and there are sessions that the gateway may not have. Whether there were,
        when it was last looked. Returns at once."""
        if self._running or time.monotonic() < self._again:
            return self._wanted
        self._wanted = bool(self._watching.registry.pending())
        if self._wanted:
            self._thread = threading.Thread(target=self._try, name="mending", daemon=True)
            self._thread.start()
        else:
            self._pause, self._again = FIRST, time.monotonic() + FIRST
        return self._wanted

    def end(self) -> None:
        """Wait a while for a try that is under way."""
        if self._thread is not None:
            self._thread.join(ENDING)

    @property
    def _running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _try(self) -> None:
        mended = False
        try:
            with Closer(House(self._watching.settings)) as closer:
                receipt = closer.reconcile()
            gateway, mended = receipt.stores["gateway"], receipt.gateway_online
            tell("info", "gateway.reconcile", outcome=receipt.outcome, state=gateway.state, reason=gateway.reason)
        except CloserError as error:
            tell("warning", "gateway.reconcile", outcome="failed", reason=error.message)
        finally:
            self._again = time.monotonic() + (0.0 if mended else self._pause)
            self._pause = FIRST if mended else min(2 * self._pause, LONGEST)
