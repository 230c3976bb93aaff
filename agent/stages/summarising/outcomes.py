"""What the talk itself settles or leaves open: sentences of the user's, read with what they answer.

A short answer (`kill it`, `200`) is given together with the assistant's sentence it answers, so that the line can be
understood later. How far a sentence decides or defers is learned (`bench/train/outcomes.py`) from surface features.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agent.domain.markdown import one_line
from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.stages.reading.shortening import shortened
from agent.stages.reading.sieve import Sieved
from agent.stages.reading.words import content
from agent.stages.summarising.candidates import own_words
from agent.stages.summarising.outcome_cues import SAID, TAKEN_UP, TOLD
from agent.stages.summarising.phrasing import capital, joined, leaning, lighter
from agent.stages.summarising.ruled_out import leads_in, praises, seeks, settled_part

THIN: Final = 4
"""Fewer telling words than this don't say what a reply is about."""
REACH: Final = 40
"""Sentences of the assistant's, from the end of its turn, that a reply may answer."""
LONG: Final = 14
SHORT: Final = 24
"""A turn of so many words is quoted whole."""
_CLOSING: Final = 0.8
_NUMBER = re.compile(r"\d+")
_MORE_HELP = Sieved(
    r"\b(?:anything else|any (?:other|more|further) (?:questions|help)|(?:how|what) (?:else )?can I (?:help|assist|do)"
    r"|let me know|feel free|(?:hope|glad) (?:this|that|I|it)|happy to help|good luck|enjoy)\b",
)
"""How an assistant ends its turn: nobody answers that."""


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
    told: str
    """What of it tells something: without what it goes on to ask."""
    features: dict[str, float]
    stems: frozenset[str]
    whole: str
    """Everything the user told in that turn in their own words, without what they asked, on one line."""
    before: str
    """What they said right before it in the same turn; empty when it opens the turn."""
    answers: Line | None
    """The assistant's sentence it answers, shortened."""
    ground: bool
    """It is said for a question or a request of the same turn, which the assistant has answered."""

    @property
    def asks(self) -> bool:
        return _asking(self.told)


def _asking(sentence: str) -> bool:
    return sentence.endswith("?") or bool(_ASKED.match(sentence))


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
        replied = any(later.role == "assistant" and later.text.strip() for later in spoken[at + 1 :])
        found += _of_turn(turn, before, place, replied)
    return found


def _takes_up(turn: Turn) -> bool:
    return turn.role == "assistant" and bool(TAKEN_UP.match(turn.text))


def _of_turn(turn: Turn, before: Turn | None, place: dict[str, float], replied: bool) -> Iterator[Said]:
    told = [s.text for s in own_words(before)[-REACH:] if not _MORE_HELP.search(s.text)] if before else []
    own = [one_line(s.text.strip("*_ ")) for s in own_words(turn)]
    written = [sentence for sentence in own if any(c.isalpha() for c in sentence) or sentence.isdigit()]
    own = [settled_part(sentence) for sentence in written]
    whole = joined([sentence for sentence in own if not _asking(sentence) and not sentence.endswith(":")])
    for number, sentence in enumerate(own):
        stems = frozenset(content(sentence))
        replies = number == 0 or len(stems) < THIN
        answered = _answered(sentence, told) if replies or leaning(sentence) else ""
        features = {f"said: {name}": 1.0 for name, cue in SAID.items() if cue.search(sentence)}
        features |= {
            f"told: {name}": 1.0 for name, cue in TOLD.items() if replies and answered and cue.search(answered)
        }
        features |= place | {
            "thin": float(len(stems) < THIN),
            "long": float(len(stems) > LONG),
            "first": float(number == 0),
            "alone": float(len(own) == 1),
            "told": float(bool(before)),
        }
        answers = Line(shortened(answered).rstrip(".!: "), (before.index,)) if before and answered else None
        ground = replied and _grounds(number, written, own)
        before_it = own[number - 1] if number else ""
        yield Said(turn.index, written[number], sentence, features, stems, whole, before_it, answers, ground)


def _grounds(number: int, written: Sequence[str], told: Sequence[str]) -> bool:
    """Whether a sentence of a turn is said for a question: it seeks help, goes on to ask, or leads a question in."""
    following = told[number + 1] if number + 1 < len(told) else ""
    if following and _asking(following) and (leads_in(told[number]) or len(content(following)) < THIN):
        return True
    asked = written[number] != told[number] or any(_asking(each) for each in told)
    return asked and seeks(told[number])


def _answered(sentence: str, told: Sequence[str]) -> str:
    """The assistant's sentence a reply answers: the one it shares most words with, else the last that asks, else the
    last that proposes, else the longest."""
    words = _terms(sentence)
    shared = [len(words & _terms(other)) for other in told]
    if any(shared):
        return told[max(range(len(told)), key=lambda i: (shared[i], i))]
    for cue in (TOLD["question"], TOLD["proposal"]):
        fitting = [other for other in told if cue.search(other)]
        if fitting:
            return fitting[-1]
    return max(told, key=len, default="")


@lru_cache(maxsize=1 << 12)
def _terms(sentence: str) -> frozenset[str]:
    """Stems and numbers: each reply of a turn is held against the same sentences."""
    return frozenset((*content(sentence), *_NUMBER.findall(sentence)))


def quoted(said: Sequence[Said], alone: bool = False) -> Line:
    """Sentences of one turn as one line: the whole turn when it is short, after what it answers where it says too
    little alone or answers a question. `alone`: these sentences only, however short the turn is."""
    first = said[0]
    whole = not alone and 0 < len(first.whole.split()) <= SHORT
    text = first.whole if whole else joined([s.told for s in said])
    if len(said) == 1 and len(content(text)) >= THIN:
        text = lighter(text)
    if leaning(text) and not whole and first.before and not _asking(first.before) and not praises(first.before):
        text = joined([first.before, text])
    about = next((s.answers for s in said if s.answers), None)
    if about is None or not (len(set(content(text))) < THIN or about.text.endswith("?") or leaning(text)):
        return Line(capital(text), (first.turn,))
    goes_on = text[:1].lower() + text[1:] if first.told[:1].islower() else text
    return Line(f"{about.text} — {goes_on}", (*about.turns, first.turn))
