"""Sessions over HTTP: begun, told, closed, taken back, looked at."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from agent.bootstrap import House
from agent.closer import Closer
from agent.domain.session import SessionKey
from agent.errors import UsageError
from agent.interfaces.http import bodies
from agent.interfaces.http.acks import acknowledged
from agent.interfaces.http.problems import Problem, absent
from agent.interfaces.http.rooms import At, IdempotencyKey, Json, Limit, SessionName, key_of
from agent.interfaces.http.turns import taken_in
from agent.interfaces.http.views import Acknowledged, CheckView, SessionView, TurnView

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
DONE_SOON = "1"
"""Seconds after which it is worth asking how a close went."""


@router.post("/{session:path}/close", status_code=202, response_model=Acknowledged)
async def close(
    at: At, session: SessionName, body: bodies.Closing | None = None, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Ask for a close. The answer means that the request is on disk: it will be done, whatever dies."""
    given = body or bodies.Closing()
    key = key_of(idempotency_key, f"close {session}", given)
    told = await acknowledged(at, SessionKey.parse(session), given, key)
    return JSONResponse(told, 202, {"Location": f"/v1/jobs/{told['job']}", "Retry-After": DONE_SOON})


@router.post("", status_code=201)
async def begin(at: At, body: bodies.Opening) -> Json:
    """Register a session that begins, and get its brief. May repeat."""
    return (await at.work(lambda closer: closer.open(body.session, cwd=body.cwd))).as_json()


@router.get("")
async def listed(at: At, limit: Limit = 100) -> list[SessionView]:
    """Sessions, the last seen first."""
    return [SessionView.of(row) for row in await at.looks.do(lambda closer: closer.sessions.listed(limit=limit))]


@router.get("/{session:path}/receipt")
async def receipt(at: At, session: SessionName) -> Json:
    """The receipt of its last close."""
    found = await at.looks.do(lambda closer: closer.receipt(session))
    if found is None:
        raise Problem(404, "no_receipt", f"{session} was never closed here")
    return found


@router.get("/{session:path}/context")
async def context(at: At, session: SessionName) -> list[TurnView]:
    """The turns that were told of it, redacted."""
    return [TurnView.of(turn) for turn in await at.looks.do(lambda closer: closer.sessions.context(session))]


@router.get("/{session:path}/checks")
async def checks(at: At, session: SessionName) -> list[CheckView]:
    """What of it still waits for a person."""
    return [CheckView.of(check) for check in await at.looks.do(lambda closer: closer.sessions.checks(session))]


@router.get("/{session:path}/cadence")
async def cadence(at: At, session: SessionName) -> Json:
    """When reviewers next look at what it left for them."""
    now = datetime.now(UTC)
    return (await at.looks.do(lambda closer: closer.sessions.cadence(session, now))).as_json()


@router.post("/{session:path}/turns")
async def turns(at: At, session: SessionName, body: bodies.Turns, idempotency_key: IdempotencyKey = None) -> Json:
    """Take in new turns; write at once what can't wait."""
    key = key_of(idempotency_key, f"turns {session}", body)

    def take(house: House, closer: Closer) -> Json:
        return taken_in(house, closer, at.answers, key, SessionKey.parse(session), body)

    return await at.desk.do(take)


@router.post("/{session:path}/rollback")
async def rollback(at: At, session: SessionName, idempotency_key: IdempotencyKey = None) -> Json:
    """Take back all that it wrote, in one commit. What it superseded stands again."""
    key = key_of(idempotency_key, f"rollback {session}")
    try:
        return await at.once(key, lambda closer: closer.rollback(session).as_json())
    except UsageError as error:
        raise absent(error) from error


@router.get("/{session:path}")
async def one(at: At, session: SessionName) -> SessionView:
    """A session as the registry knows it."""
    found = await at.looks.do(lambda closer: closer.sessions.get(session))
    if found is None:
        raise Problem(404, "unknown_session", f"there is no session {session}")
    return SessionView.of(found)
