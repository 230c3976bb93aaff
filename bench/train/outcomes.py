"""Fit `decided` and `open`: does a sentence of the user's decide something, does it leave something to do.

    python -m bench.train.outcomes

Data: the written statements (a `decision`, or a `commitment`, against everything else) and the written and public
sessions of the built half with both labellings (a sentence in a turn that a decided, or open, item cites and that
shares a word with it). Sessions count SESSION_WEIGHT times, for they are few and are what it is for. Prints five-fold
figures for the sessions alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

from agent.domain.markdown import one_line
from agent.domain.session import SessionKey
from agent.domain.subject import Line
from agent.domain.transcript import Transcript, Turn
from agent.stages.reading.words import content
from agent.stages.summarising.outcomes import Said, quoted, sentences_of_the_user
from bench.quality import slots
from bench.train.fitting import Rows

STATEMENTS = Path(__file__).parents[1] / "data/statements"
KINDS = {"decided": "decision", "open": "commitment"}
UNCLEAR = ("task detail", "transient", "vague")
"""Traps of what lasts that may well be what a session decided or left open."""
SESSION_WEIGHT = 2
STRENGTH = 0.03

Example = tuple[str, Said, bool]


def main() -> None:
    for slot in KINDS:
        rows = Rows()
        told = list(of_statements(KINDS[slot]))
        sessions = list(of_sessions(slot))
        for group, said, truth in [*told, *sessions * SESSION_WEIGHT]:
            rows.add(said.features, truth, group)
        guessed = rows.cross_validated(STRENGTH)[len(told) : len(told) + len(sessions)]
        truth = np.array([t for _, _, t in sessions])
        print(f"{slot}: sessions {len(truth)} sentences, {truth.sum()} true,", end=" ")
        print(f"average precision {average_precision_score(truth, guessed):.3f} over five folds")
        recipe = {"script": "bench.train.outcomes", "data": "bench/data: statements, built half of sessions"}
        print(rows.save(slot, STRENGTH, recipe))


def of_statements(kind: str) -> Iterator[Example]:
    """Every sentence of the user's in the written statements, and whether a fragment of `kind` is kept of it."""
    for path in sorted(STATEMENTS.glob("*.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            kept = [(k["turn"], k["quote"]) for k in row["keep"] if k["kind"] == kind]
            unclear = [(t["turn"], t["quote"]) for t in row["traps"] if t["why"] in UNCLEAR]
            talk = Transcript.of(SessionKey("bench", row["id"]), [Turn(t["role"], t["text"]) for t in row["turns"]])
            for said in sentences_of_the_user(talk.turns):
                if not _holds(unclear, said):
                    yield row["id"], said, _holds(kept, said)


def _holds(quotes: Sequence[tuple[int, str]], said: Said) -> bool:
    """Whether the sentence is, or has in it, one of these quotes of its turn."""
    here = [one_line(quote) for turn, quote in quotes if turn == said.turn]
    return any(said.quote in quote or quote in said.quote for quote in here)


def of_sessions(slot: str) -> Iterator[Example]:
    """Every sentence of the user's in the sessions of the built half, and whether either labelling has it in `slot`."""
    labelled = [slots.labels("first"), slots.labels("second")]
    for session, one in labelled[0].items():
        if slots.half(session) != "built":
            continue
        items = [item for labels in labelled if session in labels for item in labels[session].items[slot]]
        for said in sentences_of_the_user(slots.transcript(session).turns):
            if one.until is None or said.turn < one.until:
                yield session, said, any(_tells(said, item) for item in items)


def _tells(said: Said, item: Line) -> bool:
    """Whether a labelled item was said here: its turn is cited, and the line as it would be quoted shares a word."""
    return said.turn in item.turns and bool(set(content(quoted([said]).text)) & set(content(item.text)))


if __name__ == "__main__":
    main()
