"""Whether two statements say the same in other words: learned, behind differences that no likeness outweighs.

A wrong merge loses a fact and a missed one costs a line, so where words were exchanged or changed places, which is how
look-alikes differ, it has to be surer.
"""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz import fuzz

from agent.stages.comparing.comparison import Features, compared, rarity
from agent.stages.comparing.differences import parted, roots
from agent.stages.comparing.marks import Marks, marks
from agent.stages.learned import learned

NEAR = 0.7
"""Least cosine of two wordings of one statement."""
SURE = 0.6
"""Least probability of a merge."""
SURE_IF_MOVED = 0.8
"""The same, when what relates the words differs: their order, or a `to` or `from`, an `all` or `some`."""
SURE_IF_EXCHANGED = 0.9
"""The same, when each has words that carry meaning and the other hasn't."""
_NEVER = frozenset("number time code name negation who opposite".split())
"""Differences that rule a merge out."""


def same(new: str, old: str, cosine: float) -> bool:
    """Whether a merge of both loses nothing."""
    if cosine < NEAR:
        return False
    differ = parted(old, new)
    needed = least(new, old, differ)
    return needed < 1 and learned("duplicate").probability(features(new, old, cosine, differ)) >= needed


def least(new: str, old: str, differ: Mapping[str, str]) -> float:
    """The probability a merge needs; 1 when it is ruled out. `differ` as `differences.parted` tells it."""
    if _NEVER & differ.keys():
        return 1.0
    x, y = frozenset(roots(new)), frozenset(roots(old))
    exchanged = SURE_IF_EXCHANGED if x - y and y - x else SURE
    return max(exchanged, SURE_IF_MOVED) if differ.keys() & {"order", "relation"} else exchanged


def features(new: str, old: str, cosine: float, differ: Mapping[str, str]) -> Features:
    """The features of a pair; absent is 0."""
    a, b, (x, y) = marks(new), marks(old), (roots(new), roots(old))
    found = compared(new, old, rarity([old]))
    won, lost = len(set(x) - set(y)), len(set(y) - set(x))
    exchanged, moved = float(won == 1 == lost), float("order" in differ)
    found |= {f"differs {what}": 1.0 for what in differ}
    found |= {
        "differs": float(bool(differ)),
        "cosine": cosine,
        "cosine over .8": max(0.0, cosine - 0.8),
        "cosine over .9": max(0.0, cosine - 0.9),
        "cosine over .95": max(0.0, cosine - 0.95),
        "roots": fuzz.token_sort_ratio(" ".join(x), " ".join(y)) / 100,
        "roots shared": len(set(x) & set(y)) / max(1, len(set(x) | set(y))),
        "roots won": min(3, won) / 3,
        "roots lost": min(3, lost) / 3,
        "only won": float(won > 0 == lost),
        "only lost": float(lost > 0 == won),
        "same roots": float(won == 0 == lost),
        "exchanged": exchanged,
        "exchanged, impersonal": exchanged * found.get("impersonal", 0.0),
        "exchanged, near": exchanged * max(0.0, cosine - 0.85),
        "moved, impersonal": moved * found.get("impersonal", 0.0),
        "moved, two names": moved * _two_names(a, b),
        "moved, length": moved * _length(a),
        "moved, ratio": moved * found.get("order ratio", 0.0),
        "two names": _two_names(a, b),
        "length": _length(a),
    }
    return found


def _two_names(a: Marks, b: Marks) -> float:
    """Whether two names could have changed places."""
    return float(len(a.names & b.names) + (bool(a.opening) and a.opening == b.opening) >= 2)


def _length(a: Marks) -> float:
    return min(len(a.order), 16) / 16
