"""What somebody wants done, as a name.

`Can you book a table` becomes `booking a table`, and `please migrate the orders` also `orders migration`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from agent.stages.reading import phrases, words

EMPTY: Final = frozenset(
    """
    be have do know think tell say give let use try want need like look show explain help ask keep start make see get
    hear mean seem sound believe guess wonder hope feel continue proceed ensure provide include understand follow work
    happen thank please stop wait come love hate enjoy
    """.split()
)
"""Verbs that name nothing by themselves."""
NOUNS: Final = {
    pair.split(":")[0]: pair.split(":")[1]
    for pair in """
    migrate:migration upgrade:upgrade refactor:refactoring review:review install:installation configure:configuration
    deploy:deployment compare:comparison analyse:analysis analyze:analysis optimise:optimisation optimize:optimization
    validate:validation release:release translate:translation design:design test:tests document:documentation
    debug:debugging summarise:summary summarize:summary integrate:integration implement:implementation plan:plan
    repair:repair rename:rename reserve:reservation complain:complaint book:booking rent:rental schedule:schedule
    clean:cleanup train:training parse:parsing sort:sorting cache:caching log:logging name:naming import:import
    export:export update:update setup:setup delete:deletion remove:removal format:formatting convert:conversion
    """.split()
}
"""What such a doing is called after its object: `invoice review`."""
DOUBLED: Final = frozenset("commit admit begin prefer refer submit format".split())
PARTICLES: Final = frozenset("up out off down over back on in away".split())
POSSESSIVES: Final = frozenset("my our your his her their this that these those some any".split())
LEADING: Final = frozenset(
    """
    meanwhile despite besides beside except unlike within without across toward towards upon beneath beyond because
    although though while whereas unless until since once again maybe perhaps hence thus instead half quite such
    """.split()
)
"""Words that open a sentence before an article, and are no verbs."""
JOINING: Final = frozenset("of for in from to with at about on".split())
OBJECT: Final = 3
_ASKED = frozenset("please let's lets i'll we'll i'd we'd me us".split())
_MODAL = frozenset("can could would will should must may shall".split())
_PERSON = frozenset("you i we".split())
_CVC = re.compile(r"^[^aeiou]*[aeiou][^aeiouwxy]$")


def doings(clause: Sequence[str], forms: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each name a clause's doings allow, with its stems."""
    lower = [token.lower().replace("’", "'") for token in clause]
    for at, verb in enumerate(lower):
        base = _base(lower, at)
        if base is None or base in EMPTY or not verb.isalpha():
            continue
        after = at + 1
        particle = lower[after] if after < len(lower) and lower[after] in PARTICLES else ""
        article, thing, joined = _object(clause, lower, after + bool(particle))
        if not thing:
            continue
        what = phrases.written(thing, forms)
        head = " ".join(part for part in (gerund(base), particle, article) if part)
        yield f"{head} {what}", _stems(base, thing)
        if joined:
            yield f"{head} {what} {phrases.written(joined, forms)}", _stems(base, [*thing, *joined])
        if base in NOUNS and not particle:
            yield f"{what} {NOUNS[base]}", _stems(base, thing)


def gerund(verb: str) -> str:
    """`book` to `booking`, `move` to `moving`, `plan` to `planning`."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    if verb in DOUBLED or (len(verb) > 2 and _CVC.match(verb)):
        return verb + verb[-1] + "ing"
    return verb + "ing"


def _base(lower: Sequence[str], at: int) -> str | None:
    """The verb at this place without its ending, where somebody asks for or plans what it says."""
    word = lower[at]
    before = lower[at - 1] if at else ""
    if word in words.STOP or word in LEADING or len(word) < 3:
        return None
    if before in ("i'm", "we're", "am", "are") and word.endswith("ing") and len(word) > 5:
        return _without_ing(word)
    asked = before in _ASKED or (before == "to" and at > 1)
    asked |= before in _PERSON and at > 1 and lower[at - 2] in (*_MODAL, "how", "do", "did")
    asked |= at == 0 and len(lower) > 1 and (lower[1] in phrases.ARTICLES or word in phrases.COMMANDS)
    asked |= (before == "and" or before in phrases.ADVERBS) and word in phrases.COMMANDS
    return word if asked and not word.endswith(("ing", "ed", "ly", "s")) else None


def _without_ing(word: str) -> str:
    base = word[:-3]
    if len(base) > 2 and base[-1] == base[-2] and base[-1] not in "lsz":
        return base[:-1]
    return base + "e" if re.search(r"(?:[aeiou][vcszk]|[aeiou]dg|ur|ar|iz|[^aeiou]l|uat|at|it)$", base) else base


def _object(clause: Sequence[str], lower: Sequence[str], at: int) -> tuple[str, list[str], list[str]]:
    """Article, thing and what is joined to it by a preposition."""
    article = ""
    if at < len(lower) and lower[at] in ("a", "an", "the"):
        article, at = lower[at], at + 1
    elif at < len(lower) and lower[at] in POSSESSIVES:
        at += 1
    thing = _named(clause, lower, at)
    at += len(thing)
    if not thing or at + 1 >= len(lower) or lower[at] not in JOINING:
        return article, thing, []
    skip = 2 if lower[at + 1] in POSSESSIVES else 1
    rest = _named(clause, lower, at + skip + (lower[at + 1] in ("a", "an", "the")))[:2]
    between = [lower[at + 1]] if skip == 1 and rest and lower[at + 1] in ("a", "an", "the") else []
    return article, thing, [lower[at], *between, *rest] if rest else []


def _named(clause: Sequence[str], lower: Sequence[str], at: int) -> list[str]:
    found: list[str] = []
    while at < len(lower) and len(found) < OBJECT and phrases.plain(clause[at]) and _names(lower[at]):
        found.append(clause[at])
        at += 1
    while found and not any(map(phrases.carries, words.tokens(found[-1]))):
        found.pop()
    return found


def _names(word: str) -> bool:
    return word not in words.STOP and word not in phrases.INNER and word not in _MODAL


def _stems(verb: str, thing: Sequence[str]) -> tuple[str, ...]:
    return (words.stem(verb), *(words.stem(w) for token in thing for w in words.tokens(token) if phrases.carries(w)))
