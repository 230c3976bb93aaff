"""What sort of statement a sentence is: preference, decision, fact, correction, commitment or opinion; and how surely.

One small model a class over the same signs as `worth`, compared with each other. Knows nothing of whether it is kept.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

import numpy as np
from numpy.typing import NDArray

from agent.domain.fragment import CLASSES, FragmentClass
from agent.stages.extracting.signs import Signs
from agent.stages.learned import Learned

PLAINLY = 0.6
"""How likely another class must be to overrule the one a sentence announces."""


def kind_of(
    signs: Signs, vector: NDArray[np.float32] | None = None, announced: FragmentClass | None = None
) -> tuple[FragmentClass, float]:
    """The likeliest class and its probability; the class its words announce, unless another is plainly likelier."""
    models = _models("kinds" if vector is None else "kinds_by_meaning")
    odds = {kind: model.odds(signs, vector) for kind, model in models.items()}
    top = max(odds.values())
    shares = {kind: math.exp(value - top) for kind, value in odds.items()}
    likely = {kind: share / sum(shares.values()) for kind, share in shares.items()}
    best = max(likely, key=lambda kind: likely[kind])
    if announced and likely[best] < PLAINLY:
        best = announced
    return best, likely[best]


@cache
def _models(name: str) -> Mapping[FragmentClass, Learned]:
    """The models of `weights/<name>.json`, by class.

    Raises FileNotFoundError when there is no such file.
    """
    data = json.loads(files("agent.stages").joinpath("weights", f"{name}.json").read_text("utf-8"))
    return {
        cast("FragmentClass", kind): Learned(
            weights["bias"],
            weights["named"],
            np.array(weights["embedding"], np.float32) if weights.get("embedding") else None,
        )
        for kind, weights in data["classes"].items()
        if kind in CLASSES
    }
