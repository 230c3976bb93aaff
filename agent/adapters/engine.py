"""The engine: requests done one after the other, durably, with retries, through dbos. The only module that knows it.

One process per home runs it (the worker, which holds the worker's lock): a second one under the same name would take
over work that is not lost.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, SetWorkflowID, StepOptions

from agent.domain.request import Job, Request
from agent.errors import UsageError

PIPELINE = "1"
"""Work begun under another number is not taken up: raise it only when requests mean something else."""
NAME, QUEUE = "request", "requests"
ATTEMPTS = 4
"""Tries of a request whose failure may pass, at 1, 4 and 16 seconds from each other."""
ENDING = 20
"""Seconds that what runs is given when the engine is told to stop."""
RECOVERIES = 20
"""How often a request may kill its worker before it is a dead letter."""
_STATUS: dict[str, Literal["waiting", "running", "done", "failed"]] = {
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "PENDING": "running",
    "SUCCESS": "done",
}

Handler = Callable[[Request], dict[str, Any]]


class DbosEngine:
    """Satisfies `ports.Engine` on SQLite in the home, or on the Postgres that `url` names."""

    def __init__(self, url: str, handler: Handler, *, interval: float = 1.0) -> None:
        """`handler` does a request and gives facts as JSON; it must find its own work when it is called again.
        `interval`: seconds before the first retry."""
        if url.startswith("sqlite:///"):
            _write_ahead(Path(url.removeprefix("sqlite:///")))
        options: StepOptions = {
            "name": "handle",
            "retries_allowed": True,
            "max_attempts": ATTEMPTS,
            "interval_seconds": interval,
            "backoff_rate": 4.0,
        }
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        DBOS(
            config={
                "name": "closer",
                "system_database_url": url,
                "executor_id": "worker",
                "application_version": PIPELINE,
                "serializer": DBOSPortableJSONSerializer(),
                "notification_listener_polling_interval_sec": 0.1,
                "log_level": "CRITICAL",
                "console_log_level": "CRITICAL",
            }
        )

        def handled(facts: dict[str, object]) -> dict[str, Any]:
            return handler(Request.of(facts))

        @DBOS.workflow(name=NAME, max_recovery_attempts=RECOVERIES)
        def run(facts: dict[str, object]) -> dict[str, Any]:
            found: dict[str, Any] = DBOS.run_step(options, handled, facts)
            return found

        self._run = run
        DBOS.launch()
        DBOS.register_queue(QUEUE, concurrency=1, polling_interval_sec=0.1)

    def submit(self, request: Request) -> None:
        with SetWorkflowID(request.id):
            DBOS.enqueue_workflow(QUEUE, self._run, request.facts())

    def busy(self) -> bool:
        return bool(DBOS.list_workflows(name=NAME, status=["ENQUEUED", "DELAYED", "PENDING"], limit=1))

    def close(self) -> None:
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=ENDING)


class DbosJobs:
    """Satisfies `ports.Jobs`: what the engine has, looked at from any process, whether or not a worker runs."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = DBOSClient(system_database_url=url, serializer=DBOSPortableJSONSerializer(), lazy=True)

    def listed(self, limit: int = 100) -> list[Job]:
        if not self._begun():
            return []
        return [_job(status) for status in self._client.list_workflows(name=NAME, limit=limit, sort_desc=True)]

    def get(self, ident: str) -> Job | None:
        found = self._client.list_workflows(workflow_ids=[ident]) if self._begun() else []
        return _job(found[0]) if found else None

    def _begun(self) -> bool:
        """Whether an engine ever ran here: one that didn't has no tables to ask."""
        file = Path(self._url.removeprefix("sqlite:///"))
        return not self._url.startswith("sqlite:///") or (file.exists() and file.stat().st_size > 0)

    def revive(self, ident: str) -> None:
        known = self.get(ident)
        if known is None or known.status != "failed":
            raise UsageError(f"no failed request is called {ident}", hint="`closer jobs list` names them")
        self._client.rewind_workflow(ident, start_step=1, queue_name=QUEUE)

    def close(self) -> None:
        self._client.destroy()


def _job(status: Any) -> Job:
    request = Request.of(status.input["args"][0])
    return Job(status.workflow_id, _STATUS.get(status.status, "failed"), request, str(status.error or ""))


def _write_ahead(path: Path) -> None:
    """dbos leaves SQLite's journal as it finds it, and is seven times quicker with this one."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
