"""A worker's engine: requests are kept until they are done, and done one after the other.

One process under one name: a second one would take over work that is not lost. On SQLite that is the worker of the
home, which holds the worker's lock; on Postgres the workers of several homes take turns, each under its name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from dbos import DBOS, DBOSPortableJSONSerializer

from agent.adapters.engine import attempts
from agent.adapters.engine.database import APPLICATION, NAME, PATIENCE, Database, translated
from agent.adapters.engine.inheritance import Able, Inheritance
from agent.adapters.engine.presence import GRACE, Presence
from agent.adapters.engine.tending import Tending
from agent.domain.request import Request

PIPELINE = "1"
"""Work begun under another number is not taken up: raise it only when requests mean something else."""
ENDING = 20
"""Seconds that what runs is given when the engine is told to stop."""

Handler = Callable[[Request], dict[str, Any]]


class DbosEngine:
    """Satisfies `ports.Engine` on SQLite in the home, or on the Postgres that `url` names."""

    def __init__(
        self,
        url: str,
        handler: Handler,
        vault: str,
        home: str,
        *,
        able: Able = lambda _: True,
        interval: float = 1.0,
        grace: float = GRACE,
    ) -> None:
        """`handler` does a request and gives facts as JSON; it must find its own work when it is called again.
        `vault`: whose requests these are. `home`: whose worker this is. `able`: which requests of another home it may
        take over. `interval`: seconds before the first retry, by which all pauses are measured. `grace`: seconds
        before a vanished worker counts as dead.

        Raises Unavailable when the database can't be used, Busy when a worker of this home runs already.
        """
        self._database = Database(url, vault, home)
        self._handler = handler
        self._doing = self._stopping = False
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        with translated():
            self._database.write_ahead()
            self._presence = self._present(grace)
            try:
                self._launch()
            except BaseException:
                # dbos knows one engine a process, and would go on with this one half begun.
                DBOS.destroy(destroy_registry=True)
                if self._presence is not None:
                    self._presence.close()
                raise
        self._client = self._database.client()
        left = Inheritance(self._client, self._presence, able) if self._presence else None
        self._tending = Tending(self._client, self._database.queue, lambda: self._doing, interval, left)
        self._tending.start()

    def _present(self, grace: float) -> Presence | None:
        if not self._database.shared:
            return None
        made = Presence(self._database.url, self._database.schema, self._database.worker, grace)
        made.take(PATIENCE)
        return made

    def _launch(self) -> None:
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self._database.url,
                "dbos_system_schema": self._database.schema,
                "executor_id": self._database.worker,
                "application_version": PIPELINE,
                "serializer": DBOSPortableJSONSerializer(),
                "notification_listener_polling_interval_sec": 0.1,
                "log_level": "CRITICAL",
                "console_log_level": "CRITICAL",
            }
        )

        @DBOS.workflow(name=NAME, max_recovery_attempts=attempts.RECOVERIES)
        def run(facts: dict[str, object]) -> dict[str, Any]:
            self._doing = True
            try:
                # Tried once: a request that waits for its next try must not keep the queue's only place.
                found: dict[str, Any] = DBOS.run_step({"name": "handle"}, self._handle, facts)
            finally:
                self._doing = False
            return found

        DBOS.listen_queues([self._database.queue])
        DBOS.launch()
        DBOS.register_queue(self._database.queue, concurrency=1, polling_interval_sec=0.1)

    def _handle(self, facts: dict[str, object]) -> dict[str, Any]:
        with self._turn():
            return self._handler(Request.of(facts))

    def _turn(self) -> AbstractContextManager[None]:
        return self._presence.turn(lambda: self._stopping) if self._presence else nullcontext()

    def submit(self, request: Request) -> None:
        with self._database.writing() as transaction:
            self._client.enqueue_in_transaction(
                transaction,
                {
                    "workflow_name": NAME,
                    "queue_name": self._database.queue,
                    "workflow_id": request.id,
                    "app_version": PIPELINE,
                },
                request.facts(),
            )

    def busy(self) -> bool:
        with translated():
            # The first again at the end: meanwhile, what was being tried may have got its turn.
            return self._queued() or self._being_tried() or self._queued()

    def _queued(self) -> bool:
        active, queue = ["ENQUEUED", "DELAYED", "PENDING"], self._database.queue
        return bool(self._client.list_workflows(name=NAME, status=active, queue_name=queue, limit=1, load_input=False))

    def _being_tried(self) -> bool:
        queue = self._database.queue
        failed = self._client.list_workflows(name=NAME, status="ERROR", queue_name=queue, load_input=False)
        return any(map(attempts.soon, failed))

    def close(self) -> None:
        self._stopping = True
        self._tending.stop()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=ENDING)
        self._client.destroy()
        if self._presence is not None:
            self._presence.close()
