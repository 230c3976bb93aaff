"""Runs bandit on files of ours, in a process of its own that may take only so much time, memory and room.

A file that makes it hang or crash costs only its own result: files are then tried again in halves.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal, TypeVar, cast

from agent.adapters import python_check

MEMORY_BYTES = 2_000_000_000
ANSWER_BYTES = 50_000_000

_CHECK = (sys.executable, "-I", "-W", "ignore", python_check.__file__)
# `--ini`: a `.bandit` would be looked for. `-P`: no module of the folder takes the place of bandit's.
_BANDIT = (
    *(sys.executable, "-P", "-W", "ignore", "-m", "bandit"),
    *("--format", "json", "--quiet", "--number", "1", "--exit-zero", "--ignore-nosec", "--ini", os.devnull),
)
# Where a message begins to repeat the code it is about (B105 quotes the password).
_QUOTE = re.compile(r"[\s:]*(?:[\"'`({].*)?$", re.DOTALL)

Answer = TypeVar("Answer")
Level = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Issue:
    """What bandit says of a file."""

    line: int
    lines: range
    """All lines of the statement it is about."""
    rule: str
    name: str
    severity: Level
    confidence: Level
    text: str


def issues(folder: Path, names: Sequence[str], seconds: float) -> dict[str, list[Issue] | str]:
    """Issues of each file of `folder`, or why there are none to tell, within `seconds` for all together."""
    deadline = time.monotonic() + seconds
    checked = _in_halves(_CHECK, _objections, folder, names, deadline)
    unfit = {name: reason for name, reason in checked.items() if reason is not None}
    fit = [name for name in names if name not in unfit]
    return {**unfit, **_in_halves(_BANDIT, _by_file, folder, fit, deadline)}


def _in_halves(
    command: Sequence[str],
    read: Callable[[Any, Sequence[str]], Mapping[str, Answer | str]],
    folder: Path,
    names: Sequence[str],
    deadline: float,
) -> dict[str, Answer | str]:
    if not names:
        return {}
    left = deadline - time.monotonic()
    if left <= 0:
        return dict.fromkeys(names, "time limit")
    # Half of the time is kept for the halves, and of that half for the second: should one file hold up the rest.
    answer = _run([*command, *names], folder, left / 2 if len(names) > 1 else left)
    if not isinstance(answer, str):
        return {**read(answer, names)}
    if len(names) == 1:
        return {names[0]: answer}
    middle = len(names) // 2
    now = time.monotonic()
    return {
        **_in_halves(command, read, folder, names[:middle], now + (deadline - now) / 2),
        **_in_halves(command, read, folder, names[middle:], deadline),
    }


def _run(command: Sequence[str], folder: Path, seconds: float) -> Mapping[str, Any] | str:
    """The JSON a command prints, or why it printed none."""
    with TemporaryFile() as out:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, on files we named
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            # From outside: code of ours run between fork and exec could deadlock with the host's threads.
            if sys.platform == "linux":
                resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (ANSWER_BYTES, ANSWER_BYTES))
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return "time limit"
        finally:
            if process.poll() is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        out.seek(0)
        printed = out.read(ANSWER_BYTES + 1)
    try:
        return cast(Mapping[str, Any], json.loads(printed))
    except ValueError:
        return f"bandit broke off with status {process.returncode}"


def _objections(answer: Mapping[str, str | None], names: Sequence[str]) -> dict[str, str | None]:
    return {name: answer[name] for name in names}


def _by_file(answer: Mapping[str, Any], names: Sequence[str]) -> dict[str, list[Issue] | str]:
    """bandit ends with status 0 over a file it could not read: only `errors` and `metrics` tell."""
    seen = {key.removeprefix("./") for key in answer["metrics"]}
    found: dict[str, list[Issue] | str] = {name: [] if name in seen else "bandit passed it over" for name in names}
    for result in answer["results"]:
        issues_of = found[result["filename"].removeprefix("./")]
        if isinstance(issues_of, list):
            issues_of.append(_issue(result))
    for error in answer["errors"]:
        found[error["filename"].removeprefix("./")] = f"bandit: {_plain(error['reason'])}"
    return found


def _issue(result: Mapping[str, Any]) -> Issue:
    lines = result["line_range"] or [result["line_number"]]
    return Issue(
        line=result["line_number"],
        lines=range(min(lines), max(lines) + 1),
        rule=result["test_id"],
        name=result["test_name"],
        severity=_level(result["issue_severity"]),
        confidence=_level(result["issue_confidence"]),
        text=_plain(result["issue_text"]),
    )


def _level(word: str) -> Level:
    return cast(Level, word.lower()) if word in ("LOW", "MEDIUM", "HIGH") else "low"


def _plain(text: str) -> str:
    return _QUOTE.sub("", text)
