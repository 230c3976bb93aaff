"""What two statements share and where they part, as figures: the features of the learned decisions.

Knows no decision: `dedup` asks, `bench/train/updates.py` fits the weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from agent.stages.comparing.lives import matters, person
from agent.stages.comparing.marks import Marks, marks
from agent.stages.comparing.notes import among, compared_notes
from agent.stages.reading.measures import measures
from agent.stages.reading.slots import slot_of

Features = dict[str, float]


_IN_A_LIST = ("same label", "value new", "value alike", "value refined", "ratio", "first", "margin", "of new")
MEANT = 6
"""How many of the stored statements are compared: the nearest."""


def ranked(new: str, stored: Sequence[str], cosines: Sequence[float] | None) -> list[tuple[int, Features]]:
    """The nearest of `stored`, nearest first: its place in `stored`, and the features of the pair.

    Without cosines the words decide what is near, and no feature speaks of one.
    """
    telling = rarity(stored)
    words = [compared(new, old, telling) for old in stored] if cosines is None else []
    near = cosines or [pair.get("telling", 0.0) + pair.get("ratio", 0.0) for pair in words]
    fresh = marks(new)
    several = bool(fresh.label) and (fresh.many or sum(marks(old).label == fresh.label for old in stored) > 1)
    order = sorted(range(len(stored)), key=lambda at: -near[at])[:MEANT]
    beside = among(new, stored)
    found = []
    for rank, at in enumerate(order):
        features = words[at] if words else compared(new, stored[at], telling)
        other = order[1 if rank == 0 else 0] if len(order) > 1 else at
        features |= {
            "rank": 1 / (1 + rank),
            "first": float(rank == 0),
            "margin": near[at] - near[other],
            "alone": float(len(stored) == 1),
        }
        features |= _listed(several, features)
        if cosines is not None:
            features |= _near(near[at], features) | compared_notes(new, stored[at], several, beside)
        found.append((at, features | _crossed(features)))
    return found


def _listed(several: bool, features: Features) -> Features:
    """Of two notes under one label: whether that is a list, to which a new value adds, or one property."""
    if not features.get("same topic") and not features.get("same label"):
        return {}
    sort = "list" if several else "property"
    return {f"{sort}, {what}": features.get(what, 0.0) for what in _IN_A_LIST}


def _near(cosine: float, features: Features) -> Features:
    return {
        "cosine": cosine,
        "cosine over .5": max(0.0, cosine - 0.5),
        "cosine over .7": max(0.0, cosine - 0.7),
        "cosine and cue": cosine if features.get("cues") else 0.0,
        "cosine and label": cosine * features.get("same label", 0.0),
    }


def _crossed(features: Features) -> Features:
    telling, cue = features.get("telling", 0.0), float(bool(features.get("cues")))
    return {
        "first and cue": features["first"] * cue,
        "telling and cue": telling * cue,
        "telling and number": telling * features.get("other number", 0.0),
    }


def rarity(statements: Sequence[str]) -> Mapping[str, float]:
    """How telling each stem is among the statements that could be meant: 1 in one of them, less in several."""
    counts = Counter(stem for statement in statements for stem in marks(statement).stems)
    return {stem: 1 / count for stem, count in counts.items()}


def compared(new: str, old: str, telling: Mapping[str, float]) -> Features:
    """The features of a pair that the words alone give, booleans as 0 and 1; absent is 0."""
    a, b = marks(new), marks(old)
    x, y = (a.body, b.body) if a.label and b.label else (a.order, b.order)
    found = _overlap(x, y, telling) | _shared(a, b) | _parted(a, b) | _announced(a, b) | _slots(new, old)
    found |= _measured(new, old) | _of_lives(new, old)
    return {name: float(value) for name, value in found.items() if value}


def _overlap(new: Sequence[str], old: Sequence[str], telling: Mapping[str, float]) -> Features:
    """How far the words are the same. Of two notes, those behind the labels."""
    x, y = frozenset(new), frozenset(old)
    both = x & y
    total = sum(telling.get(s, 0.0) for s in y) or 1.0
    return {
        "of old": len(both) / max(1, len(y)),
        "of new": len(both) / max(1, len(x)),
        "of shorter": len(both) / max(1, min(len(x), len(y))),
        "telling": sum(telling.get(s, 0.0) for s in both) / total,
        "shares": min(len(both), 4) / 4,
        "nothing shared": not both,
        "nothing new": x <= y,
        "nothing lost": y <= x,
        "subject": bool(y) and old[0] in x,
        "both openings": bool(x and y) and old[0] == new[0],
        "ratio": fuzz.token_set_ratio(" ".join(new), " ".join(old)) / 100,
        "order ratio": fuzz.ratio(" ".join(new), " ".join(old)) / 100,
    }


def _shared(a: Marks, b: Marks) -> Features:
    alike = bool(a.label and b.label and a.value and b.value) and (a.topic == b.topic or a.label == b.label)
    return {
        "same property": bool(a.attributes & b.attributes),
        "same unit": bool(a.units & b.units),
        "same names": bool(a.names & b.names),
        "same label": bool(a.label) and a.label == b.label,
        "same topic": bool(a.topic) and a.topic == b.topic,
        "same value": bool(a.value) and a.value == b.value,
        "value shared": _share(a.value, b.value),
        "value refined": alike and (a.value < b.value or b.value < a.value),
        "value partly": alike and bool(a.value & b.value) and a.value != b.value,
        "value alike": _share(a.value, b.value) if alike else 0.0,
        "value new": bool(a.label) and a.label == b.label and not a.value & b.value,
        "same sort": _sorts(a) == _sorts(b),
    }


def _share(x: frozenset[str], y: frozenset[str]) -> float:
    return len(x & y) / len(x | y) if x and y else 0.0


def _sorts(a: Marks) -> tuple[bool, bool]:
    return bool(a.numbers), bool(a.times)


def _parted(a: Marks, b: Marks) -> Features:
    both = a.stems & b.stems
    qualified = [(a.before[s], b.before[s]) for s in both if s in a.before and s in b.before]
    return {
        "other label": a.label != b.label and bool(a.label and b.label),
        "label alikeness": fuzz.ratio(a.label, b.label) / 100 if a.label and b.label else 0.0,
        "other property": bool(a.attributes and b.attributes) and not a.attributes & b.attributes,
        "other unit": bool(a.units and b.units) and not a.units & b.units,
        "other number": bool(a.numbers and b.numbers) and a.numbers != b.numbers,
        "same number": bool(a.numbers) and a.numbers == b.numbers,
        "number lost": bool(b.numbers) and not a.numbers,
        "number won": bool(a.numbers) and not b.numbers,
        "other time": bool(a.times and b.times) and a.times != b.times,
        "same time": bool(a.times) and a.times == b.times,
        "other names": bool(a.names and b.names) and not a.names & b.names,
        "other opening": bool(a.opening and b.opening) and a.opening != b.opening,
        "other opening, no cue": bool(a.opening and b.opening) and a.opening != b.opening and a.cues <= b.cues,
        "same opening": bool(a.opening) and a.opening == b.opening,
        "name lost": bool(b.names) and not a.names,
        "name won": bool(a.names) and not b.names,
        "person won": bool(a.people - b.people),
        "person lost": bool(b.people - a.people),
        "speakers part": bool(a.persons and b.persons) and not a.persons & b.persons,
        "polarity": a.negated != b.negated,
        "otherwise qualified": any(x and y and x != y for x, y in qualified),
        "qualified": any(x and not y and x not in b.stems for x, y in qualified),
        "less qualified": any(y and not x and y not in a.stems for x, y in qualified),
    }


def _announced(a: Marks, b: Marks) -> Features:
    cues = a.cues - b.cues
    impersonal = not (a.persons | b.persons) and not a.label
    return {f"cue {cue}": 1.0 for cue in cues} | {
        "cues": min(len(cues), 3) / 3,
        "names what goes": len(a.gone & b.stems) / max(1, len(b.stems)),
        "goes": bool(a.gone & b.stems),
        "goes elsewhere": bool(a.gone) and not a.gone & b.stems,
        "extra": a.extra,
        "unsure": a.unsure,
        "once": a.once,
        "old unsure": b.unsure,
        "old once": b.once,
        "both told": a.told and b.told,
        "told": a.told,
        "impersonal": impersonal,
        "impersonal, cue": impersonal and bool(cues),
        "impersonal, told": impersonal and (a.told or b.told),
    }


def _measured(new: str, old: str) -> Features:
    fresh, stale = measures(new), measures(old)
    both = [what for what in fresh if what in stale]
    changed = any(fresh[what].value != stale[what].value for what in both)
    return {"measured again": changed, "measured the same": bool(both) and not changed}


def _of_lives(new: str, old: str) -> Features:
    """Of one person, whether anything more is shared, and whether it is one matter of theirs."""
    x, y = person(new), person(old)
    shared = marks(new).stems & marks(old).stems
    fresh, stale = matters(new), matters(old)
    one = bool(x & y) and not (marks(new).label and marks(old).label)
    return {
        "one person": one,
        "one person, nothing else": one and not shared - x - y,
        "one person, one matter": one and bool(fresh & stale),
        "one person, other matter": one and bool(fresh and stale) and not fresh & stale,
    }


def _slots(new: str, old: str) -> Features:
    fresh, stale = slot_of(new), slot_of(old)
    if not fresh or not stale:
        return {"one slot": bool(fresh) != bool(stale)}
    one, what = fresh.entity == stale.entity, fresh.attribute == stale.attribute
    return {"same slot": one and what, "other entity": not one and what, "other attribute": one and not what}
