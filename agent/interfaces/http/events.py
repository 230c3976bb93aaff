"""What happens, as server-sent events with numbers: a listener that comes back with the last one misses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent

from agent.domain.audit import Entry
from agent.interfaces.http.lanes import Lane

INTERVAL = 0.2
"""Seconds between two looks at the log: one look for all listeners."""
BATCH = 200


class Broadcast:
    """Tells listeners that the log has grown. Each reads on by itself, so that a slow one holds up nobody."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._grown = asyncio.Condition()
        self._last = 0

    async def watch(self) -> None:
        """Look for new entries until cancelled."""
        while True:
            newest = await self._lane.do(lambda closer: closer.audit.newest())
            if newest != self._last:
                async with self._grown:
                    self._last = newest
                    self._grown.notify_all()
            await asyncio.sleep(INTERVAL)

    async def listen(self, after: int) -> AsyncIterator[ServerSentEvent]:
        """Every entry with a higher number, as they come."""
        while True:
            entries = await self._read(after)
            for entry in entries:
                after = entry.number
                yield _event(entry)
            if not entries:
                async with self._grown:
                    await self._grown.wait_for(lambda seen=after: self._last > seen)  # type: ignore[misc]

    async def newest(self) -> int:
        return await self._lane.do(lambda closer: closer.audit.newest())

    async def _read(self, after: int) -> list[Entry]:
        return await self._lane.do(lambda closer: closer.audit.entries(after=after, limit=BATCH))


def _event(entry: Entry) -> ServerSentEvent:
    data = {"at": entry.at, "session": entry.session, **entry.facts}
    return ServerSentEvent(data=data, event=entry.event, id=str(entry.number))
