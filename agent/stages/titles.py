"""Name a subject as a person would: a phrase of the user's, what they want done, or what such talk is commonly called.

Candidates are ranked by a small model over how near each is to the whole and to its beginning, and how well its words
are said. Without an embedder the user's own phrases are ranked by their words alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from agent.ports import Vectors
from agent.stages.naming import doings, situations
from agent.stages.naming.wellformed import names_something
from agent.stages.rated import rated
from agent.stages.reading import phrases, words

Embed = Callable[[Sequence[str]], Vectors]

KEYWORDS: Final = 8
PHRASES: Final = 18
DOINGS: Final = 10
SITUATIONS: Final = 12
ALONE: Final = 0.7
"""What a single common word is worth beside a phrase: `image` names too many things to name one."""
READ_CHARACTERS: Final = 2000
SKIMMED_CHARACTERS: Final = 800
"""How far a text of less weight is read: it only helps to tell which words matter."""
ASKING: Final = 4
"""From so many doings on a subject is somebody's task: then a name for such talk in general says little."""
PART_CHARACTERS: Final = 1000
LONG_CHARACTERS: Final = 2000
STRETCH_CHARACTERS: Final = 350
"""Of a talk longer than that, so much of each part is read: more costs as much as a page and tells little."""
UNSAID: Final = 0.5
"""Log-odds a situation loses when none of its words was said to an assistant: whoever asks names what they want."""
SCANT: Final = 0.3
"""Log-odds that a single common word loses there."""
OPENING_CHARACTERS: Final = 300
UNTITLED: Final = "Conversation"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name the subject might get."""

    name: str
    kind: str
    """`phrase`, `doing` or `situation`."""
    stems: tuple[str, ...]
    said: float = 0.0
    """What its words are worth as a phrase, 1 the best of the subject; 0 for what nobody said."""
    first: float = 1.0
    """Where it was said first: 0 the beginning, 1 the end or never."""
    whole: bool = False


def title(
    texts: Sequence[str],
    weights: Sequence[float],
    spread: Mapping[str, int],
    embed: Embed | None = None,
    taken: Collection[str] = (),
) -> tuple[str, tuple[str, ...]]:
    """The best name, of those that aren't `taken`, and up to eight keywords: see `names`."""
    found, keywords = names(texts, weights, spread, embed)
    return next((name for name in found if name not in taken), found[-1]), keywords


def names(
    texts: Sequence[str], weights: Sequence[float], spread: Mapping[str, int], embed: Embed | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of one to six words, the best first, and up to eight keywords, from what was said about one subject.

    `texts` come in the order of the session, each with its weight; names are made of the heaviest texts' words (the
    user's) only. `spread` tells in how many of the session's subjects each stem occurs. The last name is for when none
    of the others will do.
    """
    heaviest = max(weights, default=0.0)
    cut = [
        words.prose(text[: READ_CHARACTERS if weight == heaviest else SKIMMED_CHARACTERS])
        for text, weight in zip(texts, weights, strict=True)
    ]
    own = [text for text, weight in zip(cut, weights, strict=True) if weight == heaviest]
    worth, forms = phrases.worth(cut, weights, spread)
    keywords = tuple(forms[stem] for stem in sorted(worth, key=lambda stem: -worth[stem])[:KEYWORDS])
    if not worth:
        return (UNTITLED,), keywords
    if embed is None:
        candidates = _phrases(own, forms, worth)
        odds = [each.said * (ALONE if _lone(each) else 1.0) for each in candidates]
    else:
        candidates, vectors, found = weighed(own, said(own, forms, worth), worth, embed)
        odds = rated("title", found, vectors)
        if min(weights) < heaviest:
            odds = [each - _doubt(features) for each, features in zip(odds, found, strict=True)]
    ranked = sorted(zip(odds, candidates, strict=True), key=lambda pair: -pair[0])
    return tuple(dict.fromkeys([*(_headed(each.name) for _, each in ranked), _headed(keywords[0])])), keywords


def said(own: Sequence[str], forms: Mapping[str, str], worth: Mapping[str, float]) -> list[Candidate]:
    """The candidates the texts themselves hold."""
    return [*_phrases(own, forms, worth), *_doings(own, forms)]


def weighed(
    own: Sequence[str], named: Sequence[Candidate], worth: Mapping[str, float], embed: Embed
) -> tuple[list[Candidate], Vectors, list[dict[str, float]]]:
    """All candidates with their vectors, and what speaks for each, by name."""
    opening = next((text for text in own if words.content(text)), "")
    parts = [opening[:OPENING_CHARACTERS], *_parts(" ".join(text[:OPENING_CHARACTERS] for text in own))]
    vectors = embed([*parts, *(each.name for each in named)])
    whole = vectors[1 : len(parts)].mean(0)
    texts: Vectors = np.stack([whole / max(float(np.linalg.norm(whole)), 1e-9), vectors[0]])
    common = _common(embed)
    nominated = [int(at) for at in np.argsort(-(common @ texts.sum(0)), kind="stable")[:SITUATIONS]]
    candidates = [*named, *(_situation(situations.NAMES[at]) for at in nominated)]
    theirs: Vectors = np.vstack([vectors[len(parts) :], common[nominated]])
    return candidates, theirs, list(_features(candidates, theirs, texts, worth))


def _phrases(own: Sequence[str], forms: Mapping[str, str], worth: Mapping[str, float]) -> list[Candidate]:
    """The best phrases, in order."""
    said = (each for each in phrases.phrases(own, forms) if names_something(each.text, each.whole))
    ranked = sorted(
        ((phrases.score(each, worth), each.text, each) for each in said),
        key=lambda row: row[:2],
        reverse=True,
    )
    top = ranked[0][0] if ranked else 0.0
    return [
        Candidate(each.text, "phrase", each.stems, value / max(top, 1e-9), each.first, each.whole)
        for value, _, each in ranked[:PHRASES]
    ]


def _doings(own: Sequence[str], forms: Mapping[str, str]) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for at, text in enumerate(own):
        for clause in phrases.clauses(text):
            for name, stems in doings.doings(clause, forms):
                if len(name.split()) <= phrases.LONGEST:
                    found.setdefault(name, Candidate(name, "doing", stems, 0.0, at / len(own), whole=True))
    return list(found.values())[:DOINGS]


def _parts(text: str) -> list[str]:
    """The beginning and the end of a text; of a long one also its middle, and less of each."""
    long = len(text) > LONG_CHARACTERS
    size = STRETCH_CHARACTERS if long else PART_CHARACTERS
    last = max(len(text) - size, 0)
    return [text[at : at + size] for at in sorted({0, last // 2 if long else 0, last})]


@lru_cache(maxsize=2)
def _common(embed: Embed) -> Vectors:
    return embed(situations.NAMES)


def _situation(name: str) -> Candidate:
    return Candidate(name, "situation", tuple(words.content(name)))


def _features(
    candidates: Sequence[Candidate], vectors: Vectors, texts: Vectors, worth: Mapping[str, float]
) -> Iterator[dict[str, float]]:
    near = vectors @ texts.T
    best, best_opening = near.max(0).tolist()
    alike = (vectors @ vectors.mean(0)).tolist()
    most = max(worth.values(), default=1.0)
    asked = min(sum(each.kind == "doing" for each in candidates) / ASKING, 1.0)
    for at, (each, (whole, opening)) in enumerate(zip(candidates, near.tolist(), strict=True)):
        count = len(each.name.split())
        value = [worth.get(stem, 0.0) / most for stem in each.stems]
        features = {
            "near": whole,
            "near opening": opening,
            "nearest": whole - best,
            "nearest to opening": opening - best_opening,
            "among its like": alike[at],
            "worth": sum(value) / max(len(value), 1),
            "unsaid": sum(not v for v in value) / max(len(value), 1),
            "said": each.said,
            "first": 1 - each.first,
            "whole": float(each.whole),
            "one word": float(count == 1 and each.name.islower()),
            "one proper word": float(count == 1 and not each.name.islower()),
            "long": float(max(count - 3, 0)),
            "joined": float(any(word in phrases.INNER for word in each.name.lower().split())),
            "digits": float(any(letter.isdigit() for letter in each.name)),
        }
        yield features | {each.kind: 1.0, f"{each.kind} near": whole, f"{each.kind}, asked for": asked}


def _doubt(features: Mapping[str, float]) -> float:
    """Log-odds to take off a candidate in a talk with an assistant, whose texts weigh less than the person's."""
    return UNSAID * features["unsaid"] if features.get("situation") else SCANT * features["one word"]


def _lone(candidate: Candidate) -> bool:
    return len(candidate.stems) == 1 and candidate.name.islower()


def _headed(text: str) -> str:
    return text[:1].upper() + text[1:]
