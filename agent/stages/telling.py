"""What one turn tells in the speaker's own words: sentences made to stand alone, each with its worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent.stages.compounds import parted
from agent.stages.cues import Reading, read
from agent.stages.sentences import Sentence
from agent.stages.slots import restated, slot_of
from agent.stages.wording import asks_to_remember, standing_alone, telling_parts, trimmed, without_reply
from agent.stages.words import content
from agent.stages.worth import Worth, features

_FEWEST_WORDS = 2
_WORTH_IN_TALK = 0.03
_TALK_WORDS = 45
_WORTH_OF_A_WORD = 0.15
_FULL = 25


@dataclass(frozen=True, slots=True)
class Told:
    """Something in the speaker's own words, judged."""

    statement: str
    quote: str
    reading: Reading
    worth: float


def told(
    sentences: Sequence[Sentence],
    when: datetime | None,
    worth: Worth,
    *,
    before: str = "",
    talk: bool = False,
    work: bool = False,
) -> Iterator[Told]:
    """The sentences that tell something, in order. `before`: the statement that came last, for `No, it's 5433`.

    `talk`: people talk with each other. `work`: the conversation is work with tools or on code.
    """
    for sentence in sentences:
        for part, whole in _parts(sentence, before):
            reading = replace(read(whole), remember=asks_to_remember(sentence.text))
            if len(part.split()) < _FEWEST_WORDS or (reading.question and not reading.remember):
                continue
            statement = standing_alone(without_reply(restated(part.rstrip("?"), before)), when)
            weight = worth(features(sentence.text, statement, reading, slot_of(statement), talk=talk, work=work))
            before = statement
            yield Told(statement, sentence.text, reading, weight)


def _parts(sentence: Sentence, before: str) -> Iterator[tuple[str, str]]:
    """What a sentence tells, each with the part of the sentence that shows how it was meant."""
    for whole in telling_parts(trimmed(sentence.text)) if sentence.own else ():
        for part in parted(whole, before):
            yield part, whole


def together(items: Sequence[Told]) -> list[Told]:
    """What one person told another in one breath, as one statement: in talk a sentence alone rarely stands."""
    chosen: list[Told] = []
    words = 0
    for item in sorted(items, key=lambda i: -i.worth):
        length = len(item.statement.split())
        if not chosen or (item.worth >= _WORTH_IN_TALK and words + length <= _TALK_WORDS):
            chosen.append(item)
            words += length
    if not chosen:
        return []
    spoken = [item for item in items if item in chosen]
    statement = " ".join(item.statement for item in spoken)
    fuller = _WORTH_OF_A_WORD * min(len(content(statement)), _FULL)
    best = min(max(chosen[0].worth, 1e-6), 1 - 1e-6)
    weight = 1 / (1 + (1 - best) / best * math.exp(-fuller))
    return [Told(statement, " ".join(item.quote for item in spoken), chosen[0].reading, weight)]
