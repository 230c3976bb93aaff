"""The six tools. Each says what it needs of the facade; the desk says when."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent

from agent.bootstrap import House
from agent.closer import Closer
from agent.domain.fence import NOTICE, fenced, harmless
from agent.domain.hit import Hits
from agent.domain.progress import Listener
from agent.errors import CloserError
from agent.interfaces.mcp_server import arguments as given
from agent.interfaces.mcp_server import looking
from agent.interfaces.mcp_server.desk import Desk, explained
from agent.interfaces.mcp_server.handover import Handover
from agent.interfaces.mcp_server.results import Closing, Found, Health, Opened, Recalled, Written

T = TypeVar("T")


class Tools:
    """What an assistant may ask for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def open(
        self, session: given.SessionName | None = None, cwd: given.Folder | None = None
    ) -> Annotated[CallToolResult, Opened]:
        """Begin a conversation: register it, and get what earlier ones left, ready to be taken into account."""
        key = given.key_of(session or f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(4)}")
        brief = await self._do(lambda _, closer: closer.open(key, cwd=given.folder_of(cwd)))
        health = [harmless(line) for line in brief.health]
        opened = Opened(str(key), brief.scope.name, brief.text, health, brief.left_out)
        return _told(f"session: {key}\nscope: {opened.scope}\n\n{brief.text}", opened)

    async def remember(
        self, text: given.Statement, session: given.SessionName | None = None, scope: given.ScopeName | None = None
    ) -> Written:
        """Keep one lasting statement of the user's at once: a preference, decision, fact, correction or commitment.
        What is known already is counted, what has changed replaces the old."""
        key = given.key_of(session or "remember")
        receipt = await self._do(lambda _, closer: closer.remember(text, key, scope=scope))
        return Written.of(receipt.as_json())

    async def recall(
        self, question: given.Question, k: given.Count = 8, scope: given.ScopeName | None = None
    ) -> Annotated[CallToolResult, Recalled]:
        """Search what earlier conversations left, by meaning and by words. Every passage names its note, date and
        trust. With a scope: that project and what is global; else everything."""
        hits = await self._do(lambda _, closer: closer.recall(question, k, scope))
        found = Recalled(question, [Found.of(hit) for hit in hits], hits.notice, NOTICE)
        return _told(_shown(hits), found)

    async def close(
        self,
        session: given.SessionName,
        context: Context[Any, Any],
        transcript_path: given.File | None = None,
        turns: given.Turns | None = None,
        wait: bool = False,
    ) -> Closing:
        """Commit a conversation to memory. Pass its turns, or its transcript's path. The answer comes at once and names
        a job, which is done even if everything ends now; with `wait`, it comes when the close is done, with progress.
        Closing again adds only what is new."""
        said = tuple(one.turn() for one in turns or ())
        handed = Handover(given.key_of(session), transcript_path, said)
        if not wait:
            key, job = await self._do(handed.request)
            return Closing(str(key), job, None)
        steps = Steps(context)
        try:
            key, receipt = await self._do(handed.close, steps.heard)
        finally:
            await steps.sent()
        return Closing(str(key), None, Written.of(receipt.as_json()))

    async def forget(self, what: given.What) -> Written:
        """Remove a statement from memory for good, by its id (`recall` gives it) or its exact text. It is not learned
        again. Only when the user asks for it."""
        receipt = await self._do(lambda _, closer: closer.forget(what))
        return Written.of(receipt.as_json())

    async def status(self, job: given.JobName | None = None) -> Health:
        """What the memory holds, what waits and what failed; with a job, how that close went."""
        return await self._do(lambda house, closer: looking.health(house, closer, job))

    async def _do(self, work: Callable[[House, Closer], T], listener: Listener | None = None) -> T:
        try:
            return await self._desk.do(work, listener)
        except CloserError as error:
            raise ToolError(explained(error)) from error
        except OSError as error:
            raise ToolError(f"disk: {error.strerror or error}\nhint: see that the disk has room") from error


class Steps:
    """The steps of a close as progress of the request that waits for it."""

    def __init__(self, context: Context[Any, Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = context
        self._telling: list[asyncio.Task[None]] = []

    def heard(self, name: str, event: str) -> None:
        """Called in the thread that works. Never waits for the one who listens."""
        if event == "begin":
            self._loop.call_soon_threadsafe(self._tell, name)

    async def sent(self) -> None:
        """When all of it is on its way. Who listens no longer changes nothing."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    def _tell(self, name: str) -> None:
        told = self._context.report_progress(len(self._telling) + 1, message=name)
        self._telling.append(self._loop.create_task(told))


def _told(text: str, value: Any) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=asdict(value))


def _shown(hits: Hits) -> str:
    lines = [f"{hits.notice}\n"] if hits.notice else []
    for number, hit in enumerate(hits, 1):
        state = "" if hit.status == "active" else f" [{hit.status}]"
        lines.append(f"{number}. {hit.text}{state}")
        lines.append(f"   {hit.kind} · {hit.when[:10]} · {hit.trust} · {hit.why} · {hit.path} · {hit.id}")
    return fenced("\n".join(lines)) if hits else f"{hits.notice}\nNothing in memory matches.".strip()
