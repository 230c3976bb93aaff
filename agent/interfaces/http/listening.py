"""The routes of listeners: server-sent events, and the same over a WebSocket for browsers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, WebSocket
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field, ValidationError
from starlette.websockets import WebSocketDisconnect

from agent.errors import CloserError
from agent.interfaces.http.bodies import Body, Name
from agent.interfaces.http.events import Broadcast, Wanted
from agent.interfaces.http.gate import OFFERED
from agent.interfaces.http.rooms import At

router = APIRouter(prefix="/v1/events", tags=["events"])
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
Session = Annotated[Name | None, Query(description="Only events of this session.")]
Names = Annotated[list[Name], Query(max_length=50, description="Only events of these names; may be given repeatedly.")]
SPOKEN = "closer"
"""The subprotocol a browser names beside its token, so that the token isn't sent back."""
POLICY, FAILED = 1008, 1011
"""WebSocket close codes."""
_log = logging.getLogger(__name__)


class Subscription(Body):
    """What a listener over a WebSocket may say at any time: from then on, it gets this instead."""

    after: Number | None = None
    """The last number it knows; without one, what happens from now on."""
    session: Name | None = None
    event: Annotated[tuple[Name, ...], Field(max_length=50)] = ()

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.session, frozenset(self.event))


async def _there(at: At) -> AsyncIterator[None]:
    with at.events.listening():
        yield


@router.get("", response_class=EventSourceResponse, dependencies=[Depends(_there)])
async def events(
    at: At,
    session: Session = None,
    event: Names = [],  # noqa: B006  FastAPI copies it
    after: Annotated[Number | None, Query()] = None,
    last_event_id: Annotated[Number | None, Header()] = None,
) -> AsyncIterator[ServerSentEvent]:
    """What happens from now on, or after the event that `Last-Event-ID` (else `after`) names. Steps of running closes,
    `session.progress`, have no id and are not repeated."""
    begin = last_event_id if last_event_id is not None else after
    begin = await at.events.newest() if begin is None else begin
    # The number it begins after, so that who is cut off before the first event comes back to the right place.
    yield ServerSentEvent(comment="listening", id=str(begin))
    async for one in at.events.listen(begin, Wanted(session, frozenset(event))):
        number = None if one.number is None else str(one.number)
        yield ServerSentEvent(data=one.data, event=one.name, id=number)


@router.websocket("/ws")
async def socket(
    listener: WebSocket,
    at: At,
    session: Session = None,
    event: Names = [],  # noqa: B006
    after: Annotated[Number | None, Query()] = None,
) -> None:
    """The same as JSON messages: `event`, `data`, and `id` for what is in the log."""
    begin = await at.events.newest() if after is None else after
    await listener.accept(_subprotocol(listener))
    try:
        with at.events.listening():
            await _converse(listener, at.events, Subscription(after=begin, session=session, event=tuple(event)))
    except WebSocketDisconnect:
        return
    except ValidationError:
        await listener.close(POLICY, "say after, session and event, as JSON")
    except CloserError as error:
        _log.warning("a listener is sent away: %s", error.message)
        await listener.close(FAILED, error.code)


def _subprotocol(listener: WebSocket) -> str | None:
    offered: list[str] = listener.scope["subprotocols"]
    return next((p for p in offered if p == SPOKEN), None) or next((p for p in offered if p.startswith(OFFERED)), None)


async def _converse(listener: WebSocket, events: Broadcast, asked: Subscription) -> None:
    """Tell what is asked for until the listener says something else, and then that. Raises WebSocketDisconnect when it
    hangs up, ValidationError when what it says isn't understood."""
    while True:
        begin = await events.newest() if asked.after is None else asked.after
        telling = asyncio.create_task(_tell(listener, events, begin, asked.wanted))
        hearing = asyncio.create_task(_heard(listener))
        try:
            await asyncio.wait((telling, hearing), return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
            asked = await hearing
        finally:
            for task in (telling, hearing):
                task.cancel()
                with suppress(asyncio.CancelledError, WebSocketDisconnect, ValidationError):
                    await task


async def _tell(listener: WebSocket, events: Broadcast, after: int, wanted: Wanted) -> None:
    async for one in events.listen(after, wanted):
        await listener.send_text(json.dumps(one.as_json()))


async def _heard(listener: WebSocket) -> Subscription:
    message = await listener.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    return Subscription.model_validate_json(message.get("text") or message.get("bytes") or "")
