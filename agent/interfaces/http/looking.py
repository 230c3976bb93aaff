"""What there is, what waits and what happened: health, status, jobs, the log."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query

from agent import __version__
from agent.adapters import spool
from agent.closer import Closer
from agent.domain.request import Job, Request
from agent.interfaces.hooks import places
from agent.interfaces.http.problems import Problem
from agent.interfaces.http.rooms import After, At, Json, Limit
from agent.interfaces.http.views import EntryView, JobView
from agent.interfaces.requests import wake

router = APIRouter(prefix="/v1", tags=["state"])
ALERT = "admin.alert"


@router.get("/health")
async def health() -> Json:
    """That the service runs; nothing of anybody."""
    return {"closer": __version__}


@router.get("/status")
async def status(at: At) -> Json:
    """Counts and states of the home, and how many listen to its events."""
    return {**await at.looks.do(Closer.status), "listeners": at.events.listeners}


@router.get("/jobs")
async def jobs(at: At, limit: Limit = 100) -> list[JobView]:
    """What was asked for, newest first."""
    return [JobView.of(job) for job in await at.looks.do(lambda closer: _jobs(at.home, closer, limit))]


@router.post("/jobs/{job:path}/revive", status_code=202)
async def revive(at: At, job: str) -> JobView:
    """Try a failed request again."""
    known = await at.looks.do(lambda closer: _job(at.home, closer, job))
    if known.status != "failed":
        raise Problem(409, "not_failed", f"{job} has not failed: it is {known.status}")
    await at.looks.do(lambda closer: closer.jobs.revive(job))
    wake(at.home)
    return JobView.of(await at.looks.do(lambda closer: _job(at.home, closer, job)))


@router.get("/jobs/{job:path}")
async def one_job(at: At, job: str) -> JobView:
    """How far one request is."""
    return JobView.of(await at.looks.do(lambda closer: _job(at.home, closer, job)))


@router.get("/alerts")
async def alerts(at: At, after: After = 0, limit: Limit = 100) -> list[Json]:
    """What somebody should look at, oldest first."""
    found = await at.looks.do(lambda closer: closer.audit.entries(after=after, limit=limit, event=ALERT))
    return [{"number": e.number, "at": e.at, "session": e.session, **e.facts} for e in found]


@router.get("/audit")
async def audit(
    at: At, after: After = 0, limit: Limit = 100, event: Annotated[str | None, Query(max_length=80)] = None
) -> list[EntryView]:
    """Entries of the log, oldest first, each sealed with the one before it."""
    found = await at.looks.do(lambda closer: closer.audit.entries(after=after, limit=limit, event=event))
    return [EntryView.of(entry) for entry in found]


@router.get("/audit/verify")
async def verify(at: At) -> Json:
    """Whether every entry is as it was written, and every one that the vault names is there."""
    verdict = await at.work(lambda closer: closer.audit.verify())
    return {"whole": verdict.whole, **asdict(verdict)}


def _jobs(home: Path, closer: Closer, limit: int) -> list[Job]:
    """Newest first: what waits on the spool has not reached the engine, or only just."""
    spooled, engaged = _spooled(home), closer.jobs.listed(limit)
    known = {job.id for job in engaged}
    return [*(job for job in reversed(spooled) if job.id not in known), *engaged][:limit]


def _job(home: Path, closer: Closer, ident: str) -> Job:
    # Spool before engine: a request is in the engine before it leaves the spool.
    waiting = next((job for job in _spooled(home) if job.id == ident), None)
    found = waiting or closer.jobs.get(ident)
    if found is None:
        raise Problem(404, "unknown_job", f"there is no job {ident}", "a close names its job")
    return found


def _spooled(home: Path) -> list[Job]:
    """Requests on the spool, oldest first. What can't be read is the worker's to set aside."""
    found = []
    for path in spool.waiting(places.spool(str(home))):
        try:
            request = Request.of(spool.read(path))
        except (FileNotFoundError, ValueError):
            continue
        found.append(Job(request.id, "waiting", request))
    return found
