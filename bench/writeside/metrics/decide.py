"""What a new statement does to what is stored: false merges, duplicates found, and updates of the right one."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bench.writeside.figures import Figures, Result, f1, mean, share
from bench.writeside.protocol import System
from bench.writeside.sources import Data, Row, sample
from bench.writeside.text import sentences
from bench.writeside.vectors import embed

USUAL = 300
Class = Literal["duplicate", "different", "changed"]


def measure(system: System, data: Data, most: int) -> Result:
    count = most or USUAL
    edits, sick = data.rows("edits"), data.rows("sick")
    sets: dict[str, tuple[Iterable[Row], Callable[[Row], Class | None]]] = {
        "edits": (edits, _edit),
        "paws": (data.rows("paws"), lambda r: "duplicate" if r["duplicate"] else "different"),
        "sick": (sick, _entailed),
        "sts": (data.rows("sts"), _similar),
        "edits: number or date": ([r for r in edits if r["edit"] == "number_or_date_changed"], _edit),
        "edits: negated": ([r for r in edits if r["edit"] == "negated"], _edit),
        "edits: person": ([r for r in edits if r["edit"] == "person_swapped"], _edit),
        "sick: contradiction": ([r for r in sick if r["nli"] == "CONTRADICTION"], _entailed),
    }
    found: Result = {name: _pairs(system, rows, of, count) for name, (rows, of) in sets.items()}
    four = [found[name] for name in ("edits", "paws", "sick", "sts")]
    found["pairs, macro"] = {k: mean(f[k] or 0.0 for f in four) for k in ("false_merge", "dup_R", "F1")}
    changes = sample(_changes(data), count * 2 // 3)
    found["update: statement"] = _stores(system, [c.stated for c in changes if c.stated])
    found["update: event"] = _stores(system, [c.told for c in changes])
    found["update: longmemeval"] = _stores(system, _learned(data))
    return found


def _edit(row: Row) -> Class:
    if row["duplicate"]:
        return "duplicate"
    return "different" if row["edit"] == "person_swapped" else "changed"


def _entailed(row: Row) -> Class | None:
    related = row["relatedness_1_to_5"]
    if row["nli"] == "CONTRADICTION":
        return "changed"
    if row["nli"] == "ENTAILMENT":
        return "duplicate" if related >= 4.8 else None
    return "different" if related <= 4 else None


def _similar(row: Row) -> Class | None:
    alike = row["similarity_0_to_5"]
    return "duplicate" if alike >= 4.8 else "different" if alike <= 3.5 else None


def _pairs(system: System, rows: Iterable[Row], of: Callable[[Row], Class | None], most: int) -> Figures:
    """The store holds one of a pair. A changed fact may be updated; a different one must be left standing."""
    labelled = sample([(row, kind) for row in rows if (kind := of(row))], most)
    seen = Counter((kind, system.decide([row["a"]], row["b"])[0]) for row, kind in labelled)
    total = Counter(kind for _, kind in labelled)
    lost = seen["different", "duplicate"] + seen["different", "update"] + seen["changed", "duplicate"]
    hits = seen["duplicate", "duplicate"] + seen["duplicate", "update"]
    return {
        "false_merge": share(lost, total["different"] + total["changed"]),
        "dup_R": share(hits, total["duplicate"]) if total["duplicate"] else None,
        "F1": f1(hits, hits + lost, total["duplicate"]), "n": len(labelled),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Store:
    """Stored statements, the one that is out of date, and what is said now."""

    stored: list[str]
    target: int
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a persona's preference: told as an event, and stated anew unless it was dropped."""

    told: Store
    stated: Store | None


def _stores(system: System, stores: Sequence[Store]) -> Figures:
    """Right: exactly the outdated one is updated. Silent: with it gone, nothing is touched."""
    right = wrong = duplicate = silent = 0
    for store in stores:
        outcome, at = system.decide(store.stored, store.new)
        right += outcome == "update" and at == store.target
        wrong += outcome == "update" and at != store.target
        duplicate += outcome == "duplicate"
        without = store.stored[: store.target] + store.stored[store.target + 1 :]
        silent += system.decide(without, store.new)[0] == "new"
    n = max(len(stores), 1)
    return {
        "right": right / n, "wrong_retire": wrong / n, "dropped": duplicate / n,
        "silent_when_absent": silent / n, "balanced": (right + silent) / 2 / n, "n": len(stores),
    }  # fmt: skip


def _changes(data: Data) -> list[Change]:
    personas = {}
    for row in data.rows("personas"):
        profile = row if "preferences" in row else row.get("profile", row)
        personas[row["uuid"]] = profile["preferences"]
    found = []
    for row in data.rows("changes"):
        held = {kind: list(entry["memory_points"]) for kind, entry in personas[row["uuid"]].items()}
        for event in row["event_list"]:
            before, after = (event[key]["memory_points"][0] for key in ("before_preference", "after_preference"))
            stored = [_line(point) for points in held.values() for point in points]
            if _line(before) not in stored:
                continue
            at, gone = stored.index(_line(before)), bool(after.get("deleted"))
            stated = None if gone else Store(stored, at, _line(after))
            found.append(Change(Store(stored, at, event["event_description"]), stated))
            _replace(held, before, [] if gone else [after])
    return found


def _line(point: Row) -> str:
    return f"{point['type_description']}: {point['specific_item']}. {point['reason']}"


def _replace(held: dict[str, list[Row]], before: Row, after: list[Row]) -> None:
    """The first of each kind that reads like `before` gives way."""
    for points in held.values():
        at = next((i for i, point in enumerate(points) if _line(point) == _line(before)), None)
        if at is not None:
            points[at : at + 1] = after


_FIRST_PERSON = re.compile(r"\b(I|my|I'm|I've)\b")
_NEAR = 0.5
_OTHERS, _FROM_OTHERS = 15, 16


def _learned(data: Data) -> list[Store]:
    """Knowledge updates: of the oldest and newest evidence the sentence nearest to the question, among others."""
    pairs = []
    for row in data.rows("longmemeval"):
        if row["question_type"] != "knowledge-update" or row["question_id"].endswith("_abs"):
            continue
        dated = zip(row["haystack_dates"], row["haystack_sessions"], strict=True)
        sessions = [session for _, session in sorted(dated, key=lambda pair: pair[0])]
        told = _told(row, sessions)
        if len(told) >= 2:
            beside = [
                sentence
                for turn in sessions[0]
                if turn["role"] == "user" and not turn.get("has_answer")
                for sentence in sentences(turn["content"])
                if _FIRST_PERSON.search(sentence) and not sentence.endswith("?")
            ]
            pairs.append((told[0], told[-1], beside[:8]))
    others = sample([old for old, _, _ in pairs], _FROM_OTHERS)[:_OTHERS]
    return [_mixed(old, new, [x for x in dict.fromkeys(beside + others) if x != old]) for old, new, beside in pairs]


def _told(row: Row, sessions: list[list[Row]]) -> list[str]:
    asked, answered = embed([row["question"], f"{row['question']} {row['answer']}"])
    told = []
    for number, session in enumerate(sessions):
        said = [
            sentence
            for turn in session
            if turn.get("has_answer") and turn["role"] == "user"
            for sentence in sentences(turn["content"])
        ]
        if said:
            near = embed(said) @ (answered if number == len(sessions) - 1 else asked)
            if near.max() >= _NEAR:
                told.append(said[int(np.argmax(near))])
    return told


def _mixed(old: str, new: str, beside: list[str]) -> Store:
    stored = random.Random(old).sample([old, *beside], len(beside) + 1)
    return Store(stored, stored.index(old), new)
