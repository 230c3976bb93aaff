"""What of a conversation may stand in a summary: its sentences, shortened, and the clauses they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.domain.transcript import Turn
from agent.stages.reading import shortening
from agent.stages.reading.resent import said_once
from agent.stages.reading.sentences import Sentence, split, typed
from agent.stages.reading.words import content

FEWEST_WORDS, FEWEST_TELLING = 4, 2
LONGEST_RUN = 3
"""Clauses of one sentence that may be quoted together without the rest of it."""
_PARTIES = frozenset({"user", "assistant", "human", ""})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, or some of its clauses, on one line."""

    text: str
    turn: int
    """Index of the turn it was said in."""
    role: str
    speaker: str
    """The speaker's name where there are several people; empty in a talk of one person with an assistant."""
    stems: frozenset[str]
    """The words that carry meaning."""
    words: int
    sentence: tuple[int, int]
    """Place of the turn among those given, and of the sentence in it; candidates of one sentence share it."""
    whole: bool
    """Nothing of the sentence is left out but fillers and asides."""
    place: float
    """Where in the talk it was said, 0 to 1."""

    @property
    def cost(self) -> int:
        """Words it takes in a summary, the speaker's name included."""
        return self.words + len(self.speaker.split())

    @property
    def shown(self) -> str:
        """The line as it reads in a summary."""
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


def own_words(turn: Turn) -> tuple[Sentence, ...]:
    """The sentences of a turn that are its speaker's own."""
    return _own_words(turn.text, turn.role == "user" and not speaker(turn))


@lru_cache(maxsize=1024)
def _own_words(text: str, of_user: bool) -> tuple[Sentence, ...]:
    """Remembered, because several stages read the same turns. What people say to each other, none of them pasted."""
    return tuple(sentence for sentence in (typed(text) if of_user else split(text)) if sentence.own)


def candidates(turns: Sequence[Turn]) -> list[Candidate]:
    """Every candidate of what users and assistants said, in order. Linear in the length of the text."""
    turns = said_once(turns)
    last = max(len(turns) - 1, 1)
    return [
        candidate
        for at, turn in enumerate(turns)
        if turn.role in ("user", "assistant")
        for number, sentence in enumerate(own_words(turn))
        for candidate in _of_sentence(turn, sentence, (at, number), at / last)
    ]


def speaker(turn: Turn) -> str:
    """The name of who said a turn, where it says more than the role."""
    name = turn.name or ""
    return "" if name.lower() in _PARTIES else name


def _of_sentence(turn: Turn, sentence: Sentence, key: tuple[int, int], place: float) -> Iterator[Candidate]:
    if sentence.text.rstrip().endswith(":"):
        return
    line = shortening.without_asides(shortening.shortened(sentence.text))
    for text, whole in _runs(line, shortening.clauses(line)):
        words, stems = len(text.split()), frozenset(content(text))
        if words >= FEWEST_WORDS and len(stems) >= FEWEST_TELLING:
            yield Candidate(text, turn.index, turn.role, speaker(turn), stems, words, key, whole, place)


def _runs(line: str, parts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    yield line, True
    for start in range(len(parts)):
        if start and shortening.leans(parts[start]):
            continue
        for end in range(start + 1, min(len(parts), start + LONGEST_RUN) + 1):
            if end - start < len(parts):
                yield shortening.opened(", ".join(parts[start:end])), False
