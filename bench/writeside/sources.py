"""The data sets: where each is to be had, under which licence, and how its rows are read.

A folder of data holds one folder a set, as `README.md` beside this module lays out. No row is copied into the project.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

SEED = 7
Row = Any
T = TypeVar("T")
Half = Literal["dev", "heldout"]


@dataclass(frozen=True, slots=True)
class Source:
    """One public set."""

    name: str
    files: str
    """Path in the data folder; `{half}` stands for the half's name."""
    origin: str
    """Its repository on GitHub, or the task it was made for."""
    licence: str
    heldout: str = ""
    """The other half's path, where the pattern isn't enough."""


_ALL = (
    Source("dialseg", "topic_segmentation/dialseg_711.jsonl", "lxing532/Dialogue-Topic-Segmenter", "none stated"),
    Source("tiage", "topic_segmentation/tiage.jsonl", "HuiyuanXie/tiage", "MIT"),
    Source("mixed", "mixed_subjects/{half}.jsonl", "xiaowu0162/LongMemEval, sessions woven together", "MIT"),
    Source("longmemeval", "longmemeval/oracle_{half}.jsonl", "xiaowu0162/LongMemEval", "MIT"),
    Source("notes", "mempalace_eval/memory_extraction.jsonl", "MemPalace/mempalace", "MIT"),
    Source("rooms", "mempalace_eval/room_classification.jsonl", "MemPalace/mempalace", "MIT"),
    Source("preferences", "prefeval/explicit_preference.jsonl", "amazon-science/PrefEval", "CC BY-NC 4.0"),
    Source("implied", "prefeval/implicit_preference.jsonl", "amazon-science/PrefEval", "CC BY-NC 4.0"),
    Source("locomo", "locomo/locomo_{half}.json", "snap-research/locomo", "CC BY-NC 4.0"),
    Source("edits", "dedup_pairs/derived_fact_edits.jsonl", "snap-research/locomo, edited by rule", "CC BY-NC 4.0"),
    Source("paws", "dedup_pairs/pawsx_en.jsonl", "google-research-datasets/paws", "free, credit Google LLC"),
    Source("sick", "dedup_pairs/sick.jsonl", "SICK, SemEval-2014 task 1", "CC BY-NC-SA 3.0"),
    Source("sts", "dedup_pairs/stsb.jsonl", "STS Benchmark, SemEval-2017 task 1", "CC BY-SA"),
    Source("personas", "halumem_persona_updates/stage1_3_preferences.jsonl", "MemTensor/HaluMem", "CC BY-NC-ND 4.0"),
    Source(
        "changes", "halumem_persona_updates/stage3_2_preference_events.jsonl", "MemTensor/HaluMem", "CC BY-NC-ND 4.0"
    ),
    Source("meetings", "qmsum/val.jsonl", "Yale-LILY/QMSum", "MIT", heldout="qmsum/test.jsonl"),
    Source("dialogues", "dialogsum/dev.jsonl", "cylnlp/dialogsum", "CC BY-NC-SA 4.0", heldout="dialogsum/test.jsonl"),
    Source("secrets", "secrets/labelled_examples.jsonl", "gitleaks/gitleaks, Yelp/detect-secrets", "MIT, Apache 2.0"),
    Source("beam", "beam_100k", "mohammadtavakoli78/BEAM", "none stated"),
)
SOURCES = {source.name: source for source in _ALL}
"""Only what is MIT, Apache 2.0 or free may be trained on; the rest measures."""


@dataclass(frozen=True, slots=True)
class Data:
    """One half of every set, in a folder of its own."""

    folder: Path
    half: Half = "dev"

    def path(self, name: str) -> Path:
        source = SOURCES[name]
        pattern = source.heldout if self.half == "heldout" and source.heldout else source.files
        return self.folder / pattern.format(half=self.half)

    def rows(self, name: str) -> list[Row]:
        """Every row of a set. Raises FileNotFoundError when the set isn't there."""
        text = self.path(name).read_text("utf-8")
        return (
            json.loads(text)
            if self.path(name).suffix == ".json"
            else [json.loads(line) for line in text.split("\n") if line]
        )

    def chats(self) -> Iterator[tuple[dict[int, Row], Row]]:
        """BEAM's chats in order: messages by id, and the probing questions."""
        for folder in sorted(self.path("beam").iterdir()):
            chat = json.loads((folder / "chat.json").read_text("utf-8"))
            messages = {m["id"]: m for batch in chat for group in batch["turns"] for m in group}
            yield messages, json.loads((folder / "probing_questions.json").read_text("utf-8"))


def sample(rows: Sequence[T], most: int) -> list[T]:
    """At most so many rows, the same for every system; 0 means all."""
    found = list(rows)
    return found if not most or len(found) <= most else random.Random(SEED).sample(found, most)
