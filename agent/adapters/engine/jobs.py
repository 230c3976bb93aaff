"""What the engine has, looked at from any process, whether or not a worker runs."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from dbos import DBOSClient, WorkflowStatus

from agent.adapters.engine import attempts
from agent.adapters.engine.database import NAME, Database, translated
from agent.domain.request import Job, Request
from agent.errors import UsageError

_STATUS: dict[str, Literal["waiting", "running", "done", "failed"]] = {
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "PENDING": "running",
    "SUCCESS": "done",
}


class DbosJobs:
    """Satisfies `ports.Jobs` for one vault, from one of its homes."""

    def __init__(self, url: str, vault: str, home: str) -> None:
        self._database = Database(url, vault, home)

    @cached_property
    def _client(self) -> DBOSClient:
        return self._database.client()

    def listed(self, limit: int = 100) -> list[Job]:
        if not self._database.begun():
            return []
        with translated():
            return [_job(status) for status in self._client.list_workflows(name=NAME, limit=limit, sort_desc=True)]

    def get(self, ident: str) -> Job | None:
        found = self._found(ident)
        return _job(found) if found else None

    def _found(self, ident: str) -> WorkflowStatus | None:
        if not self._database.begun():
            return None
        with translated():
            found = self._client.list_workflows(workflow_ids=[ident])
        return found[0] if found else None

    def revive(self, ident: str) -> None:
        known = self._found(ident)
        if known is None or _job(known).status != "failed":
            raise UsageError(f"no failed request is called {ident}", hint="`closer jobs list` names them")
        with translated():
            self._client.update_workflow_attributes(ident, None)
            # One that killed its workers is in no queue any more.
            queue = known.queue_name or self._database.queue
            self._client.rewind_workflow(ident, start_step=1, queue_name=queue)

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.destroy()


def _job(status: WorkflowStatus) -> Job:
    request = Request.of(status.input["args"][0] if status.input else {})
    waits = status.status == "ERROR" and attempts.soon(status)
    told = str(status.error) if status.error else ""
    return Job(status.workflow_id, "waiting" if waits else _STATUS.get(status.status, "failed"), request, told)
