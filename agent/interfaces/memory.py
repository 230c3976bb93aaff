"""Ask a home, whoever answers: its running service where there is one, else this process. The answers are the same."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from agent.adapters import spool
from agent.home import home_folder
from agent.interfaces.client import Declined, Lost, reach
from agent.interfaces.hooks import places

if TYPE_CHECKING:
    from agent.closer import Closer
    from agent.domain.transcript import Turn

Json = dict[str, Any]
T = TypeVar("T")
ATTEMPTS = 2
"""Services that are asked: the one there is, and the one that took its place if it went away."""


class Memory(Protocol):
    """What the facade does, answered as JSON."""

    def open(self, session: str, cwd: str | None) -> Json: ...

    def checkpoint(self, session: str, turns: Sequence[Turn], cwd: str | None) -> Json: ...

    def remember(self, text: str, session: str | None, scope: str | None) -> Json: ...

    def recall(self, question: str, k: int, scope: str | None) -> Json: ...

    def forget(self, what: str) -> Json: ...

    def brief(self, cwd: str) -> Json:
        """What a session that began in this folder would be handed. Registers nothing."""

    def status(self) -> Json: ...

    def job(self, ident: str) -> Json | None:
        """What was asked for under this id: `id`, `status`, `session`, `error`, and the `receipt` once it is done."""


class Here:
    """The facade in this process."""

    def __init__(self, closer: Closer) -> None:
        self._closer = closer

    def open(self, session: str, cwd: str | None) -> Json:
        return self._closer.open(session, cwd=cwd).as_json()

    def checkpoint(self, session: str, turns: Sequence[Turn], cwd: str | None) -> Json:
        return self._closer.checkpoint(session, turns, cwd=cwd).as_json()

    def remember(self, text: str, session: str | None, scope: str | None) -> Json:
        return self._closer.remember(text, session, scope=scope).as_json()

    def recall(self, question: str, k: int, scope: str | None) -> Json:
        hits = self._closer.recall(question, k, scope)
        return {"question": question, "notice": hits.notice, "hits": [hit.as_json() for hit in hits]}

    def forget(self, what: str) -> Json:
        return self._closer.forget(what).as_json()

    def brief(self, cwd: str) -> Json:
        return self._closer.brief(cwd).as_json()

    def status(self) -> Json:
        return self._closer.status()

    def job(self, ident: str) -> Json | None:
        # Spool before engine: a request is in the engine before it leaves the spool.
        waiting = spool.waiting(places.spool(str(self._closer.settings.home)))
        if any(Path(path).stem == ident for path in waiting):
            return {"id": ident, "status": "waiting", "session": None, "error": "", "receipt": None}
        job = self._closer.jobs.get(ident)
        if job is None:
            return None
        session = job.request.session
        receipt = self._closer.receipt(session) if job.status == "done" else None
        return {"id": ident, "status": job.status, "session": str(session), "error": job.error, "receipt": receipt}


def asked(home: str | None, work: Callable[[Memory], T], *, twice: bool = True) -> T:
    """What `work` gives, which asks one thing. `twice`: doing that again changes nothing; else only a service is asked
    again, which knows what it has done.

    Raises Lost when the service went away with such a request and none could be started in its place.
    """
    return by_service(home_folder(home), work, lambda: _here(home), twice=twice)


def by_service(
    home: Path,
    work: Callable[[Memory], T],
    here: Callable[[], AbstractContextManager[Memory]],
    *,
    twice: bool = True,
    start: bool = False,
) -> T:
    """The same, where `here` gives this process's own way, and `start` says to start a service for want of one."""
    key = secrets.token_hex(16)
    lost: Lost | None = None
    for _ in range(ATTEMPTS):
        client = reach(home, key, start=start or (lost is not None and not twice))
        if client is None:
            break
        try:
            with client:
                return work(client)
        except Lost as error:
            lost = error
        except Declined:
            break
    if lost is not None and not twice:
        raise lost
    with here() as memory:
        return work(memory)


@contextmanager
def _here(home: str | None) -> Iterator[Memory]:
    from agent.closer import Closer

    with Closer.at(home) as closer:
        yield Here(closer)
