"""The service: routes to the facade, the MCP door beside them, and the gate before both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from agent import __version__
from agent.interfaces.http import listening, looking, memory, sessions
from agent.interfaces.http.gate import Gate
from agent.interfaces.http.mcp_door import McpDoor
from agent.interfaces.http.problems import DESCRIBED, explain
from agent.interfaces.http.rooms import opened
from agent.interfaces.http.streams import Streams
from agent.interfaces.http.token import Guard, token_of
from agent.interfaces.mcp_server.desk import Desk

PARTS = (sessions.router, memory.router, looking.router, listening.router)


def service(home: Path, ending: asyncio.Event | None = None) -> ASGIApp:
    """The ASGI application of a home, behind its gate. `ending`: set when streams are to be over."""
    return Gate(Streams(_routes(home), ending or asyncio.Event()), Guard(token_of(home)))


def _routes(home: Path) -> FastAPI:
    desk = Desk(home)
    door = McpDoor(desk)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        async with opened(home, desk) as app.state.rooms, door.running():
            yield

    app = FastAPI(
        title="closer",
        version=__version__,
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        responses=DESCRIBED,
    )
    explain(app, [route for part in PARTS for route in part.routes if isinstance(route, Route)])
    for part in PARTS:
        app.include_router(part)
    app.router.routes.append(Route("/mcp", door, include_in_schema=False))
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Say in the description what the gate asks for."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        found = plain()
        found.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
        found["paths"]["/v1/health"]["get"]["security"] = []
        return found

    app.openapi = described  # type: ignore[method-assign]
