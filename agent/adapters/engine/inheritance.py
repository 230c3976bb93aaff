"""What a dead worker leaves: the others of its vault take it over, as far as they can see what it is about."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from dbos import DBOSClient, WorkflowStatus

from agent.adapters.engine import attempts
from agent.adapters.engine.database import NAME, queue_of
from agent.adapters.engine.presence import Presence
from agent.domain.request import Request

UNDONE = ["PENDING", "ENQUEUED", "DELAYED"]

Able = Callable[[Request], bool]
"""Whether a request that another home was asked for can be done in this one."""


class Inheritance:
    """Other workers' requests, looked at from one worker."""

    def __init__(self, client: DBOSClient, presence: Presence, able: Able) -> None:
        self._client, self._presence, self._able = client, presence, able
        self._ours = queue_of(presence.name)
        self._looked = -presence.grace

    def tend(self) -> None:
        """Keep this worker's name, and look for what dead ones left, a few times in a grace."""
        self._presence.keep()
        if time.monotonic() - self._looked < self._presence.grace / 4:
            return
        self._looked = time.monotonic()
        undone = self._client.list_workflows(name=NAME, status=UNDONE, load_output=False)
        left = [one for one in undone if one.queue_name not in (None, self._ours)]
        names = {one.queue_name: one.queue_name.removeprefix(queue_of("")) for one in left if one.queue_name}
        self._presence.look_only_at(names.values())
        for queue, name in names.items():
            with self._presence.gone(name) as gone:
                if gone:
                    self._take([one for one in left if one.queue_name == queue])

    def _take(self, left: Sequence[WorkflowStatus]) -> None:
        """Nobody else has them: their worker is dead, and its name is held."""
        for one in left:
            if one.status == "PENDING" and attempts.moves(one) >= attempts.RECOVERIES:
                self._client.cancel_workflow(one.workflow_id)
            elif one.input and self._able(Request.of(one.input["args"][0])):
                if one.status == "PENDING":
                    told = {attempts.MOVES: attempts.moves(one) + 1}
                    self._client.update_workflow_attributes(one.workflow_id, told, merge=True)
                self._client.resume_workflows([one.workflow_id], queue_name=self._ours)
