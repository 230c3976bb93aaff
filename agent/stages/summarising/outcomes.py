"""What the talk itself settles or leaves open: sentences of the user's, read with what they answer.

A short answer (`kill it`, `200`) is given together with the assistant's sentence it answers, so that the line can be
understood later. How far a sentence decides or defers is learned (`bench/train/outcomes.py`) from surface features.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agent.domain.markdown import one_line
from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.stages.reading.shortening import shortened
from agent.stages.reading.words import content
from agent.stages.summarising.candidates import own_words
from agent.stages.summarising.outcome_cues import SAID, TAKEN_UP, TOLD

THIN: Final = 4
"""Fewer telling words than this don't say what a reply is about."""
REACH: Final = 40
"""Sentences of the assistant's, from the end of its turn, that a reply may answer."""
LONG: Final = 14
SHORT: Final = 24
"""A turn of so many words is quoted whole."""
_CLOSING: Final = 0.8
_NUMBER = re.compile(r"\d+")


_ASKED = re.compile(
    r"(?:why|how|where|when|which) (?:is|are|do|does|did|can|isn['’]?t|aren['’]?t|doesn['’]?t)\b"
    r"|(?:does|did|is|are|was|do|has|can) (?!not\b|n['’]t)[^,.:;!]{3,80}\.?$",
    re.IGNORECASE,
)
"""A question whose mark was left out."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of the user's, with what it answers."""

    turn: int
    """Index of the user's turn."""
    quote: str
    """The sentence as it was written, on one line."""
    features: dict[str, float]
    stems: frozenset[str]
    whole: str
    """Everything the user said in that turn in their own words, on one line."""
    answers: Line | None
    """The assistant's sentence it answers, shortened."""

    @property
    def asks(self) -> bool:
        return self.quote.endswith("?") or bool(_ASKED.match(self.quote))


def sentences_of_the_user(turns: Sequence[Turn]) -> list[Said]:
    """Every sentence the user said in their own words, in order."""
    spoken = [turn for turn in turns if turn.role in ("user", "assistant")]
    acted = {turn.index for turn in turns if turn.action and turn.action.verb in ("write", "run")}
    begin, end = (turns[0].index, turns[-1].index) if turns else (0, 0)
    found: list[Said] = []
    for at, turn in enumerate(spoken):
        if turn.role != "user":
            continue
        place = {
            "opens": float(at == 0),
            "closes": float((turn.index - begin) / max(end - begin, 1) > _CLOSING),
            "last": float(not any(later.role == "user" for later in spoken[at + 1 :])),
            "taken up": float(at + 1 < len(spoken) and _takes_up(spoken[at + 1])),
            "acted on": float(turn.index + 1 in acted),
        }
        before = spoken[at - 1] if at and spoken[at - 1].role == "assistant" else None
        found += _of_turn(turn, before, place)
    return found


def _takes_up(turn: Turn) -> bool:
    return turn.role == "assistant" and bool(TAKEN_UP.match(turn.text))


def _of_turn(turn: Turn, before: Turn | None, place: dict[str, float]) -> Iterator[Said]:
    told = [s.text for s in own_words(before)[-REACH:]] if before else []
    own = [one_line(s.text.strip("*_ ")) for s in own_words(turn)]
    own = [sentence for sentence in own if any(c.isalpha() for c in sentence) or sentence.isdigit()]
    whole = " ".join(sentence if sentence[-1] in ".!?…:" else f"{sentence}." for sentence in own)
    for number, sentence in enumerate(own):
        stems = frozenset(content(sentence))
        answered = _answered(sentence, told) if number == 0 or len(stems) < THIN else ""
        features = {f"said: {name}": 1.0 for name, cue in SAID.items() if cue.search(sentence)}
        features |= {f"told: {name}": 1.0 for name, cue in TOLD.items() if answered and cue.search(answered)}
        features |= place | {
            "thin": float(len(stems) < THIN),
            "long": float(len(stems) > LONG),
            "first": float(number == 0),
            "alone": float(len(own) == 1),
            "told": float(bool(before)),
        }
        answers = Line(shortened(answered).rstrip(".!: "), (before.index,)) if before and answered else None
        yield Said(turn.index, sentence, features, stems, whole, answers)


def _answered(sentence: str, told: Sequence[str]) -> str:
    """The assistant's sentence a reply answers: the one it shares most words with, else the last that asks, else the
    last that proposes, else the longest."""
    words = {*content(sentence), *_NUMBER.findall(sentence)}
    shared = [len(words & {*content(other), *_NUMBER.findall(other)}) for other in told]
    if any(shared):
        return told[max(range(len(told)), key=lambda i: (shared[i], i))]
    for cue in (TOLD["question"], TOLD["proposal"]):
        fitting = [other for other in told if cue.search(other)]
        if fitting:
            return fitting[-1]
    return max(told, key=len, default="")


def quoted(said: Sequence[Said]) -> Line:
    """Sentences of one turn as one line: the whole turn when it is short, after what it answers where it says too
    little alone or answers a question."""
    first = said[0]
    text = first.whole if len(first.whole.split()) <= SHORT else " ".join(s.quote for s in said)
    stems = frozenset(content(text))
    about = next((s.answers for s in said if s.answers), None)
    if about is None or not (len(stems) < THIN or about.text.endswith("?")):
        line = shortened(text) if len(said) == 1 and len(stems) >= THIN else text
        return Line(line[:1].upper() + line[1:], (first.turn,))
    return Line(f"{about.text} — {text}", (*about.turns, first.turn))
