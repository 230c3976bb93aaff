"""What happens, as events with numbers: a listener that comes back with the last one misses nothing and gets nothing
twice. Steps of a running close have no number: they are told to who listens, and never again."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.closer import Closer
from agent.domain.audit import Entry
from agent.errors import CloserError
from agent.interfaces.http.lanes import Lane
from agent.interfaces.steps import step

Json = dict[str, Any]
PROGRESS = "session.progress"
INTERVAL = 0.2
"""Seconds between two looks at the log: one look for all listeners, none while nobody listens."""
PATIENCE = 5.0
"""Seconds until the next look after one that failed."""
BATCH = 200
TAIL = 1_000
"""How many of the last entries are kept for all listeners; who is further behind reads the log by itself."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """What a listener is told."""

    name: str
    data: Json
    number: int | None
    """Its place in the log; None for what isn't in it."""

    def as_json(self) -> Json:
        return {"event": self.name, "data": self.data} | ({} if self.number is None else {"id": self.number})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events somebody listens for. Empty: all."""

    session: str | None = None
    events: frozenset[str] = frozenset()

    def admits(self, event: str, session: str) -> bool:
        return (not self.events or event in self.events) and self.session in (None, session)


class Broadcast:
    """Tells listeners that the log has grown. Each reads on at its own pace, so that a slow one holds up nobody."""

    def __init__(self, home: Path, lane: Lane) -> None:
        self._home, self._lane = home, lane
        self._grown, self._wanted = asyncio.Condition(), asyncio.Event()
        self._tail: deque[Entry] = deque()
        self._floor = self._last = 0
        """The tail has every entry above the one number, up to the other."""
        self._resting = True
        self._step: Json | None = None
        self._steps = 0
        self.listeners = 0

    async def watch(self) -> None:
        """Look for what is new while somebody listens, until cancelled."""
        while True:
            await self._wanted.wait()
            try:
                await self._look()
            except (CloserError, OSError) as error:
                _log.warning("no events can be told: %s", error)
                await asyncio.sleep(PATIENCE)
            except Exception:  # noqa: BLE001 - one look that fails must not be the last
                _log.exception("no events can be told")
                await asyncio.sleep(PATIENCE)
            await asyncio.sleep(INTERVAL)

    async def listen(self, after: int, wanted: Wanted) -> AsyncGenerator[Event, None]:
        """Every entry with a higher number, as they come, and the steps of what runs meanwhile. Only while
        `listening`."""
        steps = self._steps
        while True:
            entries = await self._since(after)
            for entry in entries:
                after = entry.number
                if wanted.admits(entry.event, entry.session):
                    yield _told(entry)
            if steps != self._steps and self._step is not None:
                if wanted.admits(PROGRESS, self._step["session"]):
                    yield Event(PROGRESS, self._step, None)
                steps = self._steps
            if not entries:
                await self._news(after, steps)

    async def newest(self) -> int:
        return await self._lane.do(lambda closer: closer.audit.newest())

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While one listener is there. Not a part of `listen`: a generator left in the middle ends only when it is
        collected as garbage."""
        self.listeners += 1
        self._wanted.set()
        try:
            yield
        finally:
            self.listeners -= 1
            if not self.listeners:
                self._wanted.clear()
                # What comes while nobody looks is not in the tail.
                self._tail.clear()
                self._resting = True

    async def _news(self, after: int, steps: int) -> None:
        async with self._grown:
            await self._grown.wait_for(lambda: self._last > after or self._steps != steps)

    async def _since(self, after: int) -> list[Entry]:
        if after >= self._floor and self._tail:
            return [entry for entry in self._tail if entry.number > after][:BATCH]
        return await self._lane.do(lambda closer: closer.audit.entries(after=after, limit=BATCH))

    async def _look(self) -> None:
        floor, entries, at = await self._lane.do(self._seen)
        if self._resting:
            self._floor, self._resting = floor, not self.listeners
        self._append(entries)
        last, fresh = entries[-1].number if entries else floor, at is not None and at != self._step
        if last == self._last and not fresh:
            return
        async with self._grown:
            self._last = last
            if fresh:
                self._step, self._steps = at, self._steps + 1
            self._grown.notify_all()

    def _append(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._tail.append(entry)
            if len(self._tail) > TAIL:
                self._floor = self._tail.popleft().number

    def _seen(self, closer: Closer) -> tuple[int, list[Entry], Json | None]:
        floor = closer.audit.newest() if self._resting else self._last
        return floor, closer.audit.entries(after=floor, limit=BATCH), step(self._home)


def _told(entry: Entry) -> Event:
    return Event(entry.event, {"at": entry.at, "session": entry.session, **entry.facts}, entry.number)
