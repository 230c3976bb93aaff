"""What stands before every route: only this machine's names as Host, no foreign Origin, the token, a bounded body."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.interfaces.http.problems import problem
from agent.interfaces.http.token import Guard, bearer

LARGEST = 16 * 1024 * 1024
"""Bytes of a request's body."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
OPEN = ("/v1/health", "/openapi.json")
"""Paths that need no token: they say nothing of anybody."""
OFFERED = "bearer."
"""What stands before the token where a browser's WebSocket offers it as a subprotocol: it can send no other header."""


class Gate:
    """An ASGI layer that turns away what must not come in. Names are checked so that a web page can't reach the service
    under a name that its own server points here (DNS rebinding)."""

    def __init__(self, app: ASGIApp, guard: Guard, hosts: Collection[str] = LOOPBACK) -> None:
        self._app, self._guard, self._hosts = app, guard, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, _bounded(receive), send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if not hosts or any(_name(host) not in self._hosts for host in hosts):
            return problem(421, "misdirected", "this service answers under its own names alone")
        if any(_site(origin) not in self._hosts for origin in origins):
            return problem(403, "foreign_origin", "pages of other sites may not call this service")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length[:20]) > LARGEST:
            return problem(413, "too_large", f"a body may have {LARGEST} bytes")
        return None if scope["path"] in OPEN else self._unknown(_token(scope, headers))

    def _unknown(self, given: str | None) -> Response | None:
        wait = self._guard.wait()
        if self._guard.admits(given):
            return None
        if wait and given is not None:
            return problem(429, "too_many_tries", "too many wrong tokens", headers={"Retry-After": str(wait)})
        told = "the home's token is needed: Authorization: Bearer …"
        return problem(401, "unauthorized", told, headers={"WWW-Authenticate": "Bearer"})


def _token(scope: Scope, headers: Headers) -> str | None:
    given = bearer(headers.get("authorization"))
    if given is None and scope["type"] == "websocket":
        return next((p.removeprefix(OFFERED) for p in scope["subprotocols"] if p.startswith(OFFERED)), None)
    return given


def _name(host: str) -> str:
    """A host without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


def _site(origin: str) -> str:
    """The host of an origin; empty for one that has none."""
    try:
        return _name(urlsplit(origin).netloc)
    except ValueError:
        return ""


def _bounded(receive: Receive) -> Receive:
    """Refuses a body that is longer than it said it would be."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST:
            raise HTTPException(413, f"a body may have {LARGEST} bytes")
        return message

    return bounded
