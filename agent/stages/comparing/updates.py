"""Which stored statement a new one takes the place of, and why: by its slot and its words, or else as learned.

The rules name what changed and are asked first. The learned model weighs what is said in free words, and is believed
only where it is sure: leaving a stale statement beside a new one costs less than retiring one that holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent.domain.fragment import Fragment
from agent.stages.comparing.comparison import Features, ranked
from agent.stages.comparing.lives import other_matter, person
from agent.stages.comparing.marks import marks
from agent.stages.comparing.nominees import Nominee, compatible, likeness, same_text, value_of, words_of
from agent.stages.comparing.notes import TWO_NOTES
from agent.stages.learned import learned
from agent.stages.reading.cues import read
from agent.stages.reading.labels import labelled
from agent.stages.reading.measures import measures
from agent.stages.reading.slots import PROJECT, USER, Slot, slot_of
from agent.stages.reading.words import stem, tokens

RELATED = 0.5
"""Least likeness of two statements about one thing, for an update without a slot."""
SURELY_RELATED = 0.6
"""The same, when they share only just enough words."""
SAME_TALK = 0.3
"""The same, when both were said in one session and the new one names the only value that it can mean."""
ABOUT = 2
"""Least number of words two measurements of one thing have in common; a name counts for two."""
SURE = 0.66
"""Least probability of an update that is made."""
SURE_OF_A_NOTE = 0.45
"""The same between two notes with labels, which say what they are about."""
BLIND = 0.1
"""How much surer it has to be when nothing is known of meaning, only of words."""
LIKELY = 0.4
"""Least probability of one that is shown to a person."""
_OWN = re.compile(r"\b(?:I|my|me|we|our)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Succession:
    """A stored fragment that the new one seems to take the place of."""

    old: Fragment
    reason: str
    """What changed, in words."""
    sure: bool = True
    """Whether it should be made, and not only shown to a person."""


def ruled(new: Fragment, standing: Sequence[Nominee]) -> Succession | None:
    """What the new statement corrects by a plain sign: one slot, a value named as gone, a measure read again."""
    able = [c for c in standing if may_replace(new, c.fragment) and not marks(new.statement).wish]
    for reason_of in (_same_slot, _gives_way, _same_measure):
        for nominee in able:
            reason = reason_of(new, nominee)
            if reason:
                return Succession(nominee.fragment, reason)
    meant = [c for c in able if names_former(new, c.fragment) and _same_session(new, c.fragment)]
    if len(meant) == 1 and likeness(new, meant[0]) >= SAME_TALK:
        return Succession(meant[0].fragment, f"“{meant[0].fragment.statement}” no longer holds")
    return None


def weighed(new: Fragment, standing: Sequence[Nominee]) -> Succession | None:
    """The stored statement the new one most probably replaces, where that is likely at all."""
    known = all(c.cosine is not None for c in standing)
    cosines = [c.cosine or 0.0 for c in standing] if known else None
    found = ranked(new.statement, [c.fragment.statement for c in standing], cosines)
    likely = [(_probability(features, known), standing[at].fragment) for at, features in found]
    likely = [(p, old) for p, old in likely if p >= LIKELY and may_replace(new, old) and not _both_hold(new, old)]
    if not likely:
        return None
    probability, old = max(likely, key=lambda pair: pair[0])
    notes = marks(new.statement).label and marks(old.statement).label
    needed = (SURE_OF_A_NOTE if notes else SURE) + (0.0 if known else BLIND)
    sure = probability >= needed and not marks(new.statement).wish and not _of_another(new, old)
    return Succession(old, _changed(new.statement, old.statement), sure)


def _probability(features: Features, known: bool) -> float:
    """`known`: whether cosines are among the features."""
    name = "update_note" if features.get(TWO_NOTES) else "update"
    return learned(name if known else "update_words").probability(features)


def twins(new: Fragment, old: Fragment, standing: Sequence[Nominee]) -> list[Fragment]:
    """What else is stored that says of the same property what `old` says, and so gives way with it."""
    others = [c.fragment for c in standing if c.fragment.id != old.id and may_replace(new, c.fragment)]
    return [
        other
        for other in others
        if _same_fact(old.statement, other.statement) and not _same_fact(new.statement, other.statement)
    ]


def _same_fact(one: str, two: str) -> bool:
    """Whether both fix one property to one value, or measure one thing of the same description with one result."""
    first, second = slot_of(one), slot_of(two)
    if first and second and first.single and (first.entity, first.attribute) == (second.entity, second.attribute):
        return value_of(first.value) == value_of(second.value)
    read, again = measures(one), measures(two)
    both = [what for what in read if what in again]
    if not both or any(read[what].value != again[what].value for what in both):
        return False
    shared = (words_of(one) & words_of(two)) - person(one)
    return len(shared) >= ABOUT + 1 and not _exchanged(one, two)


def _exchanged(one: str, two: str) -> bool:
    """Whether they speak of different people, or one denies what the other says."""
    return person(one) != person(two) or marks(one).negated != marks(two).negated


def overtaken(new: Fragment, standing: Sequence[Nominee], *, plainly: bool) -> Succession | None:
    """The stored statement that was said after the new one and takes its place, as it would have in that order.

    `plainly`: by a plain sign, as `ruled`, or else as `weighed`. `old` is then the stored one, though it is younger.
    """
    younger = [c for c in standing if said_later(c.fragment, new)]
    for later in sorted(younger, key=lambda c: _said(c.fragment) or datetime.max):
        # A note doesn't keep whether its words announced a change.
        heir = replace(later.fragment, cue=read(later.fragment.statement).cue)
        # How near the others are to the new statement stands for how near they are to the later one: they are close.
        swapped = [replace(c, fragment=new) if c is later else c for c in standing]
        found = ruled(heir, [replace(later, fragment=new)]) if plainly else weighed(heir, swapped)
        if found and found.old.id == new.id:
            return replace(found, old=later.fragment)
    return None


def said_later(one: Fragment, other: Fragment) -> bool:
    """Whether one is known to have been said after the other. What has no date is being said now."""
    first, second = _said(one), _said(other)
    return first is not None and second is not None and first > second


def _said(fragment: Fragment) -> datetime | None:
    """When it was said, the last time if more than once."""
    return (fragment.updated if fragment.seen > 1 else None) or fragment.created


def may_replace(new: Fragment, old: Fragment) -> bool:
    return compatible(new, old) and not same_text(new, old) and not said_later(old, new)


def _both_hold(new: Fragment, old: Fragment) -> bool:
    """Whether both stay true however alike they are: two events, two matters of one person, the same said of two
    people, or nothing shared but the value that is gone."""
    a, b = marks(new.statement), marks(old.statement)
    if names_former(new, old) and not (a.stems & b.stems) - a.gone:
        return True
    events = a.told and b.told and not a.persons | b.persons
    return events or other_matter(new.statement, old.statement) or (_of_another(new, old) and a.cues <= b.cues)


def _of_another(new: Fragment, old: Fragment) -> bool:
    """Whether they open with two names of which neither statement knows the other's: `Ann plays`, `Tom plays`."""
    a, b = marks(new.statement), marks(old.statement)
    named = bool(a.opening and b.opening) and a.opening != b.opening
    return named and stem(a.opening) not in b.stems and stem(b.opening) not in a.stems


def names_former(new: Fragment, old: Fragment) -> bool:
    """Whether the new statement names a value of the old one, a number among it, as the one that is gone."""
    slot = slot_of(new.statement)
    if not slot or not slot.former or not new.cue or not any(c.isdigit() for c in slot.former):
        return False
    told, gone, value = (f" {' '.join(tokens(text))} " for text in (old.statement, slot.former, slot.value))
    return gone in told and value not in told


def _same_slot(new: Fragment, nominee: Nominee) -> str:
    """One slot, another value."""
    fresh, stale = slot_of(new.statement), slot_of(nominee.fragment.statement)
    if not fresh or not stale or fresh.attribute != stale.attribute:
        return ""
    gone = bool(fresh.former) and value_of(fresh.former) == value_of(stale.value)
    if fresh.entity != stale.entity and not (gone and _nested(fresh.entity, stale.entity)):
        return ""
    certain = gone or new.cue or (fresh.single and stale.single)
    differs = value_of(fresh.value) != value_of(stale.value)
    return f"{_spoken(fresh)} changed from {stale.value} to {fresh.value}" if certain and differs else ""


def _nested(entity: str, other: str) -> bool:
    """Whether one is the other in fewer words: `staging` and `staging database`, or just the project's."""
    shorter, longer = sorted((set(entity.split()), set(other.split())), key=len)
    return shorter <= longer or PROJECT in (entity, other)


def _gives_way(new: Fragment, nominee: Nominee) -> str:
    """The new statement names the old value as the one that is gone."""
    fresh = slot_of(new.statement)
    if not fresh or not fresh.former or not new.cue or likeness(new, nominee) < RELATED:
        return ""
    gone, value, told = (value_of(text) for text in (fresh.former, fresh.value, nominee.fragment.statement))
    return f"{fresh.former} gave way to {fresh.value}" if gone <= told and not value <= told else ""


def _same_session(new: Fragment, old: Fragment) -> bool:
    return bool({s.session for s in new.sources} & {s.session for s in old.sources})


def _same_measure(new: Fragment, nominee: Nominee) -> str:
    """The same habit, count or time of the person or project, read again with another result."""
    old = nominee.fragment.statement
    if not (_OWN.search(new.statement) and _OWN.search(old)) or likeness(new, nominee) < RELATED:
        return ""
    fresh, stale = measures(new.statement), measures(old)
    changed = [what for what in fresh if what in stale and fresh[what].value != stale[what].value]
    if not changed:
        return ""
    named = bool(marks(new.statement).names & marks(old).names)
    shared = words_of(new.statement) & words_of(old)
    about = len(shared) + named if shared - person(new.statement) else 0
    if about < ABOUT or (about == ABOUT and likeness(new, nominee) < SURELY_RELATED):
        return ""
    what = changed[0]
    return f"“{stale[what].said}” became “{fresh[what].said}”"


def _spoken(slot: Slot) -> str:
    return f"the user's {slot.attribute}" if slot.entity == USER else f"the {slot.entity} {slot.attribute}"


def _changed(new: str, old: str) -> str:
    """What the new statement says otherwise, as far as words can tell."""
    fresh, stale = labelled(new), labelled(old)
    if fresh and stale and fresh.label.lower() == stale.label.lower() and fresh.value != stale.value:
        return f"{fresh.label} changed from {stale.value} to {fresh.value}"
    now, before = marks(new), marks(old)
    for holds, held in ((now.numbers, before.numbers), (now.times, before.times)):
        if holds - held and held - holds:
            return f"“{old}” is out of date ({_listed(holds - held)} instead of {_listed(held - holds)})"
    return f"“{old}” is out of date"


def _listed(values: frozenset[str]) -> str:
    return " and ".join(sorted(values))
