"""The MCP door at `/mcp`, built when somebody first knocks: its library is half of what starting the service costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from agent.interfaces.http.gate import LARGEST
from agent.interfaces.mcp_server.desk import Desk

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager


class McpDoor:
    """An ASGI application. It is run by a task of its own, which must end what it began."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._knocked = asyncio.Event()
        self._built: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._built is None:
            raise RuntimeError("the door is asked before it runs")
        self._knocked.set()
        app = await asyncio.shield(self._built)
        await app(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open for whoever knocks, until the end."""
        self._built = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._run(self._built))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, built: asyncio.Future[ASGIApp]) -> None:
        await self._knocked.wait()
        try:
            app, manager = await asyncio.to_thread(self._mounted)
        except Exception as error:  # noqa: BLE001  who knocked is told, and it is raised there
            built.set_exception(error)
            return
        async with manager.run():
            built.set_result(app)
            await asyncio.Event().wait()

    def _mounted(self) -> tuple[ASGIApp, StreamableHTTPSessionManager]:
        from agent.interfaces.mcp_server.server import mounted

        return mounted(self._desk, LARGEST)
