"""Measures extraction on the written conversations in bench/data/statements: what is kept, as what, in which words.

    CLOSER_MODELS=… PYTHONPATH=. python -m bench.quality.statements [all|open|held] [REGISTER]

`held` is the third that no training script reads, by the hash of a conversation's id. Also prints how far scores are
probabilities: the share really worth keeping of what scored alike.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.domain.fragment import Fragment
from agent.domain.session import GLOBAL, SessionKey
from agent.domain.transcript import Turn
from agent.stages.extracting.telling import Embed
from agent.stages.fragments import extract
from agent.stages.reading.words import content

DATA = Path(__file__).parents[1] / "data/statements"
HELD = 3
"""One conversation in this many is held back from training."""
COVERS = 0.5
"""Least share of the shorter one's content words that a statement and a quote of the same turn have in common."""
ALIKE = 0.6
"""Token F1 from which a statement reads as the labeller wrote it."""
BINS = 10
Case = Mapping[str, Any]


def cases(part: str = "all", register: str | None = None) -> Iterator[Case]:
    """The conversations of a part: `held`, `open` (all others) or `all`."""
    for path in sorted(DATA.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            if part in ("all", "held" if is_held(case["id"]) else "open") and register in (None, case["register"]):
                yield case


def is_held(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[1] % HELD == 0


def turns(case: Case) -> list[Turn]:
    when = datetime.fromisoformat(case["date"])
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return [Turn(t["role"], t["text"], when=when, index=i) for i, t in enumerate(case["turns"])]


def covers(statement: str, turn: int, label: Mapping[str, Any]) -> bool:
    """Whether a statement said in a turn is about what a label quotes from it."""
    said, quoted = set(content(statement)), set(content(label["quote"]))
    return turn == label["turn"] and len(said & quoted) >= COVERS * max(1, min(len(said), len(quoted)))


def tells(fragment: Fragment, label: Mapping[str, Any]) -> bool:
    """Whether a fragment is about what a label quotes, by its words or, agreed to, by its quote."""
    turn = fragment.sources[0].turns[-1]
    if fragment.trust == "agreed" and turn == label["turn"]:
        answer = fragment.sources[0].quote.rpartition("\n")[2]
        return answer in label["quote"] or label["quote"] in answer
    return covers(fragment.statement, turn, label)


def likeness(a: str, b: str) -> float:
    """F1 of the content words of two statements."""
    left, right = Counter(content(a)), Counter(content(b))
    return 2 * sum((left & right).values()) / max(1, sum(left.values()) + sum(right.values()))


@dataclass
class Tally:
    """Counts over conversations."""

    kept: int = 0
    right: int = 0
    labels: int = 0
    found: int = 0
    typed: int = 0
    worded: int = 0
    empty: int = 0
    silent: int = 0
    sentences: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    traps: Counter[str] = field(default_factory=Counter)
    sprung: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case, fragments: Sequence[Fragment]) -> None:
        self.kept += len(fragments)
        self.right += sum(any(tells(f, label) for label in case["keep"]) for f in fragments)
        self.empty += not case["keep"]
        self.silent += not case["keep"] and not fragments
        for label in case["keep"]:
            about = [f for f in fragments if tells(f, label)]
            best = max(about, key=lambda f: likeness(f.statement, label["statement"]), default=None)
            self.labels += 1
            self.missed[label["kind"]] += best is None
            if best:
                self.found += 1
                self.typed += best.kind == label["kind"]
                self.worded += likeness(best.statement, label["statement"]) >= ALIKE
                self.kinds[label["kind"], best.kind] += 1
        for trap in case["traps"]:
            self.traps[trap["why"]] += 1
            self.sprung[trap["why"]] += any(
                tells(f, trap) and not any(tells(f, label) for label in case["keep"]) for f in fragments
            )

    def lines(self) -> Iterator[str]:
        precision, recall = self.right / max(1, self.kept), self.found / max(1, self.labels)
        yield (
            f"precision {precision:.3f}  recall {recall:.3f}  F1 {_f1(precision, recall):.3f}  "
            f"kind {self.typed / max(1, self.found):.3f}  wording {self.worded / max(1, self.found):.3f}  "
            f"kept {self.kept}  labels {self.labels}  nothing to keep and silent {self.silent}/{self.empty}"
        )
        yield f"traps kept {sum(self.sprung.values()) / max(1, sum(self.traps.values())):.3f}: " + ", ".join(
            f"{why} {self.sprung[why]}/{n}" for why, n in self.traps.most_common()
        )
        yield "missed: " + ", ".join(f"{kind} {n}" for kind, n in self.missed.most_common() if n)
        yield "kinds (label → found): " + ", ".join(
            f"{a} → {b} {n}" for (a, b), n in self.kinds.most_common() if a != b
        )


def calibration(pairs: Sequence[tuple[float, bool]]) -> Iterator[str]:
    """A table of what was predicted and what was so, and the mean gap between them (ECE)."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for pair in pairs:
        bins[min(int(pair[0] * BINS), BINS - 1)].append(pair)
    gap = 0.0
    for at, members in enumerate(bins):
        if members:
            said, so = (sum(p[i] for p in members) / len(members) for i in (0, 1))
            gap += abs(said - so) * len(members) / len(pairs)
            yield f"  {at / BINS:.1f} to {(at + 1) / BINS:.1f}: predicted {said:.2f}, so {so:.2f} of {len(members)}"
    yield f"  ECE {gap:.3f}"


def measure(part: str, register: str | None = None, embed: Embed | None = None) -> Iterator[str]:
    tally, scores, confidences = Tally(), [], []
    for case in cases(part, register):
        key = SessionKey("bench", case["id"])
        fragments = [f for f in extract(turns(case), GLOBAL, key, embed=embed) if f.status == "active"]
        tally.add(case, fragments)
        ranked = [f for f in extract(turns(case), GLOBAL, key, limit=10_000, embed=embed) if f.status == "active"]
        scores += [(f.score, any(tells(f, label) for label in case["keep"])) for f in ranked]
        confidences += [
            (f.confidence, any(tells(f, label) and f.kind == label["kind"] for label in case["keep"]))
            for f in fragments
        ]
    yield from tally.lines()
    yield "score of every candidate → worth keeping"
    yield from calibration(scores)
    yield "confidence of what is kept → worth keeping and of the right kind"
    yield from calibration(confidences)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(precision + recall, 1e-9)


def main() -> None:
    from agent.adapters.embedder import open_embedder

    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    register = sys.argv[2] if len(sys.argv) > 2 else None
    models = os.environ.get("CLOSER_MODELS")
    embed = open_embedder("all-MiniLM-L6-v2", Path(models), threads=2).embed if models else None
    print(*measure(part, register, embed), sep="\n")


if __name__ == "__main__":
    main()
