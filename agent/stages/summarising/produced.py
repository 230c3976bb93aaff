"""What a session produced: files written, commands that left an effect or a proof, commits, texts handed over.

Goes by what the tools' records say and, for what a change was about, by how the assistant reported it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath
from typing import Final

from agent.domain.markdown import one_line
from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.stages.reading.shortening import shortened
from agent.stages.reading.words import content
from agent.stages.summarising import commands
from agent.stages.summarising.candidates import own_words
from agent.stages.summarising.handed_over import INTENT, handed_over, said_done

NAMED: Final = 4
"""Files one line names; the rest are counted."""
REPORT: Final = 160
"""Characters of the assistant's words about a change."""

WEIGHTS: Final[Mapping[commands.Effect, float]] = {
    "commit": 4.0,
    "tests": 3.0,
    "move": 2.0,
    "delete": 2.0,
    "effect": 2.0,
    "check": 1.0,
    "revert": 0.0,
}
"""How much it matters what a command did."""
WRITTEN: Final = 3.0
"""How much a file or a text matters."""
_OF_OTHERS = re.compile(r"(?:The|This) (?:PR|pull request|diff|branch)\b", re.IGNORECASE)
"""Speaks of what somebody else changed."""
_SCRATCH = re.compile(r"/(?:private/)?(?:var/)?tmp/|/dev/|/\.\w+/plans/|\.(?:log|tmp|bak|pyc)$")


@dataclass(frozen=True, slots=True)
class Produced:
    """What there is at the end that wasn't before, and what ended in failure."""

    weighed: tuple[tuple[float, Line], ...]
    """Every line with how much it matters, in order."""
    failing: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for _, line in self.weighed)

    def most(self, count: int) -> tuple[Line, ...]:
        """The lines that matter most, in order."""
        least = sorted((weight for weight, _ in self.weighed), reverse=True)[:count]
        chosen = [line for weight, line in self.weighed if least and weight > least[-1]]
        level = [line for weight, line in self.weighed if least and weight == least[-1]]
        kept = {*chosen, *level[-(len(least) - len(chosen)) :]} if least else set()
        return tuple(line for line in self.lines if line in kept)


@dataclass(slots=True)
class _Work:
    """What the tools did, gathered in order."""

    files: dict[str, list[int]] = field(default_factory=dict)
    """Turns that wrote each file that is still there."""
    runs: dict[str, tuple[commands.Ran, list[int]]] = field(default_factory=dict)
    """The last run of each kind, and the turns it and good ones before it were run in."""

    def wrote(self, path: str, turn: int) -> None:
        self.files.setdefault(path, []).append(turn)

    def ran(self, ran: commands.Ran, turn: int) -> None:
        for path in ran.paths:
            self.files = {p: turns for p, turns in self.files.items() if not _within(p, path)}
        if ran.effect == "revert":
            self._undo(ran.undone)
            return
        before, turns = self.runs.pop(ran.same, (ran, []))
        self.runs[ran.same] = (ran, [*turns, turn] if ran.ok and before.ok else [turn])

    def _undo(self, commits: Sequence[str]) -> None:
        """Take commits back, and with them what was written in the very turns that made them."""
        gone = {turn for mark in commits if mark in self.runs for turn in self.runs.pop(mark)[1]}
        standing = {turn for ran, turns in self.runs.values() if ran.effect == "commit" for turn in turns}
        left = {path: [t for t in turns if t not in gone - standing] for path, turns in self.files.items()}
        self.files = {path: turns for path, turns in left.items() if turns}


def produced(turns: Sequence[Turn], root: str = "") -> Produced:
    """What came of `turns`. `root`: the folder the session worked in, taken off the paths."""
    work = _Work()
    for turn in turns:
        action = turn.action
        if action is None or not action.target:
            continue
        if action.verb == "write" and action.ok is not False:
            for path in filter(None, map(str.strip, action.target.splitlines())):
                if not _SCRATCH.search(path):
                    work.wrote(path.removeprefix(f"{root.rstrip('/')}/") if root else path, turn.index)
        elif action.verb == "run":
            for ran in commands.read(action.target, turn.text, action.ok):
                work.ran(ran, turn.index)
        for ran in commands.reported(turn.text) if action.verb in ("write", "run") else ():
            work.ran(ran, turn.index)
    good = [(WEIGHTS[ran.effect], Line(ran.text, tuple(where[-3:]))) for ran, where in work.runs.values() if ran.ok]
    bad = [Line(ran.text, tuple(where)) for ran, where in work.runs.values() if not ran.ok]
    told = [*((WRITTEN, line) for line in _files(work.files, turns)), *good]
    told += [(WRITTEN, line) for line in (*handed_over(turns), *([] if told else said_done(turns)))]
    return Produced(tuple(sorted(told, key=lambda item: item[1].turns)), tuple(bad))


def _within(path: str, named: str) -> bool:
    """Whether a path is what a command named, or lies in the folder it named."""
    one, other = PurePosixPath(path.replace("\\", "/")), PurePosixPath(named)
    return one.name == other.name or other in one.parents or one.is_relative_to(other)


def _files(files: dict[str, list[int]], turns: Sequence[Turn]) -> Iterator[Line]:
    """One line for each file the assistant reported on, and one for the others of each request together."""
    names = short_names(list(files))
    asked = [turn.index for turn in turns if turn.role == "user"]
    silent: list[tuple[int, str]] = []
    for path, where in files.items():
        report = _report(PurePosixPath(path.replace("\\", "/")).name, where[0], turns)
        if report:
            yield Line(one_line(f"Wrote `{names[path]}`: {report[0]}", 220), (*where, report[1]))
        else:
            silent.append((max((at for at in asked if at < where[0]), default=-1), path))
    for _, group in groupby(silent, key=lambda item: item[0]):
        paths = [path for _, path in group]
        listed = ", ".join(f"`{names[path]}`" for path in paths[:NAMED])
        more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
        yield Line(f"Wrote {listed}{more}", tuple(sorted({turn for path in paths for turn in files[path]})))


def _report(name: str, since: int, turns: Sequence[Turn]) -> tuple[str, int] | None:
    """What the assistant said about a file once it was written, and where: the last time it named it."""
    for turn in reversed(turns):
        if turn.index < since:
            return None
        if turn.role != "assistant" or name not in turn.text:
            continue
        for sentence in own_words(turn):
            if name in sentence.text and not INTENT.search(sentence.text) and not _OF_OTHERS.match(sentence.text):
                named = rf"^[`*\w./-]*{re.escape(name)}(?::\d+(?:-\d+)?)?[`*]*\s*[:–—-]*\s*"
                said = shortened(re.sub(named, "", sentence.text))
                if len(content(said)) > 1:
                    return one_line(said, REPORT), turn.index
    return None


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """The last parts of each path that tell it from the others."""
    parts = {p: PurePosixPath(p.replace("\\", "/")).parts for p in paths}
    last = Counter(parts[p][-1:] for p in paths)
    return {p: "/".join(parts[p][-2:] if last[parts[p][-1:]] == 1 else parts[p][-3:]) for p in paths}
