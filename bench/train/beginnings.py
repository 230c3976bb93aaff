"""Fit which messages read as if they began a subject: writes agent/stages/weights/begins.json.

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.beginnings

Each conversation's first message begins one, its others don't. Trained on LongMemEval (MIT), but for the sessions
mixed_subjects is made of, and on this project's written conversations, but for its sessions. Prints how often a first
message ranks above a later one (the area under the curve), by models that never saw the conversation.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from agent.stages.beginnings import wording
from bench.train.fitting import Rows

STRENGTH = 0.1
COMMON = 12
"""A wording counts when so many messages have it."""
MESSAGES = 8
WRITTEN = Path(__file__).parents[1] / "data"

Conversations = Mapping[str, Sequence[str]]
"""What one person says in each, in order."""


def main() -> None:
    conversations = dict(told())
    rows = rows_of(conversations)
    guessed = rows.cross_validated(STRENGTH)
    kinds = np.array([group.split(" ", 1)[0] for group in rows.groups])
    for kind in sorted(set(kinds)):
        area = roc_auc_score(np.array(rows.truth)[kinds == kind], guessed[kinds == kind])
        print(f"{kind}: {sum(name.startswith(kind + ' ') for name in conversations)} conversations, area {area:.3f}")
    recipe = {"script": "bench/train/beginnings.py", "data": "LongMemEval (dev), written conversations"}
    print(rows.save("begins", STRENGTH, recipe | {"conversations": len(conversations)}))


def rows_of(conversations: Conversations) -> Rows:
    """A row for each message, grouped by conversation."""
    worded = [
        (group, number == 0, wording(message))
        for group, messages in conversations.items()
        for number, message in enumerate(messages)
    ]
    seen = Counter(word for _, _, found in worded for word in found)
    rows = Rows()
    for group, first, found in worded:
        rows.add({word: 1.0 for word in found if seen[word] >= COMMON}, first, group)
    return rows


def told() -> Iterator[tuple[str, list[str]]]:
    """The user's side of each conversation of two messages and more, named by kind and id."""
    for name, messages in (*_longmemeval(), *_written()):
        if len(messages) > 1:
            yield name, messages[:MESSAGES]


def _longmemeval() -> Iterator[tuple[str, list[str]]]:
    data = Path(os.environ["WB_DATA"])
    seen = {source for row in read(data / "mixed_subjects/dev.jsonl") for source in row["sources"]}
    for part in ("oracle", "s"):
        for row in read(data / f"longmemeval/{part}_dev.jsonl"):
            for ident, session in zip(row["haystack_session_ids"], row["haystack_sessions"], strict=True):
                if ident not in seen:
                    seen.add(ident)
                    kind = "evidence" if ident.startswith("answer") else "filler"
                    yield f"{kind} {ident}", _users(session, "content")


def _written() -> Iterator[tuple[str, list[str]]]:
    for path in sorted((WRITTEN / "statements").glob("*.jsonl")):
        for row in read(path):
            yield f"statements {row['id']}", _users(row["turns"], "text")
    for row in read(WRITTEN / "titles.jsonl"):
        if row["kind"] == "chat":
            yield f"chat {row['id']}", row["said"][::2]


def _users(turns: Iterable[dict], text: str) -> list[str]:
    return [turn[text] for turn in turns if turn["role"] == "user"]


def read(path: Path) -> list[dict]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
