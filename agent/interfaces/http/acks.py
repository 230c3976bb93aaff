"""The acknowledgement of a close: true once the request is on disk. What is said besides may not hold it up."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

from agent.closer import Closer
from agent.domain.closure import Cadence, Closure
from agent.domain.request import Request
from agent.domain.session import SessionKey
from agent.errors import Busy, CloserError, Unavailable
from agent.interfaces.http.answers import Key
from agent.interfaces.http.bodies import Closing
from agent.interfaces.http.lanes import Lane
from agent.interfaces.http.rooms import Json, Rooms
from agent.interfaces.requests import ask

WITHIN = 0.8
"""Seconds the registry is waited for before the answer leaves it to the worker."""
_log = logging.getLogger(__name__)


async def acknowledged(rooms: Rooms, session: SessionKey, given: Closing, key: Key | None) -> Json:
    """Have a session closed; the answer is as `Acknowledged` describes it. Raises OSError when the request can't be
    written: then nothing was acknowledged."""
    if key is not None:
        begun = await asyncio.to_thread(rooms.answers.begin, key)
        if begun.answer is not None:
            return begun.answer
    request = await _spooled(rooms, session, given, key)
    answer = await _marked(rooms, request)
    if key is not None:
        await asyncio.to_thread(rooms.answers.keep, key, answer)
    return answer


async def _spooled(rooms: Rooms, session: SessionKey, given: Closing, key: Key | None) -> Request:
    """The request, on disk. Under a key it has an id of its own, and two of one id are one."""
    path = Path(given.transcript) if given.transcript else None
    ident = f"key-{key.name[:48]}" if key is not None else None

    def put() -> str:
        by = given.closed_by
        return ask(rooms.home, "end", session, transcript=path, reason=given.reason, closed_by=by, ident=ident)

    try:
        job = await asyncio.to_thread(put)
    except OSError as error:
        await _alert(rooms.acks, session, error)
        raise
    transcript = str(path.absolute()) if path else None
    now = datetime.now(UTC)
    return Request(job, "end", session, now, None, transcript, given.reason, given.closed_by)


async def _marked(rooms: Rooms, request: Request) -> Json:
    def marked(closer: Closer) -> tuple[Closure, Cadence]:
        return closer.sessions.closing(request), closer.sessions.cadence(request.session, request.at)

    audit, cadence = None, _usual(rooms.acks, request.at)
    try:
        closure, cadence = await rooms.acks.within(WITHIN, marked)
        audit = closure.audited
    except (TimeoutError, Busy, Unavailable) as error:
        _log.warning("%s is marked as closing by the worker: %s", request.session, error or "the registry is busy")
    return {
        "job": request.id, "session": str(request.session), "status": "deferred" if audit is None else "closing",
        "audit": audit, "cadence": cadence.as_json(),
    }  # fmt: skip


def _usual(lane: Lane, when: datetime) -> Cadence:
    """The cadence of a session that nothing is known of."""
    limits = lane.house.limits
    return Cadence.at(when, limits.digest_at, limits.review_window, ())


async def _alert(lane: Lane, session: SessionKey, error: OSError) -> None:
    """Tell those who look after the home, if that can be written."""
    facts = {"reason": "offline.enqueue_failed", "severity": "high", "error": error.strerror or type(error).__name__}
    _log.error("no close of %s could be taken down: %s", session, error)
    try:
        await lane.within(WITHIN, lambda _: lane.house.registry.record("admin.alert", session, facts))
    except (TimeoutError, CloserError) as untold:
        _log.error("nor could that be recorded: %s", untold)
