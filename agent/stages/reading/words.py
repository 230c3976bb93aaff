"""Words as the stages count them: tokens, stop words, a light stem, and prose without its code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

STOP: Final = frozenset(
    """
    a about above after again all also am an and any anyone anything are aren't as at be because been before
    being below both but by can can't cannot could couldn't did didn't do does doesn't doing don't down
    during each either else even ever every everything few for from further get gets getting go goes going
    gonna got had hadn't has hasn't have haven't having he her here hers herself him himself his how however
    i i'd i'll i'm i've if in into is isn't it it's its itself just let let's like lot lots made make makes
    making many may maybe me might mine more most much must my myself need needs neither no nor not now of
    off oh ok okay on once one only or other our ours ourselves out over own per please perhaps quite rather
    really right same see seem seems shall she should shouldn't since so some somehow someone something soon
    still such sure take than thank thanks that that's the their theirs them themselves then there there's
    these they they're thing things think this those though through to too try trying under until up upon us
    use used uses using very via want wanted wants was wasn't way we we're we've well went were weren't what
    what's when where whether which while who whom whose why will with within without won't would wouldn't
    yeah yep yes yet you you'd you'll you're you've your yours yourself yup
    """.split()
)
"""Words that say nothing about what a text is about."""

_FENCE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
_MARKS = re.compile(
    r"\[forgotten\]|\[redacted:[\w-]+\]|https?://\S+|</?[A-Za-z][^<>\n]{0,200}>|[*_#>|]{2,}"
    r"|^\s*(?:[-*+>]|\d+[.)])\s+",
    re.MULTILINE,
)
_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
_VOWEL = re.compile(r"[aeiouy]")


def prose(text: str) -> str:
    """The text without fenced code, links, tags and list marks."""
    return _MARKS.sub(" ", _FENCE.sub("\n", text))


def tokens(text: str) -> list[str]:
    """Lower-case words in order; `snake_case` counts as its parts."""
    found = list(map(str.lower, _WORD.findall(text)))
    return [w.replace("’", "'") for w in found] if "’" in text else found


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A light stem: possessive, plural, -ing and -ed go, so that `retries`, `retrying` and `retry` meet."""
    word = word.removesuffix("'s")
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zes")) else word[:-1]
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) > 2 and _VOWEL.search(base):
            doubled = base[-1] == base[-2] and base[-1] not in "lsz"
            return base[:-1] if doubled else base.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word


def content(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order."""
    return list(_content(text))


@lru_cache(maxsize=1 << 13)
def _content(text: str) -> tuple[str, ...]:
    return tuple([stem(w) for w in tokens(text) if len(w) > 1 and w not in STOP and not w.isdigit()])


def lexical_vectors(documents: Sequence[Iterable[str]]) -> NDArray[np.float32]:
    """One unit TF-IDF row per document of stems; rows of documents without words are zero."""
    column: dict[str, int] = {}
    counted: list[dict[int, int]] = []
    for document in documents:
        counts: dict[int, int] = {}
        for word in document:
            at = column.setdefault(word, len(column))
            counts[at] = counts.get(at, 0) + 1
        counted.append(counts)
    matrix = np.zeros((len(counted), len(column)), np.float32)
    for row, counts in enumerate(counted):
        matrix[row, list(counts)] = np.log1p(list(counts.values()))
    matrix *= np.log1p(len(counted) / np.maximum((matrix > 0).sum(0), 1))
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (matrix / np.maximum(norms, 1e-9)).astype(np.float32)
    return unit
