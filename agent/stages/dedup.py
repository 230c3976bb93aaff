"""The write decision: what to do with one new statement, given the stored ones that look like it.

Similarity only nominates. Corrections are looked for before duplicates, a merge needs every sign to agree, and what is
not certain stands beside its neighbours. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from agent.domain.decision import Decision
from agent.domain.fragment import TRUSTED, Fragment
from agent.domain.identity import normalised, statement_digest
from agent.stages.differences import differences, roots
from agent.stages.measures import measures
from agent.stages.slots import PROJECT, USER, Slot, slot_of
from agent.stages.words import content, tokens

NEAR = 0.92
"""Least cosine of two wordings of one statement."""
OVERLAP = 90.0
"""Least overlap (rapidfuzz, 0 to 100) of the words that carry meaning, in two wordings of one statement."""
IDENTICAL = 100.0
NEAR_SAME_WORDS = 0.85
"""Least cosine of two wordings whose meaning-bearing words are all the same."""
NEIGHBOUR = 0.55
CLOSE = 0.85
_NEIGHBOURS = 5
RELATED = 0.5
"""Least likeness of two statements about one thing, for an update without a slot."""
SURELY_RELATED = 0.6
"""The same, when they share only just enough words."""
SAME_TALK = 0.3
"""The same, when both were said in one session and the new one names the only value that it can mean."""
ABOUT = 2
"""Least number of words two measurements of one thing have in common."""
_EXPLAINS = re.compile(
    r"[,;:—–-]+ ?(?!.*\b(?:unless|except|but|only|if|when|not|never|no)\b)(?:(?:because|since|otherwise)\b|"
    r"(?:one|it|that|this|there|they|everything|anything|nobody|everybody)\b(?: \w+){0,6}? (?:is|are|would|will|makes?|"
    r"takes?|has|have|saves?|helps?)\b|(?:it|that|this|there)['’]s\b)",
    re.IGNORECASE | re.DOTALL,
)
"""What follows an order and gives its reason, without a condition or a denial."""
_OWN = re.compile(r"\b(?:I|my|me|we|our)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Nominee:
    """A stored fragment that looks like the new one."""

    fragment: Fragment
    cosine: float | None
    """None when the gateway can't be asked: then only the words themselves count."""


def decide(new: Fragment, candidates: Sequence[Nominee], tombstones: Container[str]) -> Decision:
    """The decision for `new`. `tombstones` holds digests of statements that were rejected or forgotten."""
    if statement_digest(new.statement) in tombstones:
        return Decision("skip", new, "it was rejected or forgotten before, and is not learned again")
    if new.trust not in TRUSTED or new.status == "quarantined":
        return _apart(new, candidates)
    standing = sorted(
        (c for c in candidates if c.fragment.trusted and c.fragment.id != new.id and c.fragment.scope == new.scope),
        key=lambda c: -(c.cosine or _overlap(new.statement, c.fragment.statement) / 100),
    )
    return (
        _updated(new, standing)
        or _touched(new, [c for c in candidates if c.fragment.trusted and c.fragment.scope == new.scope])
        or _merged(new, standing)
        or _added(new, standing)
    )


def _apart(new: Fragment, candidates: Sequence[Nominee]) -> Decision:
    waiting = next((c.fragment for c in candidates if _same_text(new, c.fragment) and not c.fragment.trusted), None)
    if waiting:
        return Decision("skip", new, "the same words already wait for a person", other=waiting)
    return Decision(
        "quarantine",
        replace(new, status="quarantined"),
        f"these are the words of {_speaker(new)}, not the user's",
    )


def _speaker(new: Fragment) -> str:
    return {"assistant": "the assistant", "tool": "a tool or document"}.get(new.trust, "an unconfirmed source")


def _updated(new: Fragment, standing: Sequence[Nominee]) -> Decision | None:
    able = [c for c in standing if _may_replace(new, c.fragment)]
    for reason_of in (_same_slot, _gives_way, _same_measure):
        for nominee in able:
            reason = reason_of(new, nominee)
            if reason:
                return _update(new, nominee.fragment, reason)
    meant = [c for c in able if _names_former(new, c.fragment) and _same_session(new, c.fragment)]
    if len(meant) == 1 and _likeness(new, meant[0]) >= SAME_TALK:
        return _update(new, meant[0].fragment, f"“{meant[0].fragment.statement}” no longer holds")
    return None


def _update(new: Fragment, old: Fragment, reason: str) -> Decision:
    fresh = replace(new, supersedes=(*new.supersedes, old.id))
    return Decision("update", fresh, f"{reason}: {_where(new)} corrects it", other=old)


def _may_replace(new: Fragment, old: Fragment) -> bool:
    return _compatible(new, old) and not _same_text(new, old) and (new.cue or _later(new, old))


def _same_slot(new: Fragment, nominee: Nominee) -> str:
    """One slot, another value."""
    fresh, stale = slot_of(new.statement), slot_of(nominee.fragment.statement)
    if not fresh or not stale or fresh.attribute != stale.attribute:
        return ""
    gone = bool(fresh.former) and _value_of(fresh.former) == _value_of(stale.value)
    if fresh.entity != stale.entity and not (gone and _nested(fresh.entity, stale.entity)):
        return ""
    certain = gone or new.cue or (fresh.single and stale.single)
    differs = _value_of(fresh.value) != _value_of(stale.value)
    return f"{_spoken(fresh)} changed from {stale.value} to {fresh.value}" if certain and differs else ""


def _nested(entity: str, other: str) -> bool:
    """Whether one is the other in fewer words: `staging` and `staging database`, or just the project's."""
    shorter, longer = sorted((set(entity.split()), set(other.split())), key=len)
    return shorter <= longer or PROJECT in (entity, other)


def _gives_way(new: Fragment, nominee: Nominee) -> str:
    """The new statement names the old value as the one that is gone."""
    fresh = slot_of(new.statement)
    if not fresh or not fresh.former or not new.cue or _likeness(new, nominee) < RELATED:
        return ""
    gone, value, told = (_value_of(text) for text in (fresh.former, fresh.value, nominee.fragment.statement))
    return f"{fresh.former} gave way to {fresh.value}" if gone <= told and not value <= told else ""


def _names_former(new: Fragment, old: Fragment) -> bool:
    """Whether the new statement names a value of the old one, a number among it, as the one that is gone."""
    slot = slot_of(new.statement)
    if not slot or not slot.former or not new.cue or not any(c.isdigit() for c in slot.former):
        return False
    told, gone, value = (f" {' '.join(tokens(text))} " for text in (old.statement, slot.former, slot.value))
    return gone in told and value not in told


def _same_session(new: Fragment, old: Fragment) -> bool:
    return bool({s.session for s in new.sources} & {s.session for s in old.sources})


def _same_measure(new: Fragment, nominee: Nominee) -> str:
    """The same habit, count or time of the person or project, read again with another result."""
    old = nominee.fragment.statement
    if not (_OWN.search(new.statement) and _OWN.search(old)) or _likeness(new, nominee) < RELATED:
        return ""
    fresh, stale = measures(new.statement), measures(old)
    changed = [what for what in fresh if what in stale and fresh[what].value != stale[what].value]
    about = len(_words_of(new.statement) & _words_of(old))
    if not changed or about < ABOUT or (about == ABOUT and _likeness(new, nominee) < SURELY_RELATED):
        return ""
    what = changed[0]
    return f"“{stale[what].said}” became “{fresh[what].said}”"


def _compatible(new: Fragment, old: Fragment) -> bool:
    return new.kind == old.kind or "correction" in (new.kind, old.kind) or "commitment" not in (new.kind, old.kind)


def _later(new: Fragment, old: Fragment) -> bool:
    return new.created is None or old.created is None or new.created >= old.created


def _words_of(text: str) -> frozenset[str]:
    return frozenset(content(text)) or frozenset(normalised(text).split())


def _value_of(text: str) -> frozenset[str]:
    """What tells one value from another: its words, and every number in it."""
    return _words_of(text) | {token for token in tokens(text) if any(c.isdigit() for c in token)}


def _spoken(slot: Slot) -> str:
    return f"the user's {slot.attribute}" if slot.entity == USER else f"the {slot.entity} {slot.attribute}"


def _where(new: Fragment) -> str:
    turns = [turn for source in new.sources for turn in source.turns]
    return f"turn {turns[-1]}" if turns else "a later statement"


def _touched(new: Fragment, standing: Sequence[Nominee]) -> Decision | None:
    old = next((c.fragment for c in standing if _same_text(new, c.fragment)), None)
    if old is None:
        return None
    unseen = tuple(s for s in new.sources if (s.session, s.turns) not in {(o.session, o.turns) for o in old.sources})
    if not unseen:
        return Decision("skip", new, "already stored from this very place", other=old)
    seen = replace(old, seen=old.seen + 1, sources=old.sources + unseen, updated=new.created or old.updated)
    return Decision("touch", seen, f"said again in {_where(new)}, in the same words", other=old)


def _merged(new: Fragment, standing: Sequence[Nominee]) -> Decision | None:
    for nominee in standing:
        old = nominee.fragment
        if not _compatible(new, old) or not (_only_explained(new, old) or _alike(new, nominee)):
            continue
        better = new.statement if len(new.statement) > len(old.statement) else old.statement
        other_wording = old.statement if better == new.statement else new.statement
        kept = replace(
            old, statement=better, seen=old.seen + 1, sources=old.sources + new.sources,
            aliases=(*old.aliases, other_wording), updated=new.created or old.updated,
            score=max(old.score, new.score),
        )  # fmt: skip
        return Decision("merge", kept, "the same statement in nearly the same words", other=old)
    return None


def _alike(new: Fragment, nominee: Nominee) -> bool:
    return _near(new, nominee) and not differences(nominee.fragment.statement, new.statement)


def _only_explained(new: Fragment, old: Fragment) -> bool:
    """Whether one is the other and then says why: `… with pytest -x, one failure at a time is plenty`."""
    shorter, longer = sorted((f.statement.rstrip(" .!") for f in (new, old)), key=len)
    return longer.lower().startswith(shorter.lower()) and bool(_EXPLAINS.match(longer[len(shorter) :]))


def _near(new: Fragment, nominee: Nominee) -> bool:
    """Close in meaning and made of the same words; without the gateway, of exactly the same ones."""
    overlap = fuzz.token_sort_ratio(*(" ".join(roots(f.statement)) for f in (new, nominee.fragment)))
    if nominee.cosine is None:
        return overlap == IDENTICAL
    return nominee.cosine >= (NEAR_SAME_WORDS if overlap == IDENTICAL else NEAR) and overlap >= OVERLAP


def _added(new: Fragment, standing: Sequence[Nominee]) -> Decision:
    close = [c for c in standing if _likeness(new, c) >= NEIGHBOUR][:_NEIGHBOURS]
    doubt = next((c for c in close if _likeness(new, c) >= CLOSE), None)
    meant = next((c.fragment for c in standing if _names_former(new, c.fragment)), None)
    ids = tuple(c.fragment.id for c in close)
    if meant is not None:
        return Decision("add", new, f"it may correct “{meant.statement}”", neighbours=ids, doubtful=True)
    if doubt is None:
        return Decision(
            "add",
            new,
            "nothing stored says this" if not ids else "new; linked to what is near it",
            neighbours=ids,
        )
    why = differences(doubt.fragment.statement, new.statement)
    reason = f"close to “{doubt.fragment.statement}”" + (f", but {why[0]}" if why else ", and not surely the same")
    return Decision("add", new, reason, neighbours=ids, doubtful=not why)


def _likeness(new: Fragment, nominee: Nominee) -> float:
    if nominee.cosine is not None:
        return nominee.cosine
    return _overlap(new.statement, nominee.fragment.statement) / 100


def _overlap(a: str, b: str) -> float:
    return fuzz.token_sort_ratio(normalised(a), normalised(b))


def _same_text(a: Fragment, b: Fragment) -> bool:
    return normalised(a.statement) == normalised(b.statement)
