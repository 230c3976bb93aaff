"""A conversation handed over for its close: by its turns, by its file, or by what checkpoints have gathered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agent.bootstrap import House
from agent.closer import Closer
from agent.domain.receipt import Receipt
from agent.domain.request import Request
from agent.domain.session import SessionKey
from agent.domain.transcript import Turn
from agent.errors import UsageError
from agent.interfaces.mcp_server.arguments import file_of
from agent.interfaces.requests import ask
from agent.stages.intake import redacted

REASON = "asked for"
NAMED = 5
"""How many sessions of a file an error names."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What is to be closed: with neither file nor turns, what was taken in before."""

    session: SessionKey
    file: str | None
    turns: tuple[Turn, ...]

    def request(self, house: House, closer: Closer) -> tuple[SessionKey, str]:
        """Have the worker close it. Gives the session it is closed under, and the job; both are on disk by then."""
        key, path = self._taken(house, closer)
        return key, ask(house.home, "end", key, transcript=path, reason=REASON)

    def close(self, house: House, closer: Closer) -> tuple[SessionKey, Receipt]:
        """Close it here and now, under watch, so that the sweeper finishes what this process can't."""
        key, path = self._taken(house, closer)
        watch(closer, key, path)
        return key, closer.close(path, key)

    def _taken(self, house: House, closer: Closer) -> tuple[SessionKey, Path | None]:
        if self.file and self.turns:
            raise UsageError("a transcript and turns at once", hint="pass one of them")
        if self.file:
            path = file_of(self.file)
            return session_in(closer, path, self.session), path
        take_turns(house, closer, self.session, self.turns)
        if not house.registry.length(self.session):
            raise UsageError(
                f"nothing of session {self.session} has been handed over", hint="pass `turns` or `transcript_path`"
            )
        return self.session, None


def take_turns(house: House, closer: Closer, key: SessionKey, turns: Sequence[Turn]) -> None:
    """Take in those turns of a conversation that weren't before, redacted. Waits for no other process and no store but
    the registry: what it took in is closed even if nothing else can be reached now."""
    now, counts = datetime.now(UTC), Counter[str]()
    given = [redacted(replace(turn, when=turn.when or now), house.redactor, counts) for turn in turns]
    new = fresh([turn for turn in house.registry.turns(key) if not turn.ours], given)
    if new:
        watch(closer, key)
        house.registry.append(key, new)


def fresh(known: Sequence[Turn], given: Sequence[Turn]) -> list[Turn]:
    """What is left of the turns given when those known are taken off their beginning: a model may hand over the whole
    conversation, what came since, the end of the one and the beginning of the other, or an old part again."""
    have, said = ([(turn.role, turn.text) for turn in turns] for turns in (known, given))
    for start in range(len(have)):
        again = have[start : start + len(said)]
        if said[: len(again)] == again:
            return list(given[len(again) :])
    return list(given)


def session_in(closer: Closer, path: Path, wanted: SessionKey) -> SessionKey:
    """The session a transcript's file is of: the one that is wanted, or the only one. Raises TranscriptError for a
    file that can't be read, UsageError when it holds several others."""
    found = list(dict.fromkeys(transcript.session for transcript in closer.conversations(path)))
    mine = [key for key in found if key == wanted or key.id == wanted.id]
    if mine or len(found) == 1:
        return (mine or found)[0]
    names = ", ".join(map(str, found[:NAMED]))
    raise UsageError(
        f"{path.name} holds {len(found)} conversations, and none is {wanted}",
        hint=f"name one of them as session: {names}" if found else "name another file",
    )


def watch(closer: Closer, key: SessionKey, path: Path | None = None) -> None:
    """Note in the session's row that it lives, and where its transcript is."""
    transcript = str(path) if path else None
    request = Request(f"{REASON} {key}", "end", key, datetime.now(UTC), transcript=transcript, reason=REASON)
    closer.sessions.note(request)
