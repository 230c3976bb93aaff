"""What stands before every route: only this machine's names as Host, no foreign Origin, the token, a bounded body."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.interfaces.http.problems import problem
from agent.interfaces.http.token import Guard

LARGEST = 16 * 1024 * 1024
"""Bytes of a request's body."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
OPEN = ("/v1/health", "/openapi.json")
"""Paths that need no token: they say nothing of anybody."""


class Gate:
    """An ASGI layer that turns away what must not come in. Names are checked so that a web page can't reach the service
    under a name that its own server points here (DNS rebinding)."""

    def __init__(self, app: ASGIApp, guard: Guard, hosts: Collection[str] = LOOPBACK) -> None:
        self._app, self._guard, self._hosts = app, guard, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["path"], Headers(scope=scope))
        if refusal is not None:
            await problem(*refusal)(scope, receive, send)
            return
        await self._app(scope, _bounded(receive), send)

    def _refusal(self, path: str, headers: Headers) -> tuple[int, str, str] | None:
        if _name(headers.get("host", "")) not in self._hosts:
            return 421, "misdirected", "this service answers under its own names alone"
        origin = headers.get("origin")
        if origin is not None and _name(urlsplit(origin).netloc) not in self._hosts:
            return 403, "foreign_origin", "pages of other sites may not call this service"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return 413, "too_large", f"a body may have {LARGEST} bytes"
        if path not in OPEN and not self._guard.admits(headers.get("authorization")):
            return 401, "unauthorized", "the home's token is needed: Authorization: Bearer …"
        return None


def _name(host: str) -> str:
    """A host without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


def _bounded(receive: Receive) -> Receive:
    """Ends a body that is longer than it said it would be."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > LARGEST else message

    return bounded
