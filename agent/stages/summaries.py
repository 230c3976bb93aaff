"""Summarise one subject of a session: what was decided, produced and left open, every line citing its turns.

Extractive: a line is a sentence somebody said, at most shortened, or a plain statement of what a tool did.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np

from agent.domain.fragment import Fragment
from agent.domain.markdown import one_line
from agent.domain.subject import Line, Subject, Summary
from agent.domain.transcript import Turn
from agent.stages.sentences import split
from agent.stages.words import content, lexical_vectors

LINES = 6
"""How many lines a slot shows; what comes first in the session gives way to what comes last."""
LINE_CHARACTERS = 220
SAME_ITEM = 0.6
"""Share of an open item's telling words that a later line must repeat to be about it."""

_DECIDED = re.compile(
    r"\b(?:(?:we|i)(?:'ve| have)? (?:decided|agreed|settled|chose|picked|went with)"
    r"|let'?s (?:go with|use|keep|switch|do it|drop|make it|call it|stick)"
    r"|(?:we|i)(?:'ll| will| are going to|'re going to) (?:go with|use|switch|keep|drop|stick)"
    r"|go (?:ahead )?with|the decision|decision:|agreed:?|instead of .{3,60} we|from now on|no longer|settled on)\b",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"^(?:(?:done|okay|ok|all set|perfect|great)[.:!,]? ?)?"
    r"(?:i(?:'ve| have)|i(?= (?:added|created|fixed|updated|wrote))|we(?:'ve| have)|now"
    r"|the .{3,40}(?= (?:is|are) (?:now|done|in place)))"
    r".{0,20}\b(?:added|created|fixed|updated|implemented|wrote|written|moved|renamed|removed|replaced|changed"
    r"|refactored|set up|configured|committed|deployed|merged|published|now|in place|done)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:next time|for later|later on"
    r"|(?:leave|park|postpone|defer|skip) .{2,60}(?:for (?:now|later|another|next|tomorrow)|until"
    r"|to (?:next|another|tomorrow))"
    r"|still (?:need|needs|have|has|to do|open|missing|unclear|todo)|remains? (?:to|open)"
    r"|to-?do\b|not (?:yet|done yet|finished)|haven'?t (?:yet|decided|done|fixed|had)|open question|follow[- ]up"
    r"|pick (?:it|this|that) up|tomorrow|come back to|some other (?:time|day)|another (?:time|day|session)"
    r"|(?:we|i) (?:should|need to|must) (?:also|still|then|eventually))\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"^(?:can|could|would|will) you|^(?:what|how|why|where|when|who|which|is|are|do|does|did|should)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:ok(?:ay)?|so|well|great|perfect|thanks|thank you|yes|yeah|sure|right|alright|cool|nice|good|done|hmm|oh"
    r"|and|but|also|actually|by the way|btw)\b[\s,.!:;–—-]*)+(?=\w)",
    re.IGNORECASE,
)
_COMMIT = re.compile(
    r"git commit\b.*?(?:-m|--message)[= ]+(?:\"([^\"]+)\"|'([^']+)'|\$\(cat <<'?EOF'?\s*(.+))", re.DOTALL
)
_TESTS = re.compile(
    r"\b(?:pytest|unittest|tox|npm (?:run )?test|yarn test|cargo test|go test|make (?:test|check)|jest)\b"
)
_PASSES = re.compile(r"\b\d+ passed\b|^(?:ok|PASS)\b|\btests? passed\b|test result: ok", re.MULTILINE)
_FAILURES = re.compile(
    r"\b[1-9]\d* (?:failed|errors?)\b|^(?:FAIL|FAILED|--- FAIL)\b|test result: FAILED|Traceback \(",
    re.MULTILINE,
)
_SCRATCH = re.compile(r"/(?:private/)?(?:var/)?tmp/|/dev/")


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something an earlier session left open: its words, and the note that lists it."""

    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence that may stand in a summary, with its rank."""

    line: Line
    role: str
    weight: float


def summarise(
    subject: Subject,
    turns: Sequence[Turn],
    decisions: Sequence[Fragment] = (),
    commitments: Sequence[Fragment] = (),
    earlier: Sequence[OpenItem] = (),
    root: str = "",
) -> Summary:
    """The summary of `turns`, which are one subject's.

    `decisions` and `commitments` are the fragments extracted from them; `earlier` what previous sessions of the subject
    left open; `root` the folder the session worked in.
    """
    ranked = rank(turns)
    decided = _decided(ranked, decisions)
    produced = _produced(turns, ranked, root)
    left = _left_open(turns, ranked, commitments)
    left = [line for line in left if not any(_same(line.text, d.text) for d in decided)]
    done = [*decided, *produced, *(r.line for r in ranked)]
    closed = [item for item in earlier if _settled(item, done, left)]
    return Summary(
        subject,
        gist=tuple(_gist(ranked, {line.text for line in (*decided, *left)})),
        decided=tuple(decided[-LINES:]),
        produced=tuple(produced[-LINES:]),
        left_open=tuple(left[-LINES:]),
        closed=tuple(_closing_line(item, done) for item in closed),
    )


def rank(turns: Sequence[Turn], focus: str | None = None) -> list[Ranked]:
    """Every sentence worth quoting, in order, weighed by how central its words are, or how near to `focus`."""
    said: list[tuple[Line, str]] = []
    for turn in turns:
        if turn.role not in ("user", "assistant"):
            continue
        for sentence in split(turn.text):
            text = shortened(sentence.text)
            if sentence.kind in ("prose", "item") and len(content(text)) >= 3 and len(text) <= LINE_CHARACTERS * 2:
                said.append((Line(text, (turn.index,)), turn.role))
    if not said:
        return []
    rows = lexical_vectors([content(line.text) for line, _ in said] + ([content(focus)] if focus else []))
    centre = rows[-1] if focus else rows.mean(0)
    weights = rows[: len(said)] @ (centre / max(float(np.linalg.norm(centre)), 1e-9))
    return [
        Ranked(line, role, float(w) * (1.25 if role == "user" else 1.0) * _readable(line.text))
        for (line, role), w in zip(said, weights, strict=True)
    ]


def shortened(text: str) -> str:
    """A sentence on one line without its lead-in (`okay, so`), cut at a word when it is long."""
    line = _LEAD.sub("", one_line(text.replace("**", "").replace("`", "`")))
    return one_line(line[:1].upper() + line[1:], LINE_CHARACTERS)


def _readable(text: str) -> float:
    letters = sum(c.isalpha() or c.isspace() for c in text) / max(len(text), 1)
    length = len(text.split())
    return letters**2 * (1.0 if 6 <= length <= 35 else 0.7) * (0.6 if text.endswith((":", "?")) else 1.0)


def _gist(ranked: Sequence[Ranked], taken: set[str]) -> list[Line]:
    """The request that opened the subject, and the most central statement about it."""
    chosen: list[Line] = []
    asked = next((r for r in ranked if r.role == "user"), None)
    if asked and asked.line.text not in taken:
        chosen.append(asked.line)
    pool = [r for r in ranked if r.line.text not in taken and r.line not in chosen and not r.line.text.endswith("?")]
    if pool:
        best = max(pool, key=lambda r: r.weight)
        if not any(_same(best.line.text, line.text) for line in chosen):
            chosen.append(best.line)
    return chosen


def _decided(ranked: Sequence[Ranked], decisions: Sequence[Fragment]) -> list[Line]:
    lines = [Line(one_line(f.statement, LINE_CHARACTERS), f.sources[0].turns if f.sources else ()) for f in decisions]
    said = [r.line for r in ranked if r.role == "user" and not _REQUEST.search(r.line.text)]
    lines += [line for line in said if _DECIDED.search(line.text)]
    return _distinct(sorted(lines, key=lambda line: line.turns))


def _produced(turns: Sequence[Turn], ranked: Sequence[Ranked], root: str) -> list[Line]:
    lines: list[Line] = []
    files: dict[str, list[int]] = {}
    for turn in turns:
        action = turn.action
        if action is None or action.ok is False or not action.target:
            continue
        if action.verb == "write":
            path = action.target.removeprefix(f"{root.rstrip('/')}/") if root else action.target
            if not _SCRATCH.match(path):
                files.setdefault(path, []).append(turn.index)
        elif action.verb == "run":
            lines += _from_command(action.target, turn)
    if files:
        names = _short_names(list(files))
        lines += [Line(f"Wrote `{names[path]}`", tuple(where)) for path, where in files.items()]
    made = [r for r in ranked if r.role == "assistant" and _MADE.search(r.line.text) and not _OPEN.search(r.line.text)]
    lines += [r.line for r in sorted(made, key=lambda r: -r.weight)[: max(2, LINES - len(lines))]]
    return _distinct(sorted(lines, key=lambda line: line.turns))


def _from_command(command: str, turn: Turn) -> list[Line]:
    committed = _COMMIT.search(command)
    if committed:
        message = next(g for g in committed.groups() if g).strip().split("\n")[0]
        return [Line(f"Committed: {one_line(message, 120)}", (turn.index,))]
    if _TESTS.search(command) and _passed(turn):
        return [Line(f"Ran `{one_line(command, 80)}`: passed", (turn.index,))]
    return []


def _passed(turn: Turn) -> bool:
    """Whether a test run succeeded: its output decides, where it is clear; else its exit status."""
    if _FAILURES.search(turn.text):
        return False
    return bool(_PASSES.search(turn.text)) or (turn.action is not None and turn.action.ok is True)


def _short_names(paths: Sequence[str]) -> dict[str, str]:
    """The last parts of each path that tell it from the others."""
    parts = {p: PurePosixPath(p.replace("\\", "/")).parts for p in paths}
    last = Counter(parts[p][-1:] for p in paths)
    return {p: "/".join(parts[p][-1:] if last[parts[p][-1:]] == 1 else parts[p][-3:]) for p in paths}


def _left_open(turns: Sequence[Turn], ranked: Sequence[Ranked], commitments: Sequence[Fragment]) -> list[Line]:
    lines = [Line(one_line(f.statement, LINE_CHARACTERS), f.sources[0].turns if f.sources else ()) for f in commitments]
    last_assistant = max((t.index for t in turns if t.role == "assistant"), default=-1)
    for r in ranked:
        by_user = r.role == "user" and not r.line.text.endswith("?")
        by_assistant = r.role == "assistant" and r.line.turns[0] == last_assistant
        if (by_user or by_assistant) and _OPEN.search(r.line.text):
            lines.append(r.line)
    return _distinct(sorted(lines, key=lambda line: line.turns))


def _settled(item: OpenItem, done: Sequence[Line], left: Sequence[Line]) -> bool:
    return any(_about(item, line) for line in done) and not any(_about(item, line) for line in left)


def _about(item: OpenItem, line: Line) -> bool:
    wanted = _telling(item.text)
    return len(wanted) >= 2 and len(wanted & _telling(line.text)) >= SAME_ITEM * len(wanted)


def _closing_line(item: OpenItem, done: Sequence[Line]) -> Line:
    evidence = next(line for line in reversed(done) if _about(item, line))
    return Line(item.text, evidence.turns)


_OPENERS = frozenset(
    content("leave later next time still need tomorrow todo follow open question come back pick another day session")
)


def _telling(text: str) -> set[str]:
    return {word for word in content(text) if word not in _OPENERS}


def _same(a: str, b: str) -> bool:
    one, other = set(content(a)), set(content(b))
    return bool(one and other) and len(one & other) >= 0.7 * min(len(one), len(other))


def _distinct(lines: Sequence[Line]) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        twin = next((k for k in kept if _same(k.text, line.text)), None)
        if twin is None:
            kept.append(line)
        else:
            longer = line if len(line.text) > len(twin.text) else twin
            kept[kept.index(twin)] = replace(longer, turns=tuple(sorted({*twin.turns, *line.turns})))
    return kept
