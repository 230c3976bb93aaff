"""The write decision: what to do with one new statement, given the stored ones that look like it.

Similarity only nominates. Corrections are looked for before duplicates, a merge needs every sign to agree, and what is
not certain stands beside its neighbours. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime

from agent.domain.decision import Decision
from agent.domain.fragment import TRUSTED, Fragment
from agent.domain.identity import statement_digest
from agent.stages.comparing.differences import differences, roots
from agent.stages.comparing.nominees import Nominee, compatible, likeness, same_text
from agent.stages.comparing.sameness import same
from agent.stages.comparing.updates import Succession, names_former, overtaken, ruled, twins, weighed

__all__ = ["Nominee", "decide"]

NEIGHBOUR = 0.55
CLOSE = 0.85
_NEIGHBOURS = 5
_EXPLAINS = re.compile(
    r"[,;:—–-]+ ?(?!.*\b(?:unless|except|but|only|if|when|not|never|no)\b)(?:(?:because|since|otherwise)\b|"
    r"(?:one|it|that|this|there|they|everything|anything|nobody|everybody)\b(?: \w+){0,6}? (?:is|are|would|will|makes?|"
    r"takes?|has|have|saves?|helps?)\b|(?:it|that|this|there)['’]s\b)",
    re.IGNORECASE | re.DOTALL,
)
"""What follows an order and gives its reason, without a condition or a denial."""


def decide(new: Fragment, candidates: Sequence[Nominee], tombstones: Container[str]) -> Decision:
    """The decision for `new`. `tombstones` holds digests of statements that were rejected or forgotten."""
    if statement_digest(new.statement) in tombstones:
        return Decision("skip", new, "it was rejected or forgotten before, and is not learned again")
    if new.trust not in TRUSTED or new.status == "quarantined":
        return _apart(new, candidates)
    standing = sorted(
        (c for c in candidates if c.fragment.trusted and c.fragment.id != new.id and c.fragment.scope == new.scope),
        key=lambda c: -likeness(new, c),
    )
    if _stored_as_gone(new, candidates):
        return Decision("skip", new, "already stored from this very place, and superseded since")
    late = overtaken(new, standing, plainly=True)
    if late:
        return _late(new, late)
    corrected = ruled(new, standing)
    if corrected:
        return _updated(new, corrected, standing)
    known = _touched(new, [c for c in candidates if c.fragment.trusted and c.fragment.scope == new.scope])
    known = known or _merged(new, standing)
    if known:
        return known
    late = overtaken(new, standing, plainly=False)
    if late and late.sure:
        return _late(new, late)
    replaced = weighed(new, standing)
    return _updated(new, replaced, standing) if replaced and replaced.sure else _added(new, standing, replaced or late)


def _apart(new: Fragment, candidates: Sequence[Nominee]) -> Decision:
    waiting = next((c.fragment for c in candidates if same_text(new, c.fragment) and not c.fragment.trusted), None)
    if waiting:
        return Decision("skip", new, "the same words already wait for a person", other=waiting)
    return Decision(
        "quarantine",
        replace(new, status="quarantined"),
        f"these are the words of {_speaker(new)}, not the user's",
    )


def _speaker(new: Fragment) -> str:
    return {"assistant": "the assistant", "tool": "a tool or document"}.get(new.trust, "an unconfirmed source")


def _updated(new: Fragment, found: Succession, standing: Sequence[Nominee]) -> Decision:
    gone = tuple(twins(new, found.old, standing))
    fresh = replace(new, supersedes=(*new.supersedes, found.old.id, *(twin.id for twin in gone)))
    return Decision("update", fresh, f"{found.reason}: {_where(new)} corrects it", other=found.old, twins=gone)


def _late(new: Fragment, found: Succession) -> Decision:
    """An addition that is out of date already: a session was closed after one that came later."""
    heir = found.old
    since = heir.valid_from or heir.created
    stale = replace(new, status="superseded", superseded_by=heir.id, valid_to=since)
    when = f" on {since.date().isoformat()}" if since else " later"
    return Decision("add", stale, f"out of date already: {found.reason}, as was said{when}", other=heir)


def _stored_as_gone(new: Fragment, candidates: Sequence[Nominee]) -> bool:
    """Whether it is stored from the very turns it was said in, and something took its place since."""
    places = {(s.session, s.turns) for s in new.sources}
    return any(
        c.fragment.id == new.id
        and c.fragment.status == "superseded"
        and places <= {(s.session, s.turns) for s in c.fragment.sources}
        for c in candidates
    )


def _where(new: Fragment) -> str:
    turns = [turn for source in new.sources for turn in source.turns]
    return f"turn {turns[-1]}" if turns else "a later statement"


def _touched(new: Fragment, standing: Sequence[Nominee]) -> Decision | None:
    old = next((c.fragment for c in standing if same_text(new, c.fragment)), None)
    if old is None:
        return None
    unseen = tuple(s for s in new.sources if (s.session, s.turns) not in {(o.session, o.turns) for o in old.sources})
    if not unseen:
        return Decision("skip", new, "already stored from this very place", other=old)
    seen = replace(old, seen=old.seen + 1, sources=old.sources + unseen, updated=_last(new, old))
    return Decision("touch", seen, f"said again in {_where(new)}, in the same words", other=old)


def _merged(new: Fragment, standing: Sequence[Nominee]) -> Decision | None:
    for nominee in standing:
        old = nominee.fragment
        if not compatible(new, old) or not (_only_explained(new, old) or _alike(new, nominee)):
            continue
        better = new.statement if len(new.statement) > len(old.statement) else old.statement
        other_wording = old.statement if better == new.statement else new.statement
        kept = replace(
            old, statement=better, seen=old.seen + 1, sources=old.sources + new.sources,
            aliases=(*old.aliases, other_wording), updated=_last(new, old),
            score=max(old.score, new.score),
        )  # fmt: skip
        return Decision("merge", kept, "the same statement in other words", other=old)
    return None


def _last(new: Fragment, old: Fragment) -> datetime | None:
    """When one of them was said last."""
    return max((when for when in (new.created, old.updated) if when), default=None)


def _alike(new: Fragment, nominee: Nominee) -> bool:
    """Without the gateway, only what is made of exactly the same words."""
    told, known = new.statement, nominee.fragment.statement
    if nominee.cosine is not None:
        return same(told, known, nominee.cosine)
    return sorted(roots(told)) == sorted(roots(known)) and not differences(known, told)


def _only_explained(new: Fragment, old: Fragment) -> bool:
    """Whether one is the other and then says why: `… with pytest -x, one failure at a time is plenty`."""
    shorter, longer = sorted((f.statement.rstrip(" .!") for f in (new, old)), key=len)
    return longer.lower().startswith(shorter.lower()) and bool(_EXPLAINS.match(longer[len(shorter) :]))


def _added(new: Fragment, standing: Sequence[Nominee], likely: Succession | None) -> Decision:
    close = [c for c in standing if likeness(new, c) >= NEIGHBOUR][:_NEIGHBOURS]
    doubt = next((c for c in close if likeness(new, c) >= CLOSE), None)
    meant = next((c.fragment for c in standing if names_former(new, c.fragment)), likely.old if likely else None)
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
