"""How likely a sentence is worth keeping for half a year, from what is seen of it and, when in doubt, its meaning.

`Worth` is the place where another scorer can step in: it sees the same signs and answers with one number.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.stages.extracting.signs import Signs
from agent.stages.learned import learned


class Worth(Protocol):
    """The probability that one sentence is worth keeping: from its signs, and its vector where one was made."""

    def __call__(self, signs: Signs, vector: NDArray[np.float32] | None = None) -> float: ...


def weighed(signs: Signs, vector: NDArray[np.float32] | None = None) -> float:
    """The built-in scorer: one model for signs alone, one for signs and a vector of the default embedder."""
    return learned("worth" if vector is None else "worth_by_meaning").probability(signs, vector)
