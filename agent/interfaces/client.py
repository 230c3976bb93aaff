"""A client of the home's running service: what the facade does, asked for over HTTP. Standard library only."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from agent import __version__
from agent.domain.markdown import iso
from agent.errors import (
    Busy,
    CloserError,
    ConfigError,
    EmbedderMismatch,
    EmbedderUnavailable,
    GatewayOffline,
    Unavailable,
    VaultError,
)
from agent.interfaces.service import Service, found, started

if TYPE_CHECKING:
    from agent.domain.transcript import Turn

Json = dict[str, Any]
CONNECT = 0.3
"""Seconds a service is given to say that it is there, before anything is asked of it."""
PATIENT = 3.0
"""The same where doing without costs more than waiting: a process that stays would load the model."""
ANSWER = 120.0
"""Seconds it is given to answer: it may wait for others that write, as everybody does."""
LARGEST = 16 * 1024 * 1024
"""Bytes of a request that it takes."""
TRIES, STEP = 30, 0.1
"""How often, and after how many seconds, a service is looked for again that is there and doesn't answer."""
READY = 15.0
"""Seconds a service that is started is waited for."""
_KINDS: Mapping[str, type[CloserError]] = {
    kind.code: kind
    for kind in (ConfigError, VaultError, EmbedderMismatch, Unavailable, GatewayOffline, EmbedderUnavailable, Busy)
}


class Declined(Unavailable):
    """The service did nothing of what it was asked, and this process would say why."""


class _Missing(Declined):
    """There is no such thing."""


class Lost(Unavailable):
    """The connection broke after the request was sent: it may have been done."""


class Client:
    """One operation's connection to a service. Every method answers with the JSON that the facade's value has, and
    raises what the facade raises, Declined or Lost."""

    def __init__(self, http: HTTPConnection, token: str, key: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def open(self, session: str, cwd: str | None) -> Json:
        return self._post("/v1/sessions", {"session": session, "cwd": cwd})

    def checkpoint(self, session: str, turns: Sequence[Turn], cwd: str | None) -> Json:
        return self._post(f"/v1/sessions/{_named(session)}/turns", {"turns": [_said(t) for t in turns], "cwd": cwd})

    def remember(self, text: str, session: str | None, scope: str | None) -> Json:
        return self._post("/v1/remember", {"text": text, "session": session, "scope": scope})

    def recall(self, question: str, k: int, scope: str | None) -> Json:
        return self._post("/v1/recall", {"question": question, "k": k, "scope": scope})

    def forget(self, what: str) -> Json:
        return self._post("/v1/forget", {"what": what})

    def brief(self, cwd: str) -> Json:
        return self._ask("GET", f"/v1/brief?cwd={quote(cwd, safe='')}")

    def status(self) -> Json:
        return self._ask("GET", "/v1/status")

    def job(self, ident: str) -> Json | None:
        try:
            job = self._ask("GET", f"/v1/jobs/{quote(ident, safe='')}")
        except _Missing:
            return None
        return job | {"receipt": self._receipt(job["session"]) if job["status"] == "done" else None}

    def _receipt(self, session: str) -> Json | None:
        """None for a session that left nothing to close."""
        try:
            return self._ask("GET", f"/v1/sessions/{_named(session)}/receipt")
        except _Missing:
            return None

    def _post(self, path: str, body: Json) -> Json:
        payload = json.dumps(body).encode()
        if len(payload) > LARGEST:
            raise Declined("more than the service takes at once")
        return self._ask("POST", path, payload)

    def _ask(self, method: str, path: str, payload: bytes | None = None) -> Json:
        try:
            self._http.request(method, path, payload, self._headers)
            answer = self._http.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            raise Lost(
                f"the service went away before it answered ({type(error).__name__}); what was asked may have been done",
                hint="look with `closer recall` or `closer status`, then ask again",
            ) from error
        if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise _refusal(answer.status, content)
        found: Json = json.loads(content)
        return found


def reach(home: Path, key: str, *, start: bool = False) -> Client | None:
    """A client of the home's service, which has just said that it is there and of this version; None without one.

    `key`: under which the service does something once, however often it is asked. `start`: start one if there is none,
    and wait for it rather than do without.
    """
    for _ in range(TRIES if start else 1):
        service = started(home, READY) if start else found(home)
        try:
            return _connected(home, service, key, PATIENT if start else CONNECT) if service else None
        except TimeoutError:
            return None
        except (OSError, HTTPException):
            # One that is just ending is seen for a moment longer than it answers.
            time.sleep(STEP if start else 0)
    return None


def _connected(home: Path, service: Service, key: str, wait: float) -> Client | None:
    """None for a service that is not of this version. Raises OSError or HTTPException for one that doesn't answer."""
    address = urlsplit(service.url)
    http = HTTPConnection(address.hostname or "", address.port, timeout=wait)
    try:
        token = (home / "token").read_text("ascii").strip()
        http.request("GET", "/v1/health")
        known = _same(http.getresponse().read())
    except BaseException:
        http.close()
        raise
    if not known or http.sock is None:
        http.close()
        return None
    http.sock.settimeout(ANSWER)
    return Client(http, token, key)


def _same(content: bytes) -> bool:
    """Whether a service that answers so is of this version."""
    try:
        return bool(json.loads(content) == {"closer": __version__})
    except ValueError:
        return False


def _named(session: str) -> str:
    return quote(session, safe="")


def _said(turn: Turn) -> Json:
    action = turn.action and {"verb": turn.action.verb, "target": turn.action.target, "ok": turn.action.ok}
    return {"role": turn.role, "text": turn.text, "name": turn.name, "when": iso(turn.when) or None, "action": action}


def _refusal(status: int, content: bytes) -> CloserError:
    if status == HTTPStatus.NOT_FOUND:
        return _Missing("the service has no such thing")
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Declined(f"the service declined, with {status}")
    try:
        told = json.loads(content)
        kind, detail, hint = _KINDS[told["code"]], str(told["detail"]), str(told.get("hint", ""))
    except (ValueError, TypeError, LookupError):
        return CloserError(f"the service failed, with {status}", hint="see service.log in the home")
    return kind(detail, hint=hint)
