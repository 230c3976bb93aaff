"""What one turn tells in the speaker's own words: sentences made to stand alone, each with its worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agent.domain.transcript import Turn
from agent.ports import Vectors
from agent.stages.extracting.signs import ANYWHERE, Place, Signs, signs
from agent.stages.extracting.worth import Worth
from agent.stages.reading.compounds import parted
from agent.stages.reading.cues import Reading
from agent.stages.reading.forms import speaks
from agent.stages.reading.references import resolved
from agent.stages.reading.sentences import Sentence, split, typed
from agent.stages.reading.settled import understood
from agent.stages.reading.slots import restated, slot_of
from agent.stages.reading.wording import asks_to_remember, standing_alone, telling_parts, trimmed, without_reply
from agent.stages.reading.words import content

Embed = Callable[[Sequence[str]], Vectors]
"""Turns texts into vectors, one each, in order."""
DOUBT = 0.25
"""Below this the words alone settle that a sentence isn't worth keeping."""
LONGEST_TURN = 20_000
_ASKED_LAST = 300
"""How far from its end an assistant's turn is looked through for a question."""
_ASKED_FOR = 0.95
"""The worth of what a user asks to remember."""
_FOR_ONE_TASK = 0.1
"""The most an order or a report is worth that doesn't say it holds for good, in work with tools or on code."""
_ADRIFT = 0.2
"""The most a statement is worth that can't be understood without what was said before it."""
_SETTLED = 0.65
"""The worth of what plainly holds for a whole project from now on."""
_UNDECIDED = 0.2
"""The most a choice is worth that is still open."""
_FROM_A_TURN, _REMEMBERED = 8, 32
"""How many sentences of a turn, and of the talk, are looked through for whom a pronoun means."""
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
    signs: Signs
    worth: float
    work: bool = False
    """It was said in work with tools or on code."""
    vector: NDArray[np.float32] | None = None
    """The statement's, where one was made."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn of a user's, and what it tells."""

    turn: Turn
    items: list[Told]


def heard(turns: Iterable[Turn], worth: Worth, people: Collection[str] = (), *, work: bool = False) -> list[Heard]:
    """What each user turn tells. `people`: the speakers' names when persons talk with each other."""
    found: list[Heard] = []
    before = ""
    earlier: list[str] = []
    place = Place(work=work)
    for turn in turns:
        text = turn.text[:LONGEST_TURN]
        if turn.role == "assistant":
            place = replace(place, asked="?" in text[-_ASKED_LAST:], heard=frozenset(content(text)))
            earlier += [sentence.text for sentence in split(text) if sentence.own][-_FROM_A_TURN:]
        if turn.role == "user":
            here = replace(place, talk=turn.name in people)
            sentences = split(text) if here.talk else typed(text)
            items = list(told(sentences, turn.when, worth, before=before, place=here, earlier=earlier))
            own = [sentence.text for sentence in sentences if sentence.own]
            earlier = [*earlier, *own[-_FROM_A_TURN:]][-_REMEMBERED:]
            before = items[-1].statement if items else before
            found.append(Heard(turn, items))
    return found


def told(
    sentences: Sequence[Sentence],
    when: datetime | None,
    worth: Worth,
    *,
    before: str = "",
    place: Place = ANYWHERE,
    earlier: Sequence[str] = (),
) -> Iterator[Told]:
    """The sentences that tell something, in order. `before`: the statement that came last, for `No, it's 5433`.

    `place`: what is known of the turn they stand in; `earlier`: what was said right before it, sentence by sentence.
    """
    own = [sentence for sentence in sentences if sentence.own]
    said = list(earlier)
    for sentence in own:
        here = _placed(place, sentence, own)
        for part, whole in _parts(sentence, before):
            reading = replace(understood(whole), remember=asks_to_remember(sentence.text))
            if len(part.split()) < _FEWEST_WORDS or (reading.question and not reading.remember):
                continue
            statement = without_reply(restated(part.rstrip("?"), before))
            statement = standing_alone(statement if place.talk else resolved(statement, said), when)
            seen = signs(sentence.text, statement, reading, slot_of(statement), here)
            before = statement
            item = Told(statement, sentence.text, reading, seen, 0.0, work=place.work)
            yield replace(item, worth=_judged(item, worth))
        said.append(sentence.text)


def _placed(place: Place, sentence: Sentence, own: Sequence[Sentence]) -> Place:
    around = [other.text for other in own if other.paragraph == sentence.paragraph]
    return replace(
        place,
        first=sentence is own[0],
        alone=len(own) == 1,
        asks=any(other.text.endswith("?") for other in own),
        beside=len(around) < len(own) and not any(speaks(text) for text in around),
        listed=sentence.kind == "item",
    )


def _parts(sentence: Sentence, before: str) -> Iterator[tuple[str, str]]:
    """What a sentence tells, each with the part of the sentence that shows how it was meant."""
    for whole in telling_parts(trimmed(sentence.text)):
        for part in parted(whole, before):
            yield part, whole


def reread(turns: Sequence[Heard], worth: Worth, embed: Embed, least: float = DOUBT) -> list[Heard]:
    """The same, with what may be worth keeping, by its words at least so much, judged by its meaning too."""
    doubtful = sorted({item.statement for turn in turns for item in turn.items if item.worth >= least})
    vectors = dict(zip(doubtful, embed(doubtful), strict=True)) if doubtful else {}
    return [
        replace(turn, items=[_reread(item, worth, vectors.get(item.statement)) for item in turn.items])
        for turn in turns
    ]


def _reread(item: Told, worth: Worth, vector: NDArray[np.float32] | None) -> Told:
    if vector is None:
        return item
    return replace(item, worth=_judged(item, worth, vector), vector=vector)


def _judged(item: Told, worth: Worth, vector: NDArray[np.float32] | None = None) -> float:
    """The worth of what was told; what a user asks to remember is kept, an order for one task isn't."""
    rated = worth(item.signs, vector)
    if item.reading.remember:
        return max(rated, _ASKED_FOR)
    if item.reading.settled:
        rated = max(rated, _SETTLED)
    if "adrift" in item.signs and "talk" not in item.signs:
        rated = min(rated, _ADRIFT)
    if item.reading.undecided:
        rated = min(rated, _UNDECIDED)
    return min(rated, _FOR_ONE_TASK) if item.work and _of_the_moment(item) else rated


def _of_the_moment(item: Told) -> bool:
    """Whether it is an order for one task, something asked for with its reason, or a fault that somebody reports."""
    asked = item.reading.request and "habit" not in item.signs
    return item.reading.once or asked or {"reports", "trouble"} <= item.signs.keys()


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
    return [replace(chosen[0], statement=statement, quote=" ".join(item.quote for item in spoken), worth=weight)]
