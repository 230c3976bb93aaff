"""A conversation handed over for its close: by its turns, by its file, or by what checkpoints have gathered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.adapters import transcripts
from agent.bootstrap import House
from agent.closer import Closer
from agent.domain.receipt import Receipt
from agent.domain.request import Request
from agent.domain.session import SessionKey
from agent.domain.transcript import Turn
from agent.errors import UsageError
from agent.interfaces import handed
from agent.interfaces.mcp_server.arguments import file_of
from agent.interfaces.requests import ask

REASON = "asked for"
NAMED = 5
"""How many sessions of a file an error names."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What is to be closed: with neither file nor turns, what was taken in before.

    Raises UsageError for both at once.
    """

    session: SessionKey
    file: str | None
    turns: tuple[Turn, ...]

    def __post_init__(self) -> None:
        if self.file and self.turns:
            raise UsageError("a transcript and turns at once", hint="pass one of them")

    def request(self, house: House) -> tuple[SessionKey, str]:
        """Have the worker close it. Gives the session it is closed under, and the job; both are on disk by then.
        Turns and files wait for no database and no other process."""
        if self.turns:
            return self.session, handed.hand_over(house.home, self.session, self.turns, house.redactor, REASON)
        key, path = (self.session, None) if self.file is None else self._found(self.file)
        if path is None:
            self._expect_turns(house)
        return key, ask(house.home, "end", key, transcript=path, reason=REASON)

    def close(self, house: House, closer: Closer) -> tuple[SessionKey, Receipt]:
        """Close it here and now, under watch, so that the sweeper finishes what this process can't."""
        key, path = (self.session, None) if self.file is None else self._found(self.file)
        if self.turns:
            handed.take_in(closer, key, handed.fit(self.turns, house.redactor))
        if path is None:
            self._expect_turns(house)
        transcript = str(path) if path else None
        watched = Request(f"{REASON} {key}", "end", key, datetime.now(UTC), transcript=transcript, reason=REASON)
        closer.sessions.note(watched)
        return key, closer.close(path, key)

    def _found(self, name: str) -> tuple[SessionKey, Path]:
        path = file_of(name)
        return session_in(path, self.session), path

    def _expect_turns(self, house: House) -> None:
        if not house.registry.length(self.session):
            raise UsageError(
                f"nothing of session {self.session} has been handed over", hint="pass `turns` or `transcript_path`"
            )


def session_in(path: Path, wanted: SessionKey) -> SessionKey:
    """The session a transcript's file is of: the one that is wanted, or the only one. Raises TranscriptError for a
    file that can't be read, UsageError when it holds several others."""
    found = list(dict.fromkeys(transcript.session for transcript in transcripts.read(path)))
    mine = [key for key in found if key == wanted or key.id == wanted.id]
    if mine or len(found) == 1:
        return (mine or found)[0]
    names = ", ".join(map(str, found[:NAMED]))
    raise UsageError(
        f"{path.name} holds {len(found)} conversations, and none is {wanted}",
        hint=f"name one of them as session: {names}" if found else "name another file",
    )
