"""What has to be seen to while an engine runs: failed requests, dropped ones, and what is long done."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from dbos import DBOSClient, error

from agent.adapters.engine import attempts
from agent.adapters.engine.database import NAME
from agent.adapters.engine.inheritance import Inheritance

KEPT = timedelta(weeks=4)
"""How long a request that is done can be looked up. Dead letters are kept."""
DROPPED = 10.0
"""Seconds dbos is given to write down what became of a request."""
HOUR = 3_600.0
CHUNK = 1_000

_log = logging.getLogger(__name__)


class Tending(threading.Thread):
    """Runs beside an engine, and outlives a database that is away for a while."""

    def __init__(
        self,
        client: DBOSClient,
        queue: str,
        doing: Callable[[], bool],
        interval: float,
        inheritance: Inheritance | None,
    ) -> None:
        """`queue`: this worker's. `doing`: whether this process is doing a request. `interval`: see `DbosEngine`.
        `inheritance`: what dead workers leave, where there are others."""
        super().__init__(name="tending", daemon=True)
        self._client, self._queue, self._doing, self._interval = client, queue, doing, interval
        self._inheritance = inheritance
        self._ended = threading.Event()
        self._forgot = -HOUR
        self._dropped_since: float | None = None
        self._away = False

    def run(self) -> None:
        while not self._ended.wait(self._interval / 2):
            try:
                self._tend()
                self._away = False
            except (sa.exc.SQLAlchemyError, error.DBOSException) as failure:
                if not self._away:
                    _log.warning("the engine's database can't be tended: %s", str(failure).split("\n")[0])
                self._away = True
            except Exception:  # noqa: BLE001 - one bug must not be the end of retries and of this worker's name
                _log.exception("the engine can't be tended")

    def stop(self) -> None:
        """End, after what is being done."""
        self._ended.set()
        self.join()

    def _tend(self) -> None:
        if self._inheritance is not None:
            self._inheritance.tend()
        self._pick_up()
        self._try_again()
        if time.monotonic() - self._forgot >= HOUR:
            self._forget()
            self._forgot = time.monotonic()

    def _try_again(self) -> None:
        """Put failed requests whose pause is over back into their queue, in their old place."""
        for one in self._client.list_workflows(name=NAME, status="ERROR", load_input=False):
            pause, since = attempts.pause(one), one.completed_at or 0
            if pause is None or time.time() < since / 1_000 + pause * self._interval:
                continue
            # Refused when another worker, or a person, was quicker: then it waits or runs already.
            with suppress(error.DBOSException):
                self._client.rewind_workflow(one.workflow_id, start_step=1, queue_name=one.queue_name)
                told = {attempts.TRIES: attempts.tries(one) + 1}
                self._client.update_workflow_attributes(one.workflow_id, told, merge=True)

    def _pick_up(self) -> None:
        """Put a request back into the queue that this process has and doesn't do: dbos lets go of one whose outcome it
        can't write, as when the database went away at that moment."""
        ours = self._client.list_workflows(
            name=NAME, status="PENDING", queue_name=self._queue, load_input=False, load_output=False
        )
        if not ours or self._doing():
            self._dropped_since = None
            return
        self._dropped_since = self._dropped_since or time.monotonic()
        if time.monotonic() - self._dropped_since >= DROPPED:
            self._client.resume_workflows([one.workflow_id for one in ours], queue_name=self._queue)

    def _forget(self) -> None:
        before = (datetime.now(UTC) - KEPT).isoformat()
        done = self._client.list_workflows(
            name=NAME, status="SUCCESS", completed_before=before, limit=CHUNK, load_input=False, load_output=False
        )
        self._client.delete_workflows([one.workflow_id for one in done])
