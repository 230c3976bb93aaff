"""What was decided, produced, left open and closed, against two labellings of the same sessions.

    WB_DATA=… python -m bench.quality.slots [--half built|held] [--show SESSION]

A line is right when it is about a labelled item, and an item is found when some line is about it: they cite a common
turn and share a fifth of the item's telling words, or share half of them. `--half held` are the sessions nothing was
tuned on. The last table is how well the two people's labels agree by the same rule: nobody does better than that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agent.adapters.transcripts import read
from agent.domain.session import GLOBAL, SessionKey
from agent.domain.subject import Line, Subject, Summary
from agent.domain.transcript import Action, Transcript, Turn
from agent.stages.fragments import extract
from agent.stages.reading.words import content
from agent.stages.summaries import OpenItem, summarise

FOLDER = Path(__file__).parents[1] / "data/sessions"
SLOTS = ("decided", "produced", "open", "closes")
SAME_TURN, SAME_WORDS = 0.2, 0.5
"""Share of an item's telling words a line must have to be about it: citing a common turn, and citing none."""

Items = Mapping[str, Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One person's labels of one session."""

    session: str
    items: Items
    until: int | None
    """Turns from here on were neither read nor counted."""


@dataclass(slots=True)
class Tally:
    """Counts of one slot."""

    lines: int = 0
    right: int = 0
    items: int = 0
    found: int = 0

    def add(self, lines: Sequence[Line], items: Sequence[Line]) -> None:
        self.lines += len(lines)
        self.right += sum(any(about(line, item) for item in items) for line in lines)
        self.items += len(items)
        self.found += sum(any(about(line, item) for line in lines) for item in items)

    @property
    def scores(self) -> tuple[float, float, float]:
        """Precision, recall and their harmonic mean."""
        precision, recall = self.right / max(self.lines, 1), self.found / max(self.items, 1)
        return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def about(line: Line, item: Line) -> bool:
    """Whether a line of a summary is about a labelled item."""
    wanted = set(content(item.text))
    shared = len(wanted & set(content(line.text))) / max(len(wanted), 1)
    return shared >= (SAME_TURN if set(line.turns) & set(item.turns) else SAME_WORDS)


def labels(name: str) -> dict[str, Labelled]:
    """The labelling `first` or `second`, by session; empty while there is none."""
    path = FOLDER / f"labels-{name}.jsonl"
    rows = map(json.loads, path.read_text("utf-8").splitlines()) if path.exists() else ()
    return {
        row["session"]: Labelled(
            row["session"],
            {slot: [Line(item["text"], tuple(item["turns"])) for item in row[slot]] for slot in SLOTS},
            row.get("until"),
        )
        for row in rows
    }


def half(session: str) -> str:
    """`built`: free to look at while building. `held`: only measured. A series stays together."""
    series = session.rsplit("-", 1)[0] if session.startswith("series-") else session
    return "built" if hashlib.sha256(series.encode()).digest()[1] % 2 else "held"


@cache
def transcript(session: str) -> Transcript:
    """The turns of a written session, or of a public one in the folder WB_DATA names."""
    if "#" not in session:
        rows = (FOLDER / f"{session}.jsonl").read_text("utf-8").splitlines()
        return Transcript.of(SessionKey("bench", session), [_turn(json.loads(row)) for row in rows])
    path, number = session.rsplit("#", 1)
    return list(read(Path(os.environ["WB_DATA"]) / "transcripts" / path))[int(number)]


def _turn(row: dict[str, Any]) -> Turn:
    action = Action(**row["action"]) if row.get("action") else None
    return Turn(row["role"], row["text"], row.get("name"), action=action)


def summary(talk: Transcript, until: int | None = None, earlier: Sequence[OpenItem] = ()) -> Summary:
    """What a close writes of a session that is all one subject."""
    turns = [turn for turn in talk.turns if until is None or turn.index < until]
    kept = [f for f in extract(turns, GLOBAL, talk.session) if f.status == "active"]
    return summarise(
        Subject("session", "Session", tuple(turn.index for turn in turns)),
        turns,
        decisions=[f for f in kept if f.kind in ("decision", "correction")],
        commitments=[f for f in kept if f.kind == "commitment"],
        earlier=earlier,
        root=talk.cwd or "",
    )


def items(found: Summary) -> Items:
    """A summary's lines under the labels' names."""
    return dict(zip(SLOTS, (found.decided, found.produced, found.left_open, found.closed), strict=True))


def earlier(session: str, labelled: Mapping[str, Labelled]) -> list[OpenItem]:
    """What the labels say the sessions before this one in its series left open and hadn't closed."""
    series, _, number = session.rpartition("-")
    if not session.startswith("series-"):
        return []
    before = [labelled[f"{series}-{n}"] for n in range(1, int(number)) if f"{series}-{n}" in labelled]
    closed = {line.text for one in before for line in one.items["closes"]}
    return [OpenItem(line.text, one.session) for one in before for line in one.items["open"] if line.text not in closed]


def measured(labelled: Mapping[str, Labelled], which: str) -> dict[str, Tally]:
    """The product's lines of one half (`built`, `held` or `all`) against one labelling."""
    tallies = {slot: Tally() for slot in SLOTS}
    for one in _of(labelled, which):
        ours = items(summary(transcript(one.session), one.until, earlier(one.session, labelled)))
        for slot, tally in tallies.items():
            tally.add(ours[slot], one.items[slot])
    return tallies


def agreement(first: Mapping[str, Labelled], second: Mapping[str, Labelled], which: str) -> dict[str, Tally]:
    """The second person's items against the first's."""
    tallies = {slot: Tally() for slot in SLOTS}
    for one in _of(first, which):
        if one.session in second:
            for slot, tally in tallies.items():
                tally.add(second[one.session].items[slot], one.items[slot])
    return tallies


def _of(labelled: Mapping[str, Labelled], which: str) -> Iterator[Labelled]:
    return (one for one in labelled.values() if which in ("all", half(one.session)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", choices=("built", "held", "all"), default="built")
    parser.add_argument("--show", help="print one session's lines and labels instead")
    chosen = parser.parse_args()
    first, second = labels("first"), labels("second")
    if chosen.show:
        _show(chosen.show, first)
        return
    tables = {"first labels": measured(first, chosen.half)}
    if second:
        tables["second labels"] = measured(second, chosen.half)
        tables["the labels' agreement"] = agreement(first, second, chosen.half)
    for title, tallies in tables.items():
        print(f"\n{title}, {chosen.half}\n{'':9} precision  recall    F1  lines  items")
        for slot, tally in tallies.items():
            precision, recall, f1 = tally.scores
            print(f"{slot:9} {precision:9.2f} {recall:7.2f} {f1:5.2f} {tally.lines:6} {tally.items:6}")


def _show(session: str, labelled: Mapping[str, Labelled]) -> None:
    one = labelled[session]
    found = summary(transcript(session), one.until, earlier(session, labelled))
    for line in found.gist:
        print("gist    ", line.text, line.turns)
    for slot, lines in items(found).items():
        for line in lines:
            right = any(about(line, item) for item in one.items[slot])
            print(f"{slot:8} {'+' if right else '-'} {line.text} {line.turns}")
        for item in one.items[slot]:
            missing = not any(about(line, item) for line in lines)
            print(f"{slot:8}   {'MISSING' if missing else 'label'}: {item.text} {item.turns}")


if __name__ == "__main__":
    main()
