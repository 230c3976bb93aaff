"""The state of a home and of what was asked of it, for `status`."""

from __future__ import annotations

from pathlib import Path

from agent.adapters import spool
from agent.bootstrap import House
from agent.closer import Closer
from agent.errors import UsageError
from agent.interfaces.hooks import places
from agent.interfaces.mcp_server.results import Health, JobState, Written


def health(house: House, closer: Closer, job: str | None) -> Health:
    """Raises UsageError when there is no job of that name."""
    found = closer.status()
    last = found["sessions"]["last_closed"]
    return Health(
        home=str(house.home),
        vault=found["vault"]["path"],
        head=found["vault"]["head"],
        notes=dict(found["vault"]["notes"]),
        waiting=found["gateway"]["waiting"],
        open=found["sessions"]["open"],
        unfinished=found["sessions"]["unfinished"],
        last_closed=last["session"] if last else None,
        unreadable=dict(found["catalogue"]["unreadable"]),
        job=_state(house, closer, job) if job else None,
    )


def _state(house: House, closer: Closer, ident: str) -> JobState:
    # Spool before engine: a request is in the engine before it leaves the spool.
    if any(Path(path).stem == ident for path in spool.waiting(places.spool(str(house.home)))):
        return JobState(ident, "waiting")
    job = closer.jobs.get(ident)
    if job is None:
        raise UsageError(f"there is no job {ident}", hint="`close` gives a job's id")
    session = str(job.request.session)
    row = house.registry.get(job.request.session)
    if job.status == "done" and row and row.status == "failed":
        return JobState(ident, "failed", session, row.reason or "")
    receipt = closer.receipt(job.request.session) if job.status == "done" else None
    return JobState(ident, job.status, session, job.error, Written.of(receipt) if receipt else None)
