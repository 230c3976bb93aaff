"""The service: routes to the facade. A close is acknowledged when its request is on disk, and done by the worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from agent import __version__
from agent.closer import Closer
from agent.domain.markdown import iso
from agent.domain.request import Job
from agent.domain.session import Session, SessionKey
from agent.interfaces.http import bodies
from agent.interfaces.http.events import Broadcast
from agent.interfaces.http.gate import Gate
from agent.interfaces.http.lanes import Lane
from agent.interfaces.http.problems import explain, problem
from agent.interfaces.http.token import Guard, token_of
from agent.interfaces.requests import ask

Json = dict[str, Any]


def service(home: Path) -> Gate:
    """The ASGI application of a home, behind its gate."""
    return Gate(_routes(home), Guard(token_of(home)))


def _routes(home: Path) -> FastAPI:
    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        app.state.works, app.state.looks = Lane(home), Lane(home)
        app.state.events = Broadcast(app.state.looks)
        watching = asyncio.create_task(app.state.events.watch())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        app.state.works.close()
        app.state.looks.close()

    app = FastAPI(title="closer", version=__version__, lifespan=running, docs_url=None, redoc_url=None)
    explain(app)
    _sessions(app, home)
    _memory(app)
    _looking(app)
    return app


def _sessions(app: FastAPI, home: Path) -> None:
    @app.post("/v1/sessions", status_code=201)
    async def begin(request: Request, body: bodies.Opening) -> Json:
        """Register a session and answer with its brief."""
        brief = await _works(request).do(lambda closer: closer.open(body.session, cwd=body.cwd))
        return brief.as_json()

    @app.get("/v1/sessions")
    async def listed(request: Request, limit: int = 100) -> list[Json]:
        """Sessions, the last seen first."""
        found = await _looks(request).do(lambda closer: closer.sessions.listed(limit=max(1, min(limit, 1000))))
        return [_row(session) for session in found]

    @app.get("/v1/sessions/{session:path}/receipt", response_model=None)
    async def receipt(request: Request, session: str) -> Json | JSONResponse:
        """The receipt of its last close."""
        found = await _looks(request).do(lambda closer: closer.receipt(session))
        return found if found is not None else problem(404, "no_receipt", f"{session} was never closed here")

    @app.post("/v1/sessions/{session:path}/turns")
    async def turns(request: Request, session: str, body: bodies.Turns) -> Json:
        """Take in new turns; write at once what can't wait."""
        said = [turn.turn() for turn in body.turns]
        done = await _works(request).do(lambda closer: closer.checkpoint(session, said, cwd=body.cwd))
        return done.as_json()

    @app.post("/v1/sessions/{session:path}/close", status_code=202)
    async def close(request: Request, session: str, body: bodies.Closing | None = None) -> Json:
        """Ask for a close. The answer means that the request is on disk: it will be done, whatever dies."""
        given = body or bodies.Closing()
        reason = " by ".join(text for text in (given.reason, given.closed_by) if text)
        path = Path(given.transcript) if given.transcript else None
        key = SessionKey.parse(session)
        job = await asyncio.to_thread(ask, home, "end", key, transcript=path, reason=reason)
        return {"job": job, "session": str(key)}

    @app.get("/v1/sessions/{session:path}", response_model=None)
    async def one(request: Request, session: str) -> Json | JSONResponse:
        found = await _looks(request).do(lambda closer: closer.sessions.get(session))
        return _row(found) if found else problem(404, "unknown_session", f"there is no session {session}")


def _memory(app: FastAPI) -> None:
    @app.post("/v1/remember")
    async def remember(request: Request, body: bodies.Statement) -> Json:
        done = await _works(request).do(
            lambda closer: closer.remember(body.text, session=body.session, scope=body.scope)
        )
        return done.as_json()

    @app.post("/v1/recall")
    async def recall(request: Request, body: bodies.Question) -> Json:
        hits = await _works(request).do(
            lambda closer: closer.recall(body.question, body.k, body.scope, keyword=body.keyword)
        )
        return {"question": body.question, "notice": hits.notice, "hits": [hit.as_json() for hit in hits]}

    @app.post("/v1/forget")
    async def forget(request: Request, body: bodies.Forgetting) -> Json:
        return (await _works(request).do(lambda closer: closer.forget(body.what))).as_json()

    @app.post("/v1/reconcile")
    async def reconcile(request: Request) -> Json:
        return (await _works(request).do(Closer.reconcile)).as_json()


def _looking(app: FastAPI) -> None:
    @app.get("/v1/health")
    async def health() -> Json:
        """That the service runs; nothing of anybody."""
        return {"closer": __version__}

    @app.get("/v1/status")
    async def status(request: Request) -> Json:
        return await _looks(request).do(Closer.status)

    @app.get("/v1/jobs")
    async def jobs(request: Request, limit: int = 100) -> list[Json]:
        """What was asked for, newest first."""
        found = await _looks(request).do(lambda closer: closer.jobs.listed(max(1, min(limit, 1000))))
        return [_job(job) for job in found]

    @app.get("/v1/alerts")
    async def alerts(request: Request, after: int = 0) -> list[Json]:
        """What somebody should look at, oldest first."""
        found = await _looks(request).do(lambda closer: closer.audit.entries(after=after, event="admin.alert"))
        return [{"number": e.number, "at": e.at, "session": e.session, **e.facts} for e in found]

    @app.get("/v1/events", response_class=EventSourceResponse)
    async def events(
        request: Request, last_event_id: Annotated[int | None, Header(ge=0)] = None
    ) -> AsyncIterator[ServerSentEvent]:
        """What happens from now on, or from `Last-Event-ID` on."""
        broadcast: Broadcast = request.app.state.events
        after = last_event_id if last_event_id is not None else await broadcast.newest()
        async for event in broadcast.listen(after):
            yield event


def _works(request: Request) -> Lane:
    lane: Lane = request.app.state.works
    return lane


def _looks(request: Request) -> Lane:
    lane: Lane = request.app.state.looks
    return lane


def _row(session: Session) -> Json:
    return {
        "session": str(session.key), "scope": session.scope.name, "cwd": session.cwd, "status": session.status,
        "opened": iso(session.opened), "seen": iso(session.seen), "completed": iso(session.completed),
        "reason": session.reason, "pending_offline_reconcile": session.gateway_pending,
        "last_closure_audit_ref": session.audited,
    }  # fmt: skip


def _job(job: Job) -> Json:
    return {
        "id": job.id, "status": job.status, "kind": job.request.kind, "session": str(job.request.session),
        "at": iso(job.request.at), "reason": job.request.reason, "error": job.error,
    }  # fmt: skip
