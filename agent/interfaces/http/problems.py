"""Errors as `application/problem+json` (RFC 9457): what closer can explain, said with its code and its hint."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from agent.errors import Busy, CloserError, NeedsReview, TranscriptError, Unavailable, UsageError

MEDIA = "application/problem+json"
RETRY = 1
"""Seconds after which a busy home may be asked again."""
_STATUS: tuple[tuple[type[CloserError], int], ...] = (
    (UsageError, 422),
    (TranscriptError, 422),
    (NeedsReview, 409),
    (Busy, 503),
    (Unavailable, 503),
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_log = logging.getLogger(__name__)

DESCRIBED: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem, told as RFC 9457 has it",
        "content": {
            MEDIA: {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "code", "detail"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "code": {"type": "string", "description": "Stable; programs decide by it."},
                        "detail": {"type": "string"},
                        "hint": {"type": "string", "description": "What to do next."},
                    },
                }
            }
        },
    },
}
"""What every route may answer besides what it is there for, as the description names it."""


class Problem(HTTPException):
    """What a route answers instead, with a code of its own."""

    def __init__(self, status: int, code: str, detail: str, hint: str = "") -> None:
        super().__init__(status, detail)
        self.code, self.hint = code, hint


def absent(error: UsageError) -> Problem:
    """What was named isn't there."""
    return Problem(404, error.code, error.message, error.hint)


def problem(
    status: int, code: str, detail: str, hint: str = "", *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    body = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "code": code, "detail": detail}
    given = ({"Retry-After": str(RETRY)} if status == 503 else {}) | dict(headers or {})
    return JSONResponse(body | ({"hint": hint} if hint else {}), status, given, MEDIA)


def explain(app: FastAPI, routes: Sequence[Route]) -> None:
    """Have every error answered as a problem. `routes`: all there are, to say what may be asked of a path."""

    @app.exception_handler(CloserError)
    async def ours(_: Request, error: CloserError) -> JSONResponse:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        return problem(status, error.code, error.message, error.hint)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return problem(422, "usage", told.encode("utf-8", "replace").decode())

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        code, hint = (error.code, error.hint) if isinstance(error, Problem) else ("refused", "")
        headers = {"Allow": _allowed(routes, request)} if error.status_code == 405 else error.headers
        return problem(error.status_code, code, str(error.detail), hint, headers=headers)

    @app.exception_handler(OSError)
    async def disk(_: Request, error: OSError) -> JSONResponse:
        return disk_problem(error)

    @app.exception_handler(Exception)
    async def bug(_: Request, error: Exception) -> JSONResponse:
        """The outermost door: the error is raised again behind this answer, and logged there."""
        return problem(500, "bug", f"closer failed: {type(error).__name__}", "please report it, with the service's log")


def _allowed(routes: Sequence[Route], request: Request) -> str:
    """The methods of a path: each is a route of its own."""
    path = next((route.path for route in routes if route.matches(request.scope)[0] != Match.NONE), None)
    return ", ".join(sorted({method for route in routes if route.path == path for method in route.methods or ()}))


def disk_problem(error: OSError) -> JSONResponse:
    """What can't be written was not done. The log names the file; the answer doesn't."""
    told = error.strerror or type(error).__name__
    if error.errno == errno.ENAMETOOLONG:
        return problem(422, "usage", f"a path that can't be: {told}")
    _log.warning("%s", error)
    if error.errno in _FULL:
        return problem(507, "disk_full", told, "make room on the disk of closer's home")
    return problem(503, "disk", told, "see that closer's home can be written")
