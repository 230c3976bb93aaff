"""What is worth keeping: recall of gold statements, with what it costs in junk beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bench.writeside.figures import Figures, Result, f1, interval, mean, share
from bench.writeside.matching import matched
from bench.writeside.protocol import System, said
from bench.writeside.sources import Data, Row, sample
from bench.writeside.text import content

USUAL = {"preferences": 200, "implied": 200, "locomo": 40, "longmemeval": 60}


def measure(system: System, data: Data, most: int) -> Result:
    return {
        "notes": _notes(system, data.rows("notes")),
        "stated preference": _stated(system, sample(data.rows("preferences"), most or USUAL["preferences"])),
        "implied preference": _implied(system, data.rows("implied"), most or USUAL["implied"]),
        "locomo": _observations(system, data.rows("locomo"), most or USUAL["locomo"]),
        "longmemeval": _evidence(system, data, most or USUAL["longmemeval"]),
    }


def _notes(system: System, rows: list[Row]) -> Figures:
    """Short notes with typed gold memories; the length ratio shows who pastes the note back."""
    hits = found = wanted = typed = longer = long = 0
    recalls = []
    for row in rows:
        kept, gold = system.extract([said("user", row["text"])]), row["gold"]["memories"]
        pairs = matched([statement for _, statement, _ in kept], [g["content"] for g in gold])
        hits, found, wanted = hits + len(pairs), found + len(kept), wanted + len(gold)
        typed += sum(kept[i][0] == gold[j]["type"] for i, j in pairs)
        longer += sum(len(content(kept[i][1])) for i, _ in pairs)
        long += sum(len(content(gold[j]["content"])) for _, j in pairs)
        recalls.append(len(pairs) / len(gold))
    return {
        "P": share(hits, found), "R": share(hits, wanted), "R_ci": interval(recalls), "F1": f1(hits, found, wanted),
        "type_acc": share(typed, hits), "typed_F1": f1(typed, found, wanted), "length_ratio": share(longer, long),
        "n": wanted,
    }  # fmt: skip


def _stated(system: System, rows: list[Row]) -> Figures:
    """One preference said in a line, then a bare question."""
    hits = as_preference = false = 0
    for row in rows:
        kept = system.extract(
            [
                said("user", row["preference"]),
                said("assistant", "Thanks, I will keep that in mind."),
                said("user", row["question"]),
            ]
        )
        there = [k for k in kept if k[2] == 0]
        pairs = matched([statement for _, statement, _ in there], [row["preference"]])
        hits += bool(pairs)
        as_preference += sum(there[i][0] == "preference" for i, _ in pairs)
        false += len(kept) - len(pairs)
    count = len(rows)
    return {"R": hits / count, "as_preference": as_preference / count, "false_per_row": false / count, "n": count}


def _implied(system: System, rows: list[Row], most: int) -> Figures:
    """A preference shown by a choice and never said."""
    rows = sample([row for row in rows if "user_selection" in row["conversation"]], most)
    hits = kept_in_all = 0
    for row in rows:
        talk = row["conversation"]
        kept = system.extract(
            [
                said("user", talk["query"]),
                said("assistant", talk["assistant_options"]),
                said("user", talk["user_selection"]),
                said("assistant", talk["assistant_acknowledgment"]),
            ]
        )
        hits += bool(matched([statement for _, statement, _ in kept], [row["preference"]]))
        kept_in_all += len(kept)
    return {"R": hits / len(rows), "fragments_per_row": kept_in_all / len(rows), "n": len(rows)}


def _observations(system: System, talks: list[Row], most: int) -> Figures:
    """Machine-made observations of a talk between two people, at a budget of as many fragments."""
    sessions = sample(list(_observed(talks)), most)
    recalls = []
    for turns, gold in sessions:
        kept = system.extract([said("user", t["text"], t["speaker"]) for t in turns])[: len(gold)]
        recalls.append(len(matched([statement for _, statement, _ in kept], gold)) / len(gold))
    return {"R_at_N": mean(recalls), "ci": interval(recalls), "n": sum(len(g) for _, g in sessions)}


def _observed(talks: list[Row]) -> Iterator[tuple[list[Row], list[str]]]:
    for talk in talks:
        for key, observed in talk["observation"].items():
            session = key.removesuffix("_observation")
            gold = [o[0] if isinstance(o, list) else o for said_of in observed.values() for o in said_of]
            if gold and session in talk["conversation"]:
                yield talk["conversation"][session], gold


def _evidence(system: System, data: Data, most: int) -> Figures:
    """Turns that later answer a question, against the other turns kept: the junk meter."""
    rows = [r for r in data.rows("longmemeval") if r["question_type"] != "single-session-assistant"]
    kept, of = Counter[str](), Counter[str]()
    for row in sample(rows, most):
        for session in row["haystack_sessions"]:
            if not any(turn.get("has_answer") for turn in session):
                continue
            sources = Counter(k[2] for k in system.extract([said(t["role"], t["content"]) for t in session]))
            for i, turn in enumerate(session):
                what = "assistant" if turn["role"] != "user" else "evidence" if turn.get("has_answer") else "other"
                of[what] += 1
                kept[what] += sources[i] if what == "assistant" else sources[i] > 0
    bare = sample(data.rows("preferences"), 200)[::-1]
    asked = mean(len(system.extract([said("user", row["question"])])) for row in bare)
    return {
        "evidence_turn_R": share(kept["evidence"], of["evidence"]),
        "other_user_turn_rate": share(kept["other"], of["other"]),
        "per_assistant_turn": share(kept["assistant"], of["assistant"]),
        "per_bare_question": asked, "n": of["evidence"],
    }  # fmt: skip
