"""Does one request after the other: the session is opened, followed, or closed."""

from __future__ import annotations

import os
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from agent.closer import Closer
from agent.domain.request import Request
from agent.errors import Busy, TranscriptError, UsageError
from agent.interfaces import handed
from agent.interfaces.hooks import opencode, places
from agent.interfaces.steps import Steps
from agent.interfaces.working.telling import tell

SETTLED = 0.3
"""Seconds a transcript must not have grown before it is read: hosts write it while they call."""
PATIENCE = 5.0
"""Seconds that is waited for."""


class Doing:
    """The requests of one home, done with a closer of their own: it isn't shared by threads."""

    def __init__(self, home: Path, stopping: threading.Event) -> None:
        """`stopping`: once set, what can't go on is given back instead of waited for."""
        self._home, self._stopping = home, stopping
        self._steps = Steps(home)
        self._closer = Closer.at(home, listener=self._steps.told)
        self._turn = threading.Lock()

    def handle(self, request: Request) -> dict[str, Any]:
        """Do one request, and give facts as JSON. An error means that it isn't done; one that no further try mends has
        been written down in the session's row."""
        with self._turn:
            self._steps.begin(request)
            try:
                return self._patiently(request)
            except (TranscriptError, UsageError) as error:
                self._closer.sessions.fail(request.session, error.message)
                tell("error", "request.failed", job=request.id, session=str(request.session), error=error.message)
                raise
            except Exception as error:
                told = {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
                tell("error", "request.failed", job=request.id, session=str(request.session), **told)
                raise
            finally:
                self._steps.end()

    def able(self, request: Request) -> bool:
        """Whether a request that another home was asked for can be done here: its transcript must be in sight, and
        not be that home's own."""
        path = Path(request.transcript) if request.transcript else None
        if path is None or handed.given(self._home, request):
            return True
        # Not `exists`: in a folder that only somebody else may enter, it raises.
        return os.access(path, os.R_OK) and path.parent.name != handed.FOLDER

    def shut(self) -> None:
        """Let go of files, models and connections, after what runs."""
        with self._turn:
            self._steps.end()
            self._closer.shut()

    def _patiently(self, request: Request) -> dict[str, Any]:
        """Another process may have the home or a database for long: that is waited for, and no failure."""
        while True:
            try:
                done = self._done(request)
                if request.cwd:
                    self._prepare(request.cwd)
            except Busy as error:
                tell("warning", "request.waits", job=request.id, session=str(request.session), error=error.message)
                if self._stopping.is_set():
                    raise
            else:
                return done

    def _done(self, request: Request) -> dict[str, Any]:
        if handed.given(self._home, request):
            with handed.taken_in(self._closer, request) as rest:
                return self._done(rest)
        if request.kind == "start":
            # Opened before it is noted: a session that is known already resumes, with the code it began from.
            self._closer.open(request.session, cwd=request.cwd)
            self._closer.sessions.note(request)
            return {}
        if request.kind == "end":
            self._closer.sessions.closing(request)
        else:
            self._closer.sessions.note(request)
        path = Path(request.transcript) if request.transcript else None
        if path is not None and path.exists():
            _settle(path)
            if request.kind == "checkpoint":
                receipt = self._closer.follow(request.session, path, cwd=request.cwd)
            else:
                receipt = self._closer.close(path, session=request.session)
                opencode.let_go(self._home, path)
        elif self._closer.sessions.silent(request.session):
            if request.kind == "end":
                self._closer.sessions.finish(request.session, "nothing was said")
            return {}
        else:
            receipt = self._closer.close(session=request.session)
        return {"outcome": receipt.outcome, "commit": receipt.commit}

    def _prepare(self, cwd: str) -> None:
        """Leave the brief of the next session in this folder where a hook finds it."""
        target = Path(places.brief(str(self._home), cwd))
        target.parent.mkdir(mode=0o700, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        beside.write_text(f"{cwd}\n{self._closer.brief(cwd).text}", "utf-8")
        beside.replace(target)


def _settle(path: Path) -> None:
    """Wait until the file stops growing, within reason."""
    deadline = time.monotonic() + PATIENCE
    size = -1
    while time.monotonic() < deadline and size != (size := path.stat().st_size):
        time.sleep(SETTLED)
