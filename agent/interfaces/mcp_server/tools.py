"""The six tools. Each says what it needs of the facade; the desk says when."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent

from agent.domain.fence import NOTICE, fenced, harmless
from agent.errors import CloserError
from agent.interfaces.mcp_server import arguments as given
from agent.interfaces.mcp_server import looking
from agent.interfaces.mcp_server.desk import Desk, explained
from agent.interfaces.mcp_server.handover import Handover
from agent.interfaces.mcp_server.results import Closing, Found, Health, Opened, Recalled, Written
from agent.interfaces.memory import Memory

Json = dict[str, Any]
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
        brief = await self._ask(lambda memory: memory.open(str(key), given.folder_of(cwd)))
        health = [harmless(line) for line in brief["health"]]
        opened = Opened(str(key), brief["scope"], brief["text"], health, brief["left_out"])
        return _told(f"session: {key}\nscope: {opened.scope}\n\n{opened.brief}", opened)

    async def remember(
        self, text: given.Statement, session: given.SessionName | None = None, scope: given.ScopeName | None = None
    ) -> Written:
        """Keep one lasting statement of the user's at once: a preference, decision, fact, correction or commitment.
        What is known already is counted, what has changed replaces the old."""
        key = given.key_of(session or "remember")
        return Written.of(await self._ask(lambda memory: memory.remember(text, str(key), scope)))

    async def recall(
        self, question: given.Question, k: given.Count = 8, scope: given.ScopeName | None = None
    ) -> Annotated[CallToolResult, Recalled]:
        """Search what earlier conversations left, by meaning and by words. Every passage names its note, date and
        trust. With a scope: that project and what is global; else everything."""
        told = await self._ask(lambda memory: memory.recall(question, k, scope))
        found = Recalled(question, [Found.of(hit) for hit in told["hits"]], told["notice"], NOTICE)
        return _told(_shown(told), found)

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
        with _explaining():
            handed = Handover(given.key_of(session), transcript_path, tuple(one.turn() for one in turns or ()))
            if not wait:
                key, job = await self._desk.aside(handed.request)
                return Closing(str(key), job, None)
            steps = Steps(context)
            try:
                key, receipt = await self._desk.do(handed.close, steps.heard)
            finally:
                await steps.sent()
        return Closing(str(key), None, Written.of(receipt.as_json()))

    async def forget(self, what: given.What) -> Written:
        """Remove a statement from memory for good, by its id (`recall` gives it) or its exact text. It is not learned
        again. Only when the user asks for it."""
        return Written.of(await self._ask(lambda memory: memory.forget(what), twice=False))

    async def status(self, job: given.JobName | None = None) -> Health:
        """What the memory holds, what waits and what failed; with a job, how that close went."""
        return await self._ask(lambda memory: looking.health(memory, self._desk.home, job))

    async def _ask(self, work: Callable[[Memory], T], *, twice: bool = True) -> T:
        with _explaining():
            return await self._desk.ask(work, twice=twice)


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


@contextmanager
def _explaining() -> Iterator[None]:
    """What can be explained is, to the caller."""
    try:
        yield
    except CloserError as error:
        raise ToolError(explained(error)) from error
    except OSError as error:
        raise ToolError(f"disk: {error.strerror or error}\nhint: see that the disk has room") from error


def _told(text: str, value: Any) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=asdict(value))


def _shown(found: Json) -> str:
    hits, notice = found["hits"], found["notice"]
    lines = [f"{notice}\n"] if notice else []
    for number, hit in enumerate(hits, 1):
        state = "" if hit["status"] == "active" else f" [{hit['status']}]"
        lines.append(f"{number}. {hit['text']}{state}")
        about = (hit["kind"], hit["when"][:10], hit["trust"], hit["why"], hit["path"], hit["id"])
        lines.append(f"   {' · '.join(about)}")
    return fenced("\n".join(lines)) if hits else f"{notice}\nNothing in memory matches.".strip()
