"""`closer jobs`"""

from __future__ import annotations

from typing import Any

import click

from agent.domain.markdown import iso
from agent.domain.request import Job
from agent.interfaces.cli.output import answer, as_json


@click.group(short_help="Show what was asked for, and try again what failed.")
def command() -> None:
    """What hooks and other doors asked for."""


@command.command("list", short_help="Show requests, newest first.")
@click.option("--limit", default=50, metavar="N", help="At most so many.", show_default=True)
@as_json
@click.pass_obj
def listing(home: str | None, limit: int, json_: bool) -> None:
    """Requests that wait, run, are done, or have failed."""
    from agent.closer import Closer

    with Closer.at(home) as closer:
        found = closer.jobs.listed(limit)
        answer(json_, [_facts(job) for job in found], lambda: "\n".join(map(_line, found)) or "nothing yet")


@command.command(short_help="Try a failed request again.")
@click.argument("ident", metavar="ID")
@as_json
@click.pass_obj
def revive(home: str | None, ident: str, json_: bool) -> None:
    """Put a failed request back into the queue. The next worker does it."""
    from agent.closer import Closer
    from agent.interfaces.hooks import places

    with Closer.at(home) as closer:
        closer.jobs.revive(ident)
        places.wake(str(closer.settings.home))
        answer(json_, {"id": ident}, lambda: f"{ident} is tried again")


def _facts(job: Job) -> dict[str, Any]:
    request = job.request
    return {"id": job.id, "status": job.status, "kind": request.kind, "session": str(request.session),
            "at": iso(request.at), "reason": request.reason, "error": job.error}  # fmt: skip


def _line(job: Job) -> str:
    told = f"{job.status:8} {iso(job.request.at)} {job.request.kind:10} {job.request.session}  [{job.id}]"
    return f"{told}\n         {job.error}" if job.error else told
