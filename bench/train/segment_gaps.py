"""Fit where talk without roles changes subject: writes agent/stages/weights/new_segment.json.

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.segment_gaps

Trained on TIAGE (MIT: open talk, subtle shifts), on written talks of this project joined end to end (errands and small
talk, clear shifts) and on LongMemEval sessions (MIT) joined, each turn cut to its first line. Prints Pk and boundary F1
on TIAGE from models that never saw the dialogue.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from agent.stages import segments
from bench.train.fitting import Rows, embedder

STRENGTH = 0.3
SCALE = 0.6
TALKS = Path(__file__).parents[1] / "data/titles.jsonl"
TALK_MIXTURES = 60
SESSION_MIXTURES = 24
SESSION_TURNS = 10
LINE = 200

Dialogue = tuple[list[str], set[int]]
"""Utterances, and at which of them a subject begins."""


def main() -> None:
    rows, model = Rows(SCALE), embedder()
    dialogues = {f"tiage {number}": dialogue for number, dialogue in enumerate(_tiage())}
    held = len(dialogues)
    dialogues |= {f"joined {number}": dialogue for number, dialogue in enumerate(_joined())}
    spans = []
    for group, (texts, begins) in dialogues.items():
        vectors = model.embed(texts)
        spans.append((len(rows.truth), len(rows.truth) + len(texts) - 1))
        for at, gap in enumerate(segments.evidence(vectors, texts), 1):
            rows.add(gap, at in begins, group, vectors[at])
    guessed = rows.cross_validated(STRENGTH)
    odds = np.log(guessed / (1 - guessed))
    found = [(segments.placed(odds[start:end]), rows.truth[start:end]) for start, end in spans[:held]]
    both = sum(int(np.logical_and(cut, true).sum()) for cut, true in found)
    marked = sum(sum(cut) + sum(true) for cut, true in found)
    print(f"TIAGE Pk {np.mean([_pk(*pair) for pair in found]):.3f}, F1 {2 * both / marked:.3f}, cross-validated")
    recipe = {"script": "bench/train/segment_gaps.py", "data": "TIAGE, written talks, LongMemEval oracle (dev)"}
    print(rows.save("new_segment", STRENGTH, recipe | {"scale": SCALE, "dialogues": len(dialogues)}))


def _pk(cut: Sequence[int], true: Sequence[int]) -> float:
    """How often two utterances half a segment apart are put together wrongly, or apart."""
    reach = min(max(2, round((len(true) + 1) / (2 * (sum(true) + 1)))), len(true))
    windows = [slice(at, at + reach) for at in range(len(true) - reach + 1)]
    return float(np.mean([any(cut[w]) != any(true[w]) for w in windows]))


def _tiage() -> Iterator[Dialogue]:
    for row in _read(Path(os.environ["WB_DATA"]) / "topic_segmentation/tiage.jsonl"):
        yield row["utterances"], set(accumulate(row["segments"]))


def _joined() -> Iterator[Dialogue]:
    dice = random.Random(5)
    talks = [row["said"] for row in _read(TALKS) if row["kind"] == "talk"]
    for _ in range(TALK_MIXTURES):
        chosen = dice.sample(talks, dice.randint(3, 6))
        yield _end_to_end([talk[: len(talk) - dice.choice((0, 0, 0, 1, 2))] for talk in chosen])
    sessions = [
        [said["content"].strip().split("\n")[0][:LINE] for said in session]
        for row in _read(Path(os.environ["WB_DATA"]) / "longmemeval/oracle_dev.jsonl")
        for session in row["haystack_sessions"]
    ]
    for _ in range(SESSION_MIXTURES):
        chosen = dice.sample(sessions, dice.randint(2, 5))
        yield _end_to_end([session[: dice.randint(2, SESSION_TURNS)] for session in chosen])


def _end_to_end(parts: Sequence[list[str]]) -> Dialogue:
    return [text for part in parts for text in part], set(accumulate(len(part) for part in parts))


def _read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
