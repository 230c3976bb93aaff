"""Take a transcript in: redact it, leave out what was forgotten, and say whether it holds anything to keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.domain.identity import normalised, statement_digest, transcript_digest
from agent.domain.markdown import clean, width
from agent.domain.transcript import Action, Exchange, Transcript, Turn, exchanges
from agent.ports import Redactor
from agent.stages.reading.resent import said_once
from agent.stages.reading.sentences import split
from agent.stages.reading.words import content
from agent.stages.subjects import ASIDE_WORDS
from agent.stages.summarising.commands import looks

FORGOTTEN = "[forgotten]"
SHORT_SESSION = 2
"""Turns that say something up to which a session may be a greeting or one quick question, however long it is."""
GREETING = 20
"""Letters and digits up to which a turn may say nothing but hello, yes or thanks."""
SUBSTANCE = 60
"""Letters and digits that the user's words and tools' doings of a short session must come to."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A transcript fit to be kept: redacted, stripped, measured."""

    transcript: Transcript
    exchanges: tuple[Exchange, ...]
    digest: str
    redactions: dict[str, int]
    nothing: str
    """Why there is nothing to keep; empty when there is."""

    def grows(self, turns: int, digest: str) -> bool:
        """Whether an earlier close saw exactly the first `turns` of these turns."""
        return len(self.transcript.turns) > turns and transcript_digest(self.transcript.turns[:turns]) == digest


def take_in(
    transcript: Transcript,
    redactor: Redactor,
    forgotten: Callable[[Sequence[str]], set[str]] | None = None,
) -> Intake:
    """Redact every text of a transcript. `forgotten` answers which statement digests were forgotten; sentences with
    those digests are struck out, so that what a person took back is not learned again."""
    counts: Counter[str] = Counter()
    turns = [redacted(turn, redactor, counts) for turn in transcript.turns]
    if forgotten is not None:
        turns = _struck(turns, forgotten)
    turns = [t for t in turns if t.text.strip() or t.action]
    title = redactor.redact(transcript.title).text if transcript.title else None
    kept = Transcript.of(
        transcript.session,
        turns,
        source=transcript.source,
        format=transcript.format,
        cwd=transcript.cwd,
        title=title,
        skipped=transcript.skipped,
        shortened=transcript.shortened,
    )
    cut = tuple(exchanges(kept.turns))
    return Intake(kept, cut, transcript_digest(kept.turns), dict(counts), _nothing(kept, cut))


def redacted(turn: Turn, redactor: Redactor, counts: Counter[str]) -> Turn:
    """A turn whose text, name and action hold no secret and no control characters."""
    texts = [turn.text, turn.name or "", turn.action.target if turn.action else ""]
    found = [redactor.redact(clean(text)) for text in texts]
    for one in found:
        counts.update(one.counts)
    action = Action(turn.action.verb, found[2].text, turn.action.ok) if turn.action else None
    return replace(turn, text=found[0].text, name=found[1].text or None, action=action)


def _struck(turns: Sequence[Turn], forgotten: Callable[[Sequence[str]], set[str]]) -> list[Turn]:
    said: dict[str, list[str]] = {}
    for turn in turns:
        for text in {turn.text, *(s.text for s in split(turn.text))}:
            if normalised(text):
                said.setdefault(statement_digest(text), []).append(text)
    gone = sorted((t for d in forgotten(list(said)) for t in said[d]), key=len, reverse=True)
    return [replace(turn, text=_without(turn.text, gone)) for turn in turns] if gone else list(turns)


def _without(text: str, gone: Sequence[str]) -> str:
    for sentence in gone:
        # On a line of its own, so that what follows isn't read as one sentence with the mark.
        text = text.replace(sentence, f"{FORGOTTEN}\n")
    return text


def _nothing(transcript: Transcript, cut: Sequence[Exchange]) -> str:
    users = said_once([t for t in transcript.turns if t.role == "user"])
    if not transcript.turns:
        return "the transcript holds no turns"
    if not users:
        return "nobody but the assistant and its tools spoke"
    if any(_leaves_something(t.action) for t in transcript.turns if t.action):
        return ""
    telling = [t for t in users if not _greets(t.text)]
    said = sum(width(t.text) for t in telling)
    if min(len(cut), len(telling)) <= SHORT_SESSION and said < SUBSTANCE:
        return "a greeting or one quick question"
    return ""


def _leaves_something(action: Action) -> bool:
    """Whether a tool did more than look around."""
    return action.verb == "write" or (action.verb == "run" and not looks(action.target))


def _greets(text: str) -> bool:
    return width(text) <= GREETING and all(stem in ASIDE_WORDS for stem in content(text))
