"""The state of a home and of what was asked of it, for `status`."""

from __future__ import annotations

from pathlib import Path

from agent.errors import UsageError
from agent.interfaces.mcp_server.results import Health, JobState, Written
from agent.interfaces.memory import Memory


def health(memory: Memory, home: Path, job: str | None) -> Health:
    """Raises UsageError when there is no job of that name."""
    found = memory.status()
    last = found["sessions"]["last_closed"]
    return Health(
        home=str(home),
        vault=found["vault"]["path"],
        head=found["vault"]["head"],
        notes=dict(found["vault"]["notes"]),
        waiting=found["gateway"]["waiting"],
        open=found["sessions"]["open"],
        unfinished=found["sessions"]["unfinished"],
        last_closed=last["session"] if last else None,
        unreadable=dict(found["catalogue"]["unreadable"]),
        job=_state(memory, job) if job else None,
    )


def _state(memory: Memory, ident: str) -> JobState:
    job = memory.job(ident)
    if job is None:
        raise UsageError(f"there is no job {ident}", hint="`close` gives a job's id")
    receipt = Written.of(job["receipt"]) if job["receipt"] else None
    return JobState(ident, job["status"], job["session"], job["error"], receipt)
