"""What the routes work with, opened when the service begins and let go of when it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Query
from fastapi import Path as InPath
from starlette.requests import HTTPConnection

from agent.adapters import spool
from agent.closer import Closer
from agent.errors import Busy, CloserError, Unavailable
from agent.interfaces.hooks import places
from agent.interfaces.http.answers import Answers, Key, once
from agent.interfaces.http.bodies import Body
from agent.interfaces.http.events import Broadcast
from agent.interfaces.http.lanes import Lane
from agent.interfaces.mcp_server.desk import Desk
from agent.interfaces.requests import wake

Json = dict[str, Any]
T = TypeVar("T")
MARKING = 0.5
"""Seconds that an acknowledgement waits for another process that writes to the registry."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rooms:
    """The parts of a running service."""

    home: Path
    desk: Desk
    """Works, one thing after the other, and may take seconds. The MCP door has the same one."""
    looks: Lane
    acks: Lane
    answers: Answers
    events: Broadcast

    async def work(self, does: Callable[[Closer], T]) -> T:
        return await self.desk.do(lambda _, closer: does(closer))

    async def once(self, key: Key | None, does: Callable[[Closer], Json]) -> Json:
        """Work that is done once under a key. Who asks again while it is done waits for its answer."""
        return await self.work(lambda closer: once(self.answers, key, lambda: does(closer)))


@asynccontextmanager
async def opened(home: Path, desk: Desk) -> AsyncIterator[Rooms]:
    """The rooms of a home, while a service runs. At the end, what runs is finished and open sessions are put by."""
    looks, acks, answers = Lane(home), Lane(home, {"registry": {"wait": MARKING}}), Answers(home)
    rooms = Rooms(home, desk, looks, acks, answers, Broadcast(home, looks))
    for lane in (looks, acks):
        # What opening the registry costs is not for the first who asks; one that can't be opened is tried again then.
        with suppress(Busy, Unavailable):
            await lane.do(lambda closer: closer.audit.newest())
    watching = asyncio.create_task(rooms.events.watch())
    if spool.waiting(places.spool(str(home))):
        # Whoever asked may have died before it could wake a worker.
        wake(home)
    try:
        async with desk.attended():
            yield rooms
            await _suspend(rooms)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        for room in (looks, acks, answers):
            room.close()


async def _suspend(rooms: Rooms) -> None:
    try:
        await rooms.work(lambda closer: closer.sessions.suspend())
    except CloserError as error:
        # Nothing is lost: the turns are in the registry, one by one.
        _log.warning("open sessions were not put by: %s", error.message)


async def _rooms(connection: HTTPConnection) -> Rooms:
    rooms: Rooms = connection.app.state.rooms
    return rooms


At = Annotated[Rooms, Depends(_rooms)]
SessionName = Annotated[
    str, InPath(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$", description="`host:id`")
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Asked again under the same key, within a week, nothing is done twice and the answer is the same.",
    ),
]
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="Only what has a higher number.")]
Limit = Annotated[int, Query(ge=1, le=1000)]


def key_of(given: str | None, route: str, body: Body | None = None) -> Key | None:
    return Key.of(given, route, body.model_dump_json() if body else "")
