"""How far two labellings of sessions agree on what was decided, produced, left open and closed.

    python -m bench.quality.agreement [--data FOLDER] [--show [SLOT ...]]

Items of a session are matched one to one. With `--data`, the folder of the public sets, agreement on turns is also
told for the public transcripts, whose length the labels don't tell. `--show` lists what only one labeller has.

F1 of items is what kappa comes close to where nobody can count the items that weren't there to be found:
Hripcsak and Rothschild, "Agreement, the F-measure, and reliability in information retrieval", JAMIA 12(3), 2005.
Kappa is Cohen's: "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20(1),
1960. Kappa of turns asks of every turn whether a slot's items cite it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from scipy.optimize import linear_sum_assignment

from agent.adapters import transcripts
from bench.writeside.figures import f1
from bench.writeside.text import token_f1

LABELS = Path(__file__).parents[1] / "data/sessions"
SLOTS = ("decided", "produced", "open", "closes")
BESIDE = 0.5
"""What a cited turn counts for when the other labeller cites only one right before or after it."""
ALIKE = 0.4
"""Least mean of nearness and likeness of two labels of one thing. Chosen by reading the pairs around it."""
Value = TypeVar("Value", bound=Hashable)
Item = Mapping[str, Any]
Labels = Mapping[str, Mapping[str, Any]]


def read(path: Path) -> Labels:
    """A labelling, by session."""
    return {row["session"]: row for row in map(json.loads, path.read_text("utf-8").splitlines())}


def nearness(one: Sequence[int], other: Sequence[int]) -> float:
    """Dice's coefficient of two sets of cited turns, neighbours counting in part: 0 to 1."""
    return (_near(one, other) + _near(other, one)) / (len(one) + len(other))


def _near(turns: Sequence[int], others: Sequence[int]) -> float:
    gaps = (min(abs(turn - other) for other in others) for turn in turns)
    return sum({0: 1.0, 1: BESIDE}.get(gap, 0.0) for gap in gaps)


def likeness(one: str, other: str) -> float:
    """F1 of the content words, paths split into their names: 0 to 1."""
    return token_f1(one.replace("/", " "), other.replace("/", " "))


def similarity(one: Item, other: Item) -> float:
    """Mean of nearness and likeness; 0 when there is none of either.

    What was closed is known by its own words and session: the turns that close it only help to tell it.
    """
    near, like = nearness(one["turns"], other["turns"]), likeness(one["text"], other["text"])
    earlier = one.get("session")
    if not like or earlier != other.get("session") or not (near or earlier):
        return 0.0
    return (near + like) / 2


def similarities(first: Sequence[Item], second: Sequence[Item]) -> np.ndarray:
    """One row an item of `first`, one column an item of `second`; 0 for what is too unlike to be one thing."""
    scores = np.array([[similarity(one, other) for other in second] for one in first]).reshape(len(first), len(second))
    return np.where(scores >= ALIKE, scores, 0.0)


def matched(scores: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of row and column, each used once, of the largest sum."""
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if scores[i, j]]


def kappa(pairs: Mapping[tuple[Value, Value], int]) -> float:
    """Cohen's kappa of pairs of values, counted; NaN when there is nothing to disagree on."""
    whole = sum(pairs.values())
    ones: Counter[Value] = Counter()
    others: Counter[Value] = Counter()
    for (one, other), count in pairs.items():
        ones[one] += count
        others[other] += count
    by_chance = sum(ones[value] * others[value] for value in ones) / whole**2 if whole else 1.0
    seen = sum(count for (one, other), count in pairs.items() if one == other) / max(whole, 1)
    return (seen - by_chance) / (1 - by_chance) if by_chance < 1 else math.nan


@dataclass
class Tally:
    """Counts over sessions."""

    first: int = 0
    second: int = 0
    pairs: int = 0
    covered: int = 0
    """Items of either labelling that are like one of the other's, which may be like several."""
    turns: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    """Turns by whether each labeller cites them."""
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Matched items by the kinds they were given."""

    def add(self, first: Sequence[Item], second: Sequence[Item], length: int) -> None:
        scores = similarities(first, second)
        together = matched(scores)
        self.first += len(first)
        self.second += len(second)
        self.pairs += len(together)
        self.covered += int(scores.any(axis=0).sum() + scores.any(axis=1).sum())
        self.kinds.update((first[i]["kind"], second[j]["kind"]) for i, j in together if "kind" in first[i])
        cited = [{turn for item in items for turn in item["turns"]} for items in (first, second)]
        self.turns.update((turn in cited[0], turn in cited[1]) for turn in range(length))

    def row(self) -> list[str]:
        both, only = self.turns[True, True], self.turns[True, False] + self.turns[False, True]
        figures = (
            f1(self.pairs, self.first, self.second),
            self.covered / max(self.first + self.second, 1),
            f1(both, both + only, both) if self.turns else math.nan,
            kappa(self.turns),
        )
        return [str(self.first), str(self.second), str(self.pairs), *(rounded(value) for value in figures)]


def lengths(names: Sequence[str], labels: Path, data: Path | None) -> dict[str, int]:
    """How many turns each session has: a written one by its file, a public one only where `data` is given."""
    known = {}
    for name in names:
        path, public, number = name.rpartition("#")
        if not public:
            known[name] = len((labels / f"{name}.jsonl").read_text("utf-8").splitlines())
        elif data:
            known[name] = len(list(transcripts.read(data / "transcripts" / path))[int(number)].turns)
    return known


def compare(first: Labels, second: Labels, length: Mapping[str, int]) -> dict[tuple[str, str], Tally]:
    """Tallies by slot and part: `written`, `real` and `all`.

    Turns are counted in the parts of which `length` has every session.
    Raises ValueError when the two don't label the same stretches of the same sessions.
    """
    if {n: r.get("until") for n, r in first.items()} != {n: r.get("until") for n, r in second.items()}:
        raise ValueError("the two labellings cover different sessions, or different parts of them")
    parts = {"written": [n for n in first if "#" not in n], "real": [n for n in first if "#" in n], "all": list(first)}
    tallies = {(slot, part): Tally() for slot in SLOTS for part in parts}
    for (slot, part), tally in tallies.items():
        known = all(name in length for name in parts[part])
        for name in parts[part]:
            turns = min(length[name], first[name].get("until", length[name])) if known else 0
            tally.add(first[name][slot], second[name][slot], turns)
    return tallies


def table(tallies: Mapping[tuple[str, str], Tally]) -> Iterator[str]:
    """The tallies as a Markdown table, and agreement on the kinds of what was produced."""
    yield "| slot | sessions | first | second | matched | F1 | found, bundled or not | F1 of turns | kappa of turns |"
    yield "|---" * 9 + "|"
    for (slot, part), tally in tallies.items():
        if tally.first or tally.second:
            yield f"| {slot} | {part} | " + " | ".join(tally.row()) + " |"
    yield f"\nKind of what both found produced: {alike(tallies['produced', 'all'].kinds)}."


def alike(kinds: Counter[tuple[str, str]]) -> str:
    """How many matched items were given the same kind, in words."""
    same = sum(count for (one, other), count in kinds.items() if one == other)
    return f"{same} of {kinds.total()} alike, kappa {rounded(kappa(kinds))}"


def differences(first: Labels, second: Labels, slots: Sequence[str]) -> Iterator[str]:
    """A line for each item one labeller has alone: `<` the first, `>` the second; `~` if it is part of another's."""
    for name, row in first.items():
        for slot in slots:
            scores = similarities(row[slot], second[name][slot])
            rows, columns = zip(*matched(scores), strict=True) if scores.any() else ((), ())
            sides = (("<", row[slot], rows, scores), (">", second[name][slot], columns, scores.T))
            for mark, items, paired, found in sides:
                for i in sorted(set(range(len(items))) - set(paired)):
                    part = "~" if found[i].any() else " "
                    yield f"{mark}{part} {name} {slot} {items[i]['turns']}: {items[i]['text']}"


def rounded(value: float) -> str:
    """Two decimals, or a dash for NaN."""
    return "–" if math.isnan(value) else f"{value:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.quality.agreement", description=__doc__)
    parser.add_argument("--labels", type=Path, default=LABELS, help="folder of the sessions and the two labellings")
    parser.add_argument("--data", type=Path, default=os.environ.get("CLOSER_DATA"), help="folder of the public sets")
    parser.add_argument(
        "--show", nargs="*", choices=SLOTS, help="list what only one labeller has; all slots without one"
    )
    args = parser.parse_args()
    first, second = (read(args.labels / f"labels-{which}.jsonl") for which in ("first", "second"))
    print("\n".join(table(compare(first, second, lengths(list(first), args.labels, args.data)))))
    if args.show is not None:
        print("", *differences(first, second, args.show or SLOTS), sep="\n")


if __name__ == "__main__":
    main()
