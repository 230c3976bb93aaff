"""Turns told by a caller that may ask again: added once, even if the service died between adding and answering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.bootstrap import House
from agent.closer import Closer
from agent.domain.session import SessionKey
from agent.domain.transcript import Turn
from agent.interfaces.http.answers import Answers, Key
from agent.interfaces.http.bodies import Turns
from agent.interfaces.http.rooms import Json
from agent.stages.intake import redacted


def taken_in(
    house: House, closer: Closer, answers: Answers, key: Key | None, session: SessionKey, given: Turns
) -> Json:
    """The receipt of the checkpoint, or of the one that was made under this key before."""
    said = [turn.turn() for turn in given.turns]
    if key is None:
        return closer.checkpoint(session, said, cwd=given.cwd).as_json()
    begun = answers.begin(key, house.registry.length(session))
    if begun.answer is not None:
        return begun.answer
    if begun.again and _holds(house, session, begun.before, said):
        said = []
    answer = closer.checkpoint(session, said, cwd=given.cwd).as_json()
    answers.keep(key, answer)
    return answer


def _holds(house: House, session: SessionKey, before: int, said: Sequence[Turn]) -> bool:
    """Whether these turns were added, in one piece, after the first `before` of the session."""
    counts: Counter[str] = Counter()
    fit = [redacted(turn, house.redactor, counts) for turn in said]
    wanted = [(turn.role, turn.text) for turn in fit]
    known = [(turn.role, turn.text) for turn in house.registry.turns(session)]
    return any(known[at : at + len(wanted)] == wanted for at in range(before, len(known) - len(wanted) + 1))
