"""Name a subject as a person would: a phrase of the user's own words. Knows no language model and no tagger."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from typing import Final

import numpy as np

from agent.ports import Vectors
from agent.stages import words

Embed = Callable[[Sequence[str]], Vectors]

KEYWORDS: Final = 8
LONGEST: Final = 6
SHORTLIST: Final = 24
NEARNESS: Final = 2.0
"""How much being near the whole subject in meaning counts, beside the words' own worth."""
BREADTH: Final = 0.8
"""0 prefers long names, 1 has each word pull its own weight."""
ALONE: Final = 0.7
"""What a single common word is worth beside a phrase: `image` names too many things to name one."""
AGAIN: Final = 0.6
EARLY: Final = 1.0
CUT_SHORT: Final = 0.7
READ_CHARACTERS: Final = 2000
UNTITLED: Final = "Conversation"

WEAK: Final = frozenset(
    """
    able actually add advice almost already always another anyway apparently ask asked asking available bad
    basically believe best better big bit break breaks bring bye call called came change check choosing
    cleaned come comes coming convert course create day days dear debug decide definitely delete different
    difficult easy enough ensure ensures exactly explain explore exploring fail fails feel feeling
    felt find fine first fix fixed fixing follow found friend general give given gives giving glad good goodbye
    great guess guy happen happened happy hard hear heard hello help helpful helps hey hi hope hour hours idea
    ideas implement implemented implementing important improve include including information install interested
    interesting investigate issue keep kind kinds know last later learn leave left little long look looked looking
    looks love main man matter mean means mention mentioned migrate migrating minute minutes miss move moving mr
    mrs ms name new next nice number offer offers old optimise optimize options part particular people perfect
    person place places plan planning playing point possible pretty probably problem problems provide put question
    questions read ready reason recently recommend recommendation recommendations refactor refactoring remember
    remove removing rename replace resolve review rewrite run said say saying says set share show side
    sir small sorry sort sound sounds specific start started step steps stuff suggest suggestion suggestions
    suppose switch switching talk talking tell ten terms think thinking thought time times tip tips today together
    tomorrow tonight top turn two type types understand update updating upgrade upgrading useful usually visiting
    ways week weeks welcome whole wonder wondering word words work working works worry write wrong year years
    yesterday young
    """.split()
)
"""Words a phrase may hold but not be made of."""
INNER: Final = frozenset("a an and at by for from in of on the to vs with".split())
"""Words a phrase may hold between two others."""
ARTICLES: Final = frozenset("a an any it my our some that the these this those your".split())
SUBJECTS: Final = frozenset(
    "can can't could didn't doesn't don't he i i'd i'll i've let's must not please should they to we we'll who will "
    "would you".split()
)
"""Words after which a verb comes, which makes no good start for a name."""

_BREAK = re.compile(
    r"[.!?,;:()\[\]{}\"“”…|=<>*]+(?=\s|$)|(?<=\s)[(\[{\"“=<>|*-]+|^[(\[{\"“]+|\n+|\s[-–—]+\s|`[^`\n]*[^\w.`-][^`\n]*`"
)
_TOKEN = re.compile(r"[^\W_](?:[\w.'’&+/#-]*[\w+#])?")
_CODE = re.compile(r"[_/]|\.(?!\w{1,4}$)|^[0-9a-f]{7,}$")


@dataclass(slots=True)
class _Phrase:
    """One candidate: what it looks like, the stems it says, and how well it was said."""

    text: str
    stems: tuple[str, ...]
    weight: float = 0.0
    first: float = 1.0
    whole: bool = False
    """Somewhere it stood whole, with no further telling word right before or after it."""


def title(
    texts: Sequence[str], weights: Sequence[float], spread: Mapping[str, int], embed: Embed | None = None
) -> tuple[str, tuple[str, ...]]:
    """A name of one to six words and up to eight keywords, from what was said about one subject.

    `texts` come in the order of the session, each with its weight; names are made of the heaviest texts' words (the
    user's) only. `spread` tells in how many of the session's subjects each stem occurs.
    """
    cut = [words.prose(text[:READ_CHARACTERS]) for text in texts]
    heaviest = max(weights, default=0.0)
    own = [text for text, weight in zip(cut, weights, strict=True) if weight == heaviest]
    worth, forms = _worth(cut, weights, spread)
    keywords = tuple(forms[stem] for stem in sorted(worth, key=lambda stem: -worth[stem])[:KEYWORDS])
    ranked = sorted(((_score(p, worth), p.text, len(p.stems)) for p in _phrases(own, forms)), reverse=True)[:SHORTLIST]
    if not ranked:
        return _headed(keywords[0] if keywords else UNTITLED), keywords
    scores = np.array([score for score, _, _ in ranked]) / max(ranked[0][0], 1e-9)
    names = [name for _, name, _ in ranked]
    if embed is not None:
        vectors = embed([" ".join(text[:300] for text in own)[:1000], *names])
        scores = scores + NEARNESS * (vectors[1:] @ vectors[0])
    telling = [stems > 1 or not name.islower() for _, name, stems in ranked]
    scores = scores * np.where(telling, 1.0, ALONE)
    return _headed(names[int(scores.argmax())]), keywords


def _worth(
    texts: Sequence[str], weights: Sequence[float], spread: Mapping[str, int]
) -> tuple[dict[str, float], dict[str, str]]:
    """What each stem says about the subject, and how it is mostly written inside a sentence."""
    said: dict[str, float] = {}
    forms: dict[str, Counter[str]] = {}
    for text, weight in zip(texts, weights, strict=True):
        for clause in _BREAK.split(text):
            for at, token in enumerate(_TOKEN.findall(clause)):
                for word in words.tokens(token):
                    if _carries(word):
                        stem = words.stem(word)
                        said[stem] = said.get(stem, 0.0) + weight
                        proper = at > 0 and token[:1].isupper() and word == token.lower()
                        forms.setdefault(stem, Counter())[token if proper else word] += 2 if at else 1
    worth = {stem: log1p(count) / max(spread.get(stem, 1), 1) for stem, count in said.items()}
    return worth, {stem: form.most_common(1)[0][0] for stem, form in forms.items()}


def _phrases(texts: Sequence[str], forms: Mapping[str, str]) -> list[_Phrase]:
    """Every run of words that begins and ends with one that carries meaning."""
    found: dict[tuple[str, ...], _Phrase] = {}
    for at, text in enumerate(texts):
        for clause in _BREAK.split(text):
            for run, whole in _runs(_TOKEN.findall(clause)):
                stems = tuple(words.stem(w) for token in run for w in words.tokens(token) if _carries(w))
                phrase = found.setdefault(stems, _Phrase(_written(run, forms), stems, first=at / len(texts)))
                phrase.weight += 1
                phrase.whole |= whole
    return list(found.values())


def _runs(clause: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    lower = [token.lower().replace("’", "'") for token in clause]
    telling = [any(map(_carries, words.tokens(word))) and not _CODE.search(word) for word in lower]
    verbs = [_verb(lower, at) for at in range(len(lower))]
    for start in range(len(clause)):
        if not telling[start] or verbs[start]:
            continue
        opens = start == 0 or not telling[start - 1] or verbs[start - 1]
        for end in range(start + 1, min(start + LONGEST, len(clause)) + 1):
            last = lower[end - 1]
            if not telling[end - 1] and last not in INNER and last not in WEAK:
                break
            if telling[end - 1]:
                yield list(clause[start:end]), opens and (end == len(clause) or not telling[end])


def _verb(clause: Sequence[str], at: int) -> bool:
    """Whether the word is likely what somebody does: `I moved`, `to ensure`, `fix the`."""
    if at == 0:
        return len(clause) > 1 and clause[1] in ARTICLES
    before = clause[at - 1]
    if before == "to" and at > 1:
        return not _carries(clause[at - 2]) or (at + 1 < len(clause) and clause[at + 1] in ARTICLES)
    return before in SUBJECTS or (before in ("and", "then") and at + 1 < len(clause) and clause[at + 1] in ARTICLES)


def _carries(word: str) -> bool:
    return len(word) > 2 and word not in words.STOP and word not in WEAK and not word[0].isdigit()


def _score(phrase: _Phrase, worth: Mapping[str, float]) -> float:
    """Its words' worth, more for each further word, for being said again, for coming early and for being whole."""
    own = [worth.get(stem, 0.0) for stem in set(phrase.stems)]
    said: float = sum(own) / len(own) ** BREADTH * (1 + AGAIN * log1p(phrase.weight)) * (1 + EARLY * (1 - phrase.first))
    return said * (1.0 if phrase.whole else CUT_SHORT)


def _written(run: Sequence[str], forms: Mapping[str, str]) -> str:
    """The words as they are written inside a sentence, so that a capital at its start doesn't stay."""
    plain = [forms.get(words.stem(token.lower()), "") for token in run]
    return " ".join(
        token.lower() if token[1:].islower() and form.islower() else token
        for token, form in zip(run, plain, strict=True)
    )


def _headed(text: str) -> str:
    return text[:1].upper() + text[1:]
