"""The MCP server of one home, for any transport the SDK has."""

from __future__ import annotations

import inspect
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import ToolAnnotations
from starlette.types import ASGIApp

from agent import __version__
from agent.interfaces.mcp_server import wording
from agent.interfaces.mcp_server.arguments import HOST, SESSION
from agent.interfaces.mcp_server.desk import Desk
from agent.interfaces.mcp_server.resources import DEFAULT, Resources, expect
from agent.interfaces.mcp_server.tools import Tools

MARKDOWN = "text/markdown"


def server(home: str | Path | None = None, *, shared: bool = False) -> MCPServer[None]:
    """Tools, resources and prompts over the memory at `home`. Touches nothing before the first call. `shared`: let the
    home's service do what is costly, started for want of one."""
    return _server(Desk(home, shared=shared))


def mounted(desk: Desk, largest: int) -> tuple[ASGIApp, StreamableHTTPSessionManager]:
    """Streamable HTTP at the `/mcp` of a service, at a desk that the service attends, and what has to run meanwhile.
    Every request stands for itself, so that a client notices no restart. `largest`: bytes of a request's body."""
    made = _server(desk, attends=False)
    app = made.streamable_http_app(stateless_http=True, max_request_body_size=largest)
    return app, made.session_manager


def _server(desk: Desk, *, attends: bool = True) -> MCPServer[None]:
    @asynccontextmanager
    async def attended(_: MCPServer[None]) -> AsyncIterator[None]:
        async with desk.attended() if attends else nullcontext():
            yield

    made = MCPServer(
        "closer",
        title="closer: memory across conversations",
        instructions=wording.INSTRUCTIONS,
        version=__version__,
        log_level="WARNING",
        lifespan=attended,
    )
    _add_tools(made, Tools(desk))
    resources = Resources(desk)
    _add_resources(made, resources)
    _add_prompts(made, resources)
    return made


def serve(home: str | None) -> None:
    """Serve one client over stdin and stdout until it hangs up."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="closer mcp: %(message)s")
    # A thread that waits for stdin can't be interrupted; a killed closer loses nothing it has acknowledged.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server(home, shared=True).run("stdio")


def _add_tools(made: MCPServer[None], tools: Tools) -> None:
    listed: list[tuple[Callable[..., Any], str, ToolAnnotations]] = [
        (tools.open, "Open with memory", _hints(idempotent=False)),
        (tools.remember, "Remember a statement", _hints(idempotent=False)),
        (tools.recall, "Search memory", _hints(read_only=True)),
        (tools.close, "Close a conversation", _hints()),
        (tools.forget, "Forget a statement", _hints(destructive=True)),
        (tools.status, "State of the memory", _hints(read_only=True)),
    ]
    for tool, title, hints in listed:
        made.add_tool(tool, title=title, description=inspect.getdoc(tool), annotations=hints)


def _hints(*, read_only: bool = False, destructive: bool = False, idempotent: bool = True) -> ToolAnnotations:
    return ToolAnnotations(
        read_only_hint=read_only, destructive_hint=destructive, idempotent_hint=idempotent, open_world_hint=False
    )


def _add_resources(made: MCPServer[None], resources: Resources) -> None:
    add = made.resource
    add("closer://index", name="index", title="The memory's index", mime_type=MARKDOWN)(resources.index)
    add(f"closer://brief/{DEFAULT}", name="brief", title="What is remembered", mime_type=MARKDOWN)(resources.default)
    add("closer://brief/{scope}", name="brief_of", title="What is remembered of a project", mime_type=MARKDOWN)(
        resources.brief
    )
    add("closer://note/{+path}", name="note", title="One note", mime_type=MARKDOWN)(resources.note)


def _add_prompts(made: MCPServer[None], resources: Resources) -> None:
    @made.prompt(title="Open with memory")
    async def open_with_memory(scope: str | None = None) -> str:
        """Begin this conversation with what earlier ones left. With a scope: that project's."""
        return wording.OPEN.format(brief=await resources.brief(scope or DEFAULT))

    @made.prompt(title="Close this session")
    def close_this_session(session: str | None = None) -> str:
        """Commit this conversation to memory. The session is the one that `open` gave."""
        expect(SESSION, session or HOST, "session")
        return wording.CLOSE.format(session=f"`session` {session}" if session else "the `session` that `open` gave")
