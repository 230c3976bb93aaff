"""Names of dialogues against the topics people gave them."""

from __future__ import annotations

from bench.writeside.figures import Result, interval, mean
from bench.writeside.metrics.summarise import spoken
from bench.writeside.protocol import System
from bench.writeside.sources import Data, sample
from bench.writeside.text import token_f1
from bench.writeside.vectors import embed

USUAL = 200


def measure(system: System, data: Data, most: int) -> Result:
    overlaps, cosines, lengths = [], [], []
    for row in sample(data.rows("dialogues"), most or USUAL):
        topics = [row[key] for key in ("topic", "topic1", "topic2", "topic3") if row.get(key)]
        title = system.title(spoken(row))
        overlaps.append(max(token_f1(title, topic) for topic in topics))
        cosines.append(float((embed([title]) @ embed(topics).T).max()))
        lengths.append(len(title.split()))
    return {
        "dialogues": {
            "token_F1": mean(overlaps), "F1_ci": interval(overlaps), "cosine": mean(cosines), "words": mean(lengths),
            "n": len(overlaps),
        }
    }  # fmt: skip
