"""Answers that would go on for ever, ended when the service is told to stop: the last piece is sent, they are over."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENDLESS = ("/v1/events", "/mcp")
"""Paths whose GET answers are streams."""


class Streams:
    """An ASGI layer that ends what is endless. WebSockets are closed by the server itself."""

    def __init__(self, app: ASGIApp, ending: asyncio.Event) -> None:
        self._app, self._ending = app, ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in ENDLESS:
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        running = asyncio.ensure_future(self._app(scope, receive, answer))
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait((running, ending), return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
                return
        finally:
            ending.cancel()
            if not running.done():
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
        await answer.finish()


class _Answer:
    """What was sent of an answer."""

    def __init__(self, send: Send) -> None:
        self._send, self._open = send, False

    async def __call__(self, message: Message) -> None:
        await self._send(message)
        self._open = message["type"] == "http.response.start" or bool(message.get("more_body"))

    async def finish(self) -> None:
        if self._open:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
