"""How much a message reads as if it began a subject: whoever goes on says `also`, `these`, `that's`; whoever begins
says what they are about. Knows wording only; not what the subject is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median_low
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.stages.learned import learned

READ: Final = 300
"""A message begins or goes on within its first characters."""
MOST: Final = 3.0
"""Wording alone is never surer than this, in log-odds."""
USUAL: Final = -2.0
"""The log-odds of most messages, which go on. Where most of a session sounds like beginning, that is its manner."""

_WORD: Final = re.compile(r"[a-z']+|\?")


def begins(messages: Sequence[str]) -> NDArray[np.float32]:
    """For each message of one session, the log-odds that it begins a subject, from -MOST to MOST."""
    model = learned("begins")
    return bounded([model.odds(wording(message)) for message in messages])


def bounded(odds: Sequence[float]) -> NDArray[np.float32]:
    """The odds of one session's messages beside its manner."""
    manner = max(0.0, median_low(odds) - USUAL) if odds else 0.0
    within: NDArray[np.float32] = np.clip(np.array(odds) - manner, -MOST, MOST).astype(np.float32)
    return within


def wording(message: str) -> dict[str, float]:
    """The words, neighbouring words and question marks a message starts with."""
    found = _WORD.findall(message[:READ].lower().replace("’", "'"))
    return dict.fromkeys([*found, *(" ".join(pair) for pair in pairwise(found))], 1.0)
