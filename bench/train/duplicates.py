"""Fit when two statements say the same in other words: weights `duplicate`.

    WB_DATA=… CLOSER_MODELS=… python -m bench.train.duplicates

Rows are pairs: of `bench/data/updates` each new statement and the stored ones nearest to it, and all of PAWS-X, which
is free for any purpose. Prints what would be merged, cross-validated by the set of stored statements that rows share.
SICK, STS and the edited facts only measure: no row of them is trained on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agent.ports import Embedder
from agent.stages.comparing import sameness
from agent.stages.comparing.differences import parted
from bench.train.fitting import Rows, embedder
from bench.train.updates import LIKINGS, group, kept, written

STRENGTH = 1.0
NEAREST = 3

Pair = tuple[str, str, bool, str]
"""The new statement, the stored one, whether they say the same, and the group."""


def main() -> None:
    model = embedder()
    rows, needed = Rows(), []
    for new, old, same, name in [*told(model), *reordered()]:
        one, two = model.embed([new, old])
        cosine, differ = float(one @ two), parted(old, new)
        rows.add(sameness.features(new, old, cosine, differ), same, name)
        needed.append(sameness.least(new, old, differ) if cosine >= sameness.NEAR else 1.0)
    merged = rows.cross_validated(STRENGTH) >= np.array(needed)
    truth, paws = np.array(rows.truth) == 1, np.array([name.startswith("pawsx") for name in rows.groups])
    for where, part in (("written", ~paws), ("PAWS-X", paws)):
        found, false = merged[part & truth].mean(), merged[part & ~truth].mean()
        print(f"{where}: {found:.3f} of the same merged, {false:.4f} of others")
    data = {"script": "bench/train/duplicates.py", "data": "bench/data/updates, PAWS-X"}
    print(rows.save("duplicate", STRENGTH, data))


def told(model: Embedder) -> Iterator[Pair]:
    for row in written():
        if row["register"] == LIKINGS:
            continue
        stored, new = [kept(text) for text in row["stored"]], kept(row["new"])
        first, *rest = model.embed([new, *stored])
        for at in np.argsort([-float(vector @ first) for vector in rest])[:NEAREST]:
            yield new, stored[at], row["does"] == "duplicate" and at == row["target"], group(row["id"])


def reordered() -> Iterator[Pair]:
    path = Path(os.environ["WB_DATA"]) / "dedup_pairs/pawsx_en.jsonl"
    for number, pair in enumerate(map(json.loads, path.read_text().splitlines())):
        yield kept(pair["b"]), kept(pair["a"]), bool(pair["duplicate"]), f"pawsx{number}"


if __name__ == "__main__":
    main()
