"""Finds what a statement fixes: the entity, which property of it, and the value, so that a correction finds its target.

A slot comes from a small set of sentence shapes. No shape, no slot: guessing one would retire the wrong fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from agent.stages.reading import shapes
from agent.stages.reading.words import tokens


@dataclass(frozen=True, slots=True)
class Slot:
    """One property of one entity, and what the statement says it is."""

    entity: str
    attribute: str
    value: str
    single: bool = True
    """It has one value at a time (a port, a home), so that a later value takes the earlier one's place by itself."""
    former: str = ""
    """The value the statement says it had before, where it does (`from X to Y`, `Y over X`, `Y, not X`)."""


USER = "user"
PROJECT = "project"
_NEGATIVE = re.compile(
    r"\b(?:not|never|hate|dis\w+|despise|detest|loathe|avoid|no longer|cannot|stand|tolerate)\b|n['’]t\b",
    re.IGNORECASE,
)
_DETERMINERS = frozenset("the our my your a an this that its their his her new current".split())
_OPENER = re.compile(
    r"^(?:(?:no|nope|actually|sorry|wait|correction|update|from now on|going forward|instead|now)\b[,.:! —–-]+)+",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?:the )?((?:mon|tues|wednes|thurs|fri|satur|sun)day)s?", re.IGNORECASE)
_WHEN = re.compile(
    r"\d|day|week|month|year|quarter|sprint|morning|noon|evening|night|january|february|march|april|june|july|august|"
    r"september|october|november|december",
    re.IGNORECASE,
)
_BROAD = frozenset(
    """it that this them these those things something anything you him her one let here there what who which any some
    no""".split()
)
_CLOCK = re.compile(r"\d{1,2}(?::\d\d| ?[ap]\.?m)", re.IGNORECASE)
_IT = re.compile(
    r"(?:(?:no|nope|actually|sorry|wait|correction)\b[,.! —–-]*)+(?:it|that)(?:['’]s| is| was| should be)"
    r"(?: actually| now)? ",
    re.IGNORECASE,
)
_MOST_WORDS = 5


@lru_cache(maxsize=1 << 14)
def slot_of(statement: str) -> Slot | None:
    """The slot a statement fills, or None when its shape says of none."""
    bare = _OPENER.sub("", statement)
    ended = shapes.NO_LONGER.match(bare)
    if ended:
        return _after(ended)
    for find in (_preferred, _personal, _changed, _had, _done, _routine, _chosen, _mine, _tasted, _righted):
        slot = find(bare)
        if slot and slot.attribute and slot.value and slot.entity and not _vague(slot.entity):
            return slot if slot.former or not slot.single else replace(slot, former=_denied(bare))
    return None


def restated(statement: str, before: str) -> str:
    """A correction that opens with `it` (`No, it's 5433`), with what `before` fixed put in the place of `it`.

    Unchanged unless `before` fixes one property of something, to a value of the same sort.
    """
    match, slot = _IT.match(statement), slot_of(before)
    if not match or not slot or not slot.single:
        return statement
    value = statement[match.end() :]
    if any(c.isdigit() for c in value) != any(c.isdigit() for c in slot.value):
        return statement
    subject = f"My {slot.attribute}" if slot.entity == USER else f"The {slot.entity} {slot.attribute}"
    return f"{subject} is {value}"


def _vague(entity: str) -> bool:
    first = entity.split()[0]
    return first in _BROAD or first in ("i", "we") or first.startswith(("i'", "we'"))


def _after(ended: re.Match[str]) -> Slot | None:
    """What holds now, of a statement that first says what holds no longer."""
    now = slot_of(ended["rest"])
    then = slot_of(f"{ended['who']} {ended['gone'] or ended['quit']}")
    same = now and then and (now.entity, now.attribute) == (then.entity, then.attribute)
    return replace(now, former=then.value) if now and then and same else now


def _denied(text: str) -> str:
    """The value a statement says isn't so."""
    match = shapes.NOT_THAT.search(text)
    return match["former"].rstrip(".") if match else ""


def _righted(text: str) -> Slot | None:
    """`the cut-off is 5 pm, not 6 pm`: whatever property that is."""
    match = shapes.IS_NOT.match(text)
    if not match:
        return None
    return Slot(name_of(match["entity"]), "value", match["value"].strip(), False, match["former"].rstrip("."))


def _preferred(text: str) -> Slot | None:
    match = shapes.PREFERRED.search(text)
    if not match:
        return None
    value, former, about = name_of(match["value"]), name_of(match["former"]), name_of(match["entity"] or "")
    if max(len(value.split()), len(former.split())) > _MOST_WORDS or {value, former} & _BROAD:
        return None
    return Slot(USER, f"choice for {about}" if about else " or ".join(sorted((value, former))), value, former=former)


def _personal(text: str) -> Slot | None:
    for shape, attribute in shapes.PERSONAL:
        match = shape.search(text)
        if match:
            return Slot(USER, attribute, match["value"].strip())
    return None


def _changed(text: str) -> Slot | None:
    match = shapes.CHANGED_TO.match(text) or shapes.CHANGED_FROM.search(text)
    if not match:
        return None
    value, former = match["value"].strip(), (match["former"] or "").strip()
    entity, attribute = _parted(name_of(match["entity"] or ""))
    if entity in ("i", "we", "", "it"):
        return Slot(name_of(former), "replacement", value, former=former)
    return Slot(entity, attribute or "value", value, bool(attribute), former=former)


def _had(text: str) -> Slot | None:
    for shape in shapes.HAS:
        match = shape.match(text)
        if match:
            return Slot(_owner(match["entity"]), name_of(match["attribute"]), match["value"].strip())
    return None


def _done(text: str) -> Slot | None:
    match = shapes.DOES.match(text)
    if not match:
        return None
    value = match["value"].strip()
    clock = _CLOCK.match(value) and match["verb"].lower().startswith("is ")
    return Slot(_owner(match["entity"]), "time" if clock else _property(match["verb"]), value)


def _routine(text: str) -> Slot | None:
    match = shapes.ROUTINE.match(text)
    what = match and (match["entity"] or match["held"])
    match = match or shapes.HELD.match(text)
    if not match:
        return None
    value = match["value"].strip()
    if match["by"].lower() != "at" and not _WHEN.search(value):
        return None
    day = _DAY.fullmatch(value)
    clock = match["by"].lower() == "at" or any(c.isdigit() for c in value)
    return Slot(name_of(what or match["entity"]), "time" if clock else "day", day[1] if day else value)


def _chosen(text: str) -> Slot | None:
    match = shapes.CHOSEN.match(text)
    if not match:
        return None
    entity, value = name_of(match["entity"]), match["value"].strip()
    return Slot(USER, entity, value) if entity in shapes.ATTRIBUTES else Slot(entity, "choice", value)


def _mine(text: str) -> Slot | None:
    match = shapes.MINE.search(text)
    if not match:
        return None
    entity, attribute = _parted(name_of(match["entity"]))
    if attribute:
        return Slot(entity or USER, attribute, match["value"].strip())
    if match["verb"].lower() not in ("is", "are"):
        return Slot(entity, _property(match["verb"]), match["value"].strip())
    return Slot(USER, entity, match["value"].strip(), single=entity.startswith(("favo", "preferred", "go-to")))


def _tasted(text: str) -> Slot | None:
    match = shapes.TASTE.search(text)
    if not match:
        return None
    entity = name_of(match["entity"])
    if not 1 <= len(entity.split()) <= _MOST_WORDS or entity.split()[0] in _BROAD | {"to"}:
        return None
    return Slot(USER, f"taste for {entity}", _polarity(match["verb"]))


def _parted(name: str) -> tuple[str, str]:
    """`staging database port` → (`staging database`, `port`)."""
    head, _, last = name.rpartition(" ")
    return (head, last) if last in shapes.ATTRIBUTES else (name, "")


def _owner(text: str | None) -> str:
    """Whose property it is; `my colour` is the user's, `the budget` the project's."""
    entity = name_of(text or "")
    if entity in ("", "favorite", "favourite", "preferred"):
        return USER if (text or "").lower().startswith("my") else PROJECT
    return entity


def _property(verb: str) -> str:
    return next((name for stem, name in shapes.PROPERTY_OF_VERB.items() if stem in verb.lower()), "value")


def _polarity(verb: str) -> str:
    return "dislikes" if _NEGATIVE.search(verb) else "likes"


def name_of(text: str) -> str:
    """Lower case, singular, without determiners: how two mentions of one thing meet."""
    return " ".join(_singular(w.removesuffix("'s")) for w in tokens(text) if w not in _DETERMINERS)


def _singular(word: str) -> str:
    if len(word) < 4 or word.endswith(("ss", "us", "is", "ous")) or not word.endswith("s"):
        return word
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
