"""Fit `salience`: how likely a word of a line is to be in what a person would write. QMSum (MIT), by meeting.

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.summary_lines

Two views of each meeting: the turns one answer was written from, with the question as focus; and a whole topic, with
its name as focus and every answer about it as what a person wrote. Prints the five-fold area under the curve.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sklearn.metrics import roc_auc_score

from agent.domain.session import SessionKey
from agent.domain.transcript import Transcript, Turn
from agent.ports import Embedder
from agent.stages.reading.words import content
from agent.stages.summarising.candidates import candidates
from agent.stages.summarising.salience import line_features, word_features
from bench.train.fitting import Rows, embedder

STRENGTH = 0.05
Example = tuple[str, tuple[Turn, ...], str, str]
"""The meeting, its turns, the focus, and what people wrote about them."""


def main() -> None:
    model, rows = embedder(), Rows()
    for group, turns, focus, written in examples():
        add(rows, model, group, turns, focus, written)
    guessed = rows.cross_validated(STRENGTH)
    print(f"words {len(rows.truth)}, AUC {roc_auc_score(rows.truth, guessed):.3f} over five folds of meetings")
    print(rows.save("salience", STRENGTH, {"script": "bench.train.summary_lines", "data": "QMSum val (MIT)"}))


def examples() -> Iterator[Example]:
    """The two views of every meeting."""
    lines = (Path(os.environ["WB_DATA"]) / "qmsum/val.jsonl").read_text().splitlines()
    for number, meeting in enumerate(map(json.loads, lines)):
        group = f"meeting {number}"
        asked = [q for q in meeting["specific_query_list"] if q["relevant_text_span"]]
        for query in asked:
            yield group, _turns(meeting, _span(query)), query["query"], query["answer"]
        for topic in meeting["topic_list"]:
            about = [q["answer"] for q in asked if set(_span(q)) & set(_span(topic))]
            if about:
                yield group, _turns(meeting, _span(topic)), topic["topic"], " ".join(about)


def add(rows: Rows, model: Embedder, group: str, turns: tuple[Turn, ...], focus: str, written: str) -> None:
    """One row for each word of each sentence."""
    lines = [line for line in candidates(turns) if line.whole]
    words = word_features(lines, turns, focus)
    vectors = model.embed([line.text for line in lines])
    found = line_features(lines, focus, vectors, model.embed([focus])[0])
    truth = set(content(written))
    for line, features in zip(lines, found, strict=True):
        for stem in sorted(line.stems):
            rows.add(words[stem] | features, stem in truth, group)


def _span(part: dict[str, Any]) -> list[int]:
    return [i for first, last in part["relevant_text_span"] for i in range(int(first), int(last) + 1)]


def _turns(meeting: dict[str, Any], span: list[int]) -> tuple[Turn, ...]:
    said = meeting["meeting_transcripts"]
    turns = [Turn("user", said[i]["content"], said[i]["speaker"]) for i in span if i < len(said)]
    return Transcript.of(SessionKey("train", "qmsum"), turns).turns


if __name__ == "__main__":
    main()
