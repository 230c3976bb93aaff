"""Runs of words in what was said that could stand as a name.

Knows no tagger: grammar is guessed from the words around.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log1p
from typing import Final

from agent.stages.reading import words

LONGEST: Final = 6
BREADTH: Final = 0.8
"""0 prefers long names, 1 has each word pull its own weight."""
AGAIN: Final = 0.6
EARLY: Final = 1.0
CUT_SHORT: Final = 0.7

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

COMMANDS: Final = frozenset(
    """
    add allow apply avoid build bump catch change clean combine consider consolidate correct create decide delete
    describe detect disable drop enable ensure expand explain extend extract fetch find fix generate give handle help
    ignore implement improve include install integrate introduce investigate keep let look make merge migrate modify
    move note optimise optimize parse pass prepare prevent put recommend reduce refactor reject remove rename render
    replace resolve restore rewrite run send show simplify skip split start stop strip suggest swap switch take tell
    translate try turn undo update upgrade use validate verify warn write
    """.split()
)
"""Verbs that open what somebody asks an assistant for; those that are as often nouns (`test`, `cache`) aren't here."""
ADVERBS: Final = frozenset("also always don't just now never only please then".split())
"""Words after which such a verb is one."""

_BREAK = re.compile(
    r"[.!?,;:()\[\]{}\"“”…|=<>*]+(?=\s|$)|(?<=\s)[(\[{\"“=<>|*-]+|^[(\[{\"“]+|\n+|\s[-–—]+\s|`[^`\n]*[^\w.`-][^`\n]*`"
)
_TOKEN = re.compile(r"[^\W_](?:[\w.'’&+/#-]*[\w+#])?")
_CODE = re.compile(r"[_/]|\.(?!\w{1,4}$)|\.[A-Z]|^[0-9a-f]{7,}$")


@dataclass(slots=True)
class Phrase:
    """One candidate: what it looks like, the stems it says, and how well it was said."""

    text: str
    stems: tuple[str, ...]
    said: float = 0.0
    """How often."""
    first: float = 1.0
    """Where it was said first: 0 the beginning, 1 the end."""
    whole: bool = False
    """Somewhere it stood whole, with no further telling word right before or after it."""


@lru_cache(maxsize=1024)
def clauses(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of each stretch between two stops, as written."""
    found = (tuple(_TOKEN.findall(clause)) for clause in _BREAK.split(text))
    return tuple(clause for clause in found if clause)


@lru_cache(maxsize=1 << 14)
def telling(token: str) -> tuple[str, ...]:
    """The words of a token that say what a text is about, in lower case: `snake_case` has two."""
    return tuple(filter(carries, words.tokens(token)))


@lru_cache(maxsize=1 << 14)
def stems(token: str) -> tuple[str, ...]:
    """Their stems."""
    return tuple(map(words.stem, telling(token)))


def worth(
    texts: Sequence[str], weights: Sequence[float], spread: Mapping[str, int]
) -> tuple[dict[str, float], dict[str, str]]:
    """What each stem says about the subject, and how it is mostly written inside a sentence."""
    said: defaultdict[str, float] = defaultdict(float)
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text, weight in zip(texts, weights, strict=True):
        for clause in clauses(text):
            for at, token in enumerate(clause):
                lower = token.lower()
                for word, stem in zip(telling(token), stems(token), strict=True):
                    said[stem] += weight
                    proper = at > 0 and token[:1].isupper() and word == lower
                    forms[stem][token if proper else word] += 2 if at else 1
    valued = {stem: log1p(count) / max(spread.get(stem, 1), 1) for stem, count in said.items()}
    return valued, {stem: form.most_common(1)[0][0] for stem, form in forms.items()}


def phrases(texts: Sequence[str], forms: Mapping[str, str]) -> list[Phrase]:
    """Every run of words that begins and ends with one that carries meaning."""
    found: dict[tuple[str, ...], Phrase] = {}
    for at, text in enumerate(texts):
        for clause in clauses(text):
            for run, whole in _runs(clause):
                key = tuple(stem for token in run for stem in stems(token))
                phrase = found.get(key)
                if phrase is None:
                    phrase = found[key] = Phrase(written(run, forms), key, first=at / len(texts))
                phrase.said += 1
                phrase.whole |= whole
    return list(found.values())


def score(phrase: Phrase, value: Mapping[str, float]) -> float:
    """Its words' worth, more for each further word, for being said again, for coming early and for being whole."""
    own = [value.get(stem, 0.0) for stem in dict.fromkeys(phrase.stems)]
    said: float = sum(own) / len(own) ** BREADTH * (1 + AGAIN * log1p(phrase.said)) * (1 + EARLY * (1 - phrase.first))
    return said * (1.0 if phrase.whole else CUT_SHORT)


def carries(word: str) -> bool:
    """Whether a lower-case word says what a text is about."""
    return len(word) > 2 and word not in words.STOP and word not in WEAK and not word[0].isdigit()


def plain(token: str) -> bool:
    """Whether a token is a word of prose, not a path, a hash or an identifier."""
    return _CODE.search(token) is None


def written(run: Sequence[str], forms: Mapping[str, str]) -> str:
    """The words as they are written inside a sentence, so that a capital at its start doesn't stay."""
    usual = [forms.get(words.stem(token.lower()), "") for token in run]
    return " ".join(
        token.lower() if token[1:].islower() and form.islower() else token
        for token, form in zip(run, usual, strict=True)
    )


def _runs(clause: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    lower = [token.lower().replace("’", "'") for token in clause]
    tells = [bool(telling(token)) and plain(token) for token in clause]
    verbs = [_verb(lower, at) for at in range(len(lower))]
    for start in range(len(clause)):
        if not tells[start] or verbs[start]:
            continue
        opens = start == 0 or not tells[start - 1] or verbs[start - 1]
        for end in range(start + 1, min(start + LONGEST, len(clause)) + 1):
            last = lower[end - 1]
            if not tells[end - 1] and last not in INNER and last not in WEAK:
                break
            if tells[end - 1]:
                yield list(clause[start:end]), opens and (end == len(clause) or not tells[end])


def _verb(clause: Sequence[str], at: int) -> bool:
    """Whether the word is likely what somebody does: `I moved`, `Ana moved the`, `to ensure`, `fix the`."""
    if at == 0:
        return len(clause) > 1 and (clause[1] in ARTICLES or clause[0] in COMMANDS)
    before = clause[at - 1]
    if clause[at].endswith("ed") and at + 1 < len(clause) and clause[at + 1] in ARTICLES:
        return True
    if clause[at] in COMMANDS and at + 1 < len(clause) and (before in ADVERBS or clause[at + 1] in ARTICLES):
        return True
    if before == "to" and at > 1:
        return not carries(clause[at - 2]) or (at + 1 < len(clause) and clause[at + 1] in ARTICLES)
    return before in SUBJECTS or (before in ("and", "then") and at + 1 < len(clause) and clause[at + 1] in ARTICLES)
