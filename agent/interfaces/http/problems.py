"""Errors as `application/problem+json` (RFC 9457): what closer can explain, said with its code and its hint."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from agent.errors import Busy, CloserError, NeedsReview, TranscriptError, Unavailable, UsageError

MEDIA = "application/problem+json"
RETRY = "1"
"""Seconds after which a busy home may be asked again."""
_STATUS: tuple[tuple[type[CloserError], int], ...] = (
    (UsageError, 422),
    (TranscriptError, 422),
    (NeedsReview, 409),
    (Busy, 503),
    (Unavailable, 503),
)


def problem(status: int, code: str, detail: str, hint: str = "") -> JSONResponse:
    body = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "code": code, "detail": detail}
    headers = {"Retry-After": RETRY} if status in (429, 503) else None
    return JSONResponse(body | ({"hint": hint} if hint else {}), status, headers, MEDIA)


def explain(app: FastAPI) -> None:
    """Have every error answered as a problem."""

    @app.exception_handler(CloserError)
    async def ours(_: Request, error: CloserError) -> JSONResponse:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        return problem(status, error.code, error.message, error.hint)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return problem(422, "usage", told)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, "refused", str(error.detail))
