"""How far two labellings of conversations agree on what is worth keeping.

    python -m bench.quality.agreement_statements [--show]

The second labelling covers some of the conversations in bench/data/statements and was made from their turns alone.
Figures are of `coding` conversations, the others and all. `--show` lists what only one labeller keeps, or as what else.

Kappa of sentences asks of every sentence of the user's own prose whether something of it is kept. Items are found
where their quotes overlap in the same turn; precision and recall are the second labelling's against the first, so
they exchange places the other way round. Kinds are compared where items match one to one, by the largest overlap.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from agent.stages.reading.sentences import split
from bench.quality.agreement import alike, kappa, matched, rounded
from bench.quality.statements import DATA, Case, cases
from bench.writeside.figures import share

SECOND = DATA.with_name("statements-second.jsonl")
PARTS = ("coding", "other", "all")
Label = Mapping[str, Any]
Second = Mapping[str, Sequence[Label]]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of characters of one turn."""

    turn: int
    start: int
    end: int

    def shared(self, other: Span) -> int:
        """How many characters both have."""
        return max(0, min(self.end, other.end) - max(self.start, other.start)) if self.turn == other.turn else 0


def read(path: Path) -> Second:
    """The second labelling: what is kept, by the id of the conversation."""
    return {row["id"]: row["keep"] for row in map(json.loads, path.read_text("utf-8").splitlines())}


def quoted(label: Label, turns: Sequence[Mapping[str, str]]) -> Span:
    """Where a label quotes. Raises ValueError when the turn has no such words."""
    start = turns[label["turn"]]["text"].index(label["quote"])
    return Span(label["turn"], start, start + len(label["quote"]))


def overlaps(first: Sequence[Span], second: Sequence[Span]) -> np.ndarray:
    """Dice's coefficient of characters: one row a span of `first`, one column a span of `second`."""
    scores = [[2 * a.shared(b) / (a.end - a.start + b.end - b.start) for b in second] for a in first]
    return np.array(scores).reshape(len(first), len(second))


def sentences(turns: Sequence[Mapping[str, str]]) -> Iterator[Span]:
    """The sentences of the user's own prose."""
    for number, turn in enumerate(turns):
        if turn["role"] == "user":
            yield from (Span(number, piece.start, piece.end) for piece in split(turn["text"]) if piece.own)


@dataclass
class Tally:
    """Counts over conversations."""

    conversations: int = 0
    sentences: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    """Sentences by whether each labeller keeps something of them."""
    first: int = 0
    second: int = 0
    again: int = 0
    """Items of the first labelling that one of the second's overlaps."""
    right: int = 0
    """Items of the second labelling that overlap one of the first's."""
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Items matched one to one by the kinds they were given."""

    def add(self, case: Case, second: Sequence[Label]) -> None:
        turns, labels = case["turns"], (case["keep"], second)
        spans = [[quoted(label, turns) for label in side] for side in labels]
        scores = overlaps(*spans)
        self.conversations += 1
        self.sentences.update((_kept(sentence, spans[0]), _kept(sentence, spans[1])) for sentence in sentences(turns))
        self.first += len(spans[0])
        self.second += len(spans[1])
        self.again += int(scores.any(axis=1).sum())
        self.right += int(scores.any(axis=0).sum())
        self.kinds.update((labels[0][i]["kind"], labels[1][j]["kind"]) for i, j in matched(scores))

    def row(self) -> list[str]:
        precision, recall = share(self.right, self.second), share(self.again, self.first)
        kept = [sum(count for pair, count in self.sentences.items() if pair[side]) for side in (0, 1)]
        counts = (self.conversations, self.sentences.total(), *kept, self.first, self.second)
        figures = (kappa(self.sentences), precision, recall, share(2 * precision * recall, precision + recall))
        return [*map(str, counts), *map(rounded, figures), alike(self.kinds)]


def _kept(sentence: Span, labels: Iterable[Span]) -> bool:
    return any(sentence.shared(label) for label in labels)


def both(first: Iterable[Case], second: Second) -> Iterator[tuple[Case, Sequence[Label]]]:
    """The conversations labelled twice, with their second labels. Raises ValueError when one of them is missing."""
    found = [(case, second[case["id"]]) for case in first if case["id"] in second]
    if len(found) != len(second):
        raise ValueError(f"{len(second) - len(found)} of the conversations labelled again are missing")
    yield from found


def compare(pairs: Iterable[tuple[Case, Sequence[Label]]]) -> Mapping[str, Tally]:
    """Tallies by part: `coding`, `other` and `all`."""
    tallies = {part: Tally() for part in PARTS}
    for case, labels in pairs:
        for part in ("coding" if case["register"] == "coding" else "other", "all"):
            tallies[part].add(case, labels)
    return tallies


def table(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """The tallies as a Markdown table."""
    counts = "conversations | sentences | kept by first | kept by second"
    items = "items of first | items of second | precision | recall | F1 | kinds of matched items"
    yield f"| register | {counts} | kappa of sentences | {items} |"
    yield "|---" * 12 + "|"
    for part, tally in tallies.items():
        yield f"| {part} | " + " | ".join(tally.row()) + " |"


def differences(case: Case, second: Sequence[Label]) -> Iterator[str]:
    """A line for each item one labeller has alone, `<` the first and `>` the second, and `=` for each other kind."""
    sides = (case["keep"], second)
    scores = overlaps(*([quoted(label, case["turns"]) for label in side] for side in sides))
    for mark, labels, rows in (("<", sides[0], scores), (">", sides[1], scores.T)):
        for label, row in zip(labels, rows, strict=True):
            if not row.any():
                yield f"{mark} {case['id']} [{label['turn']}] {label['kind']}: {label['quote']}"
    for one, other in ((sides[0][i], sides[1][j]) for i, j in matched(scores)):
        if one["kind"] != other["kind"]:
            yield f"= {case['id']} [{one['turn']}] {one['kind']} or {other['kind']}: {one['quote']}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.quality.agreement_statements", description=__doc__)
    parser.add_argument("--second", type=Path, default=SECOND, help="the second labelling")
    parser.add_argument("--show", action="store_true", help="list what the two don't agree on")
    args = parser.parse_args()
    pairs = list(both(cases(), read(args.second)))
    print("\n".join(table(compare(pairs))))
    if args.show:
        print("", *(line for pair in pairs for line in differences(*pair)), sep="\n")


if __name__ == "__main__":
    main()
