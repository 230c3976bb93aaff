"""What keeps two statements from being the same, in words: numbers, names, negation, tense, who did what to whom.

An empty answer doesn't mean they are the same; any answer means they are not.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from agent.stages.reading.words import STOP, stem

Words = tuple[str, ...]

_TOKEN = re.compile(r"`[^`]+`|[\w@~.-]*[/\\][\w@./\\-]+|\d[\d.,:]*\w*|[^\W\d_]+(?:['’][a-z]+)?|[\w-]+")
_NUMBERS = {
    word: str(value)
    for value, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
} | {"zero": "0", "twice": "2x", "second": "2nd", "third": "3rd", "half": "0.5", "dozen": "12", "both": "2"}
_TIMES = frozenset(
    """january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday morning evening afternoon night noon midnight daily weekly
    monthly yearly annually hourly last next today tomorrow yesterday early late first once former
    latter""".split()
)
_NEGATIONS = frozenset(
    """no not never none nobody nothing nowhere without cannot neither nor hardly rarely seldom stop stopped quit lack
    lacks""".split()
)
_PERSONS = {
    form: person
    for person, forms in {
        "I": "i me my mine myself",
        "we": "we us our ours",
        "you": "you your yours",
        "he": "he him his",
        "she": "she her hers",
        "they": "they them their theirs",
    }.items()
    for form in forms.split()
}
_THIRD = frozenset(("he", "she", "they"))
_ACTORS = frozenset(("i", "we", "he", "she", "they"))
_TAKEN_UP = frozenset("them theirs him".split())
"""Forms that take up somebody or something named, and don't act."""
_RELATIONS = frozenset(
    """to from by for over against with into out after before than of under between above below near far inside
    outside behind beside around off up down until since except if unless only always usually sometimes
    often already still also should must may might can could would will want wants need needs all some
    every each any most least more less""".split()
)
"""Small words that turn a statement into another one. `a`, `the`, `is`, `in`, `on` and `at` are not among them."""
_OPPOSITES = tuple(
    tuple(stem(word) for word in pair.split("/"))
    for pair in """like/hate love/hate like/dislike love/dislike enjoy/avoid enjoy/hate prefer/avoid prefer/dislike
    always/never open/close left/right north/south east/west start/stop begin/end enable/disable
    allow/forbid increase/decrease old/new big/small large/small high/low long/short fast/slow hot/cold
    man/woman boy/girl male/female men/women husband/wife brother/sister mother/father son/daughter
    add/remove accept/reject buy/sell win/lose push/pull public/private true/false yes/no many/few
    black/white red/blue red/green blue/green import/export read/write sync/async tab/space
    client/server staging/production dev/prod happy/sad young/old indoor/outdoor empty/full dry/wet
    light/dark""".split()
)
_SAME = {
    stem(word): stem(group.split("/")[0])
    for group in """child/kid/children/kids woman/lady large/big small/little street/road photo/picture/photograph
    movie/film buy/purchase begin/start bike/bicycle couch/sofa autumn/fall mom/mum/mother dad/father
    phone/telephone tv/television cut/slice/chop make/made eat/ate/eaten drink/drank/drunk
    break/broke/broken write/wrote/written ride/rode/ridden drive/drove/driven sing/sang/sung run/ran
    throw/threw/thrown give/gave/given take/took/taken""".split()
    for word in group.split("/")
}
_FUNCTION = STOP | frozenset("an one ones there somebody someone several being person".split())
_BE = frozenset("is are was were be been being 's’s am".split())


@lru_cache(maxsize=1 << 14)
def _words(text: str) -> Words:
    found = (token.strip(".,:'’").replace("’", "'") for token in _TOKEN.findall(text))
    return tuple(token for token in found if token)


def differences(a: str, b: str) -> list[str]:
    """Reasons, in words, why `b` can't be the same statement as `a`."""
    return list(parted(a, b).values())


def parted(a: str, b: str) -> dict[str, str]:
    """The same reasons by what differs: `number`, `time`, `code`, `name`, `negation`, `who`, `person`, `relation`,
    `opposite`, `tense`, `order`."""
    x, y = _words(a), _words(b)
    found = {
        "number": _unlike("number", _numbers(x), _numbers(y)),
        "time": _unlike("date or time", _times(x), _times(y)),
        "code": _unlike("path or code", _codes(x), _codes(y)),
        "name": _unlike("name", _names(x, y), _names(y, x)),
        "negation": "" if _negated(x) == _negated(y) else "one of them is negated",
        "who": _exchanged(x, y),
        "person": _unlike("person", _persons(x, y), _persons(y, x)),
        "relation": _unlike("relation", _relations(x), _relations(y)),
        "opposite": _opposite(x, y),
        "tense": "" if _tenses(x, y) else "a different tense",
        "order": "" if _same_order(x, y) else "the same words in another order",
    }
    return {what: reason for what, reason in found.items() if reason}


@lru_cache(maxsize=1 << 14)
def roots(text: str) -> Words:
    """The words that carry the meaning, in the order of the active voice, each in one form."""
    return tuple(_root(word) for word in _active(_words(text)) if word.lower() not in _FUNCTION)


def _unlike(what: str, x: Counter[str], y: Counter[str]) -> str:
    if x == y:
        return ""
    only_x, only_y = sorted((x - y).elements()), sorted((y - x).elements())
    return f"a different {what}: {' '.join(only_x) or 'none'} against {' '.join(only_y) or 'none'}"


def _numbers(words: Words) -> Counter[str]:
    plain = (_NUMBERS.get(w.lower(), w.lower()) for w in words)
    return Counter(w.replace(",", "") for w in plain if any(c.isdigit() for c in w))


def _times(words: Words) -> Counter[str]:
    return Counter(w.lower().removesuffix("s") for w in words if w.lower().removesuffix("s") in _TIMES)


def _codes(words: Words) -> Counter[str]:
    return Counter(w for w in words if re.search(r"[/\\`@_]|\w\.\w|[a-z][A-Z]", w) and not w.replace(".", "").isdigit())


def _names(words: Words, other: Words) -> Counter[str]:
    """Capitalised words the other doesn't hold in any case: a name in lower case is still that name."""
    there = {_bare(w) for w in other}
    return Counter(w for w in words if w[0].isupper() and _bare(w) not in there and w.lower() not in _FUNCTION)


def _bare(word: str) -> str:
    return word.lower().removesuffix("'s")


def _negated(words: Words) -> int:
    return sum(w.lower() in _NEGATIONS or w.lower().endswith("n't") for w in words)


def _exchanged(x: Words, y: Words) -> str:
    """Whether both speak of others, and not the same, or somebody else acts: `I gave them`, `they gave me`."""
    for people in (_others, _acting):
        left, right = people(x), people(y)
        if left and right and left != right:
            return f"somebody else: {' '.join(sorted(left))} against {' '.join(sorted(right))}"
    return ""


def _others(words: Words) -> frozenset[str]:
    return frozenset(_PERSONS[w.lower()] for w in words if w.lower() in _PERSONS) & _THIRD


def _acting(words: Words) -> frozenset[str]:
    return frozenset(w for w in map(str.lower, words) if w in _ACTORS)


def _persons(words: Words, other: Words) -> Counter[str]:
    """Set, not count. A `them` where the other speaks of no third person only takes up what both name."""
    there = {_PERSONS[w.lower()] for w in other if w.lower() in _PERSONS}
    alone = there.isdisjoint(_THIRD)
    said = (w.lower() for w in words if w.lower() in _PERSONS)
    return Counter({_PERSONS[w] for w in said if not (alone and w in _TAKEN_UP)})


def _relations(words: Words) -> Counter[str]:
    """Set, not count; the `by` of a passive goes with its verb."""
    return Counter({w.lower() for w in _active(words) if w.lower() in _RELATIONS} - {"some", "of", "also"})


def _opposite(x: Words, y: Words) -> str:
    left, right = {stem(w.lower()) for w in x}, {stem(w.lower()) for w in y}
    for one, two in _OPPOSITES:
        if (one in left - right and two in right - left) or (two in left - right and one in right - left):
            return f"opposite meaning: {one} against {two}"
    return ""


def _tenses(x: Words, y: Words) -> bool:
    """Whether no verb is past in one and present in the other."""
    past_x, past_y = _past(x), _past(y)
    now_x, now_y = ({stem(w.lower()) for w in words if not w.lower().endswith("ed")} for words in (x, y))
    return not (past_x & now_y - past_y) and not (past_y & now_x - past_x)


def _past(words: Words) -> set[str]:
    before = ("", *words)
    return {
        stem(w.lower())
        for previous, w in zip(before, words, strict=False)
        if w.lower().endswith("ed") and previous.lower() not in _BE
    }


def _same_order(x: Words, y: Words) -> bool:
    """Who did what to whom: the words both share must come in the same order."""
    left, right = (list(dict.fromkeys(_content(words))) for words in (x, y))
    shared = set(left) & set(right)
    return [w for w in left if w in shared] == [w for w in right if w in shared]


def _content(words: Words) -> list[str]:
    return [_root(w) for w in _active(words) if w.lower() not in _FUNCTION]


def _active(words: Words) -> Words:
    """`a door is being opened by a man` as `a man opened a door`, so that both voices compare."""
    low = [w.lower() for w in words]
    if low.count("by") != 1:
        return words
    by = low.index("by")
    verb = next((i for i in range(by) if low[i] in _BE and i + 1 < by and low[i + 1] not in _BE), None)
    if (
        verb is None
        or by + 1 == len(words)
        or verb == 0
        or not _PARTICIPLE.search(low[verb + 1])
        or low[by + 1].endswith("ing")
    ):
        return words
    subject, action, rest = words[:verb], words[verb + 1], words[verb + 2 : by]
    return (*words[by + 1 :], action, *subject, *rest)


_PARTICIPLE = re.compile(r"(?:ed|en|wn|ade|ung|unk|ut|ept|elt|uilt|ought|aught|ent|old|ead|et|un)$")


def _root(word: str) -> str:
    plain = word.lower()
    plain = stem(f"{plain[:-3]}y" if plain.endswith("ied") else plain)
    return _SAME.get(plain, plain)
