"""Reads command lines: which run left an effect or a proof behind, and whether it worked. Runs nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from agent.domain.markdown import one_line

SHOWN: Final = 80
RESULT: Final = 60

Effect = Literal["commit", "tests", "check", "effect", "delete", "move", "revert"]

_COMMIT = re.compile(
    r"git commit\b.*?(?:-\w*m|--message)[= ]+(?:\"([^\"]+)\"|'([^']+)'|\$\(cat <<'?EOF'?\s*(.+))", re.DOTALL
)
_MADE = re.compile(r"^Commit ([0-9a-f]{7,40}) (.+)$", re.MULTILINE)
_UNDONE = re.compile(r"(?:/undo|git revert(?: --no-edit)?)((?: [0-9a-f]{7,40})+)$")
_PUSHED = re.compile(r"\bgit push\b")
_TESTS = re.compile(
    r"\b(?:pytest|unittest|tox|nox|ctest|phpunit|rspec|jest|vitest|playwright test|(?:npm|pnpm|yarn|bun)(?: run)? test"
    r"|(?:cargo|go|dotnet|mvn|gradlew?|mix|swift|flutter|dart|make|just|manage\.py)(?: -\S+)* (?:nextest |\w+:)?test)\b"
)
_CHECKS = re.compile(
    r"\b(?:mypy|ruff|eslint|tsc|clippy|golangci-lint|flake8|make check|(?:run |npm )?lint\w*|\w*validat\w*|check)\b"
)
_EFFECTS = re.compile(
    r"\b(?:migrate(?!d)|migration:run|upgrade head|deploy\w*|apply|publish|release|build|push|truncate|drop|restore"
    r"|render\w*|import_\w+|seed|backfill|generate|convert|rollout|scp|rsync|send\w*|compose up|install\.sh)\b|pg_drop",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    r"^(?:ls|cat|head|tail|grep|rg|find|pwd|echo|which|wc|df|du|ps|env|tree|file|stat|diff|sed -n|awk|jq|man|less|mkdir"
    r"|git (?:status|log|diff|show|branch|remote|blame|fetch|stash|rev-parse|ls-files|config|add)"
    r"|gh (?:run|pr|issue|api|release) (?:list|view|checks|diff)|brew|(?:npm|pip3?|apt(?:-get)?|cargo|uv) "
    r"(?:install|add|list|show|view)|kubectl (?:get|describe|logs)|docker (?:ps|logs|images)|curl|which)\b"
)
_DRY = re.compile(
    r"--dry-run\b|--list\b|\bplan\b|--help\b|--version\b|--snapshot\b|--skip[= ]publish\b|\s-o /dev/null\b"
)
_DELETED = re.compile(r"^(?:git )?rm (?:-\w+ )*(?P<what>.+)$")
_MOVED = re.compile(r"^(?:git )?mv (?:-\w+ )*(?P<what>\S+) (?P<to>\S+)$")
_REVERTED = re.compile(r"^git (?:checkout|restore)\b(?: -\S+)* -- (?P<what>.+)$|^git restore (?P<plain>[^-].*)$")
_PARTS = re.compile(r"\s*(?:&&|\|\||;|\n|\|)\s*")
_MASKED = re.compile(r"\|\s*(?:head|tail|grep|tee|less|cat)\b|\|\|\s*(?:true|echo)\b")
"""The exit is that of another command: it says nothing of this one."""
_REDIRECTED = re.compile(r"\s*\d?>(?:&\d|\s*/dev/null)|\s*[&\\]$")
_SETS = re.compile(r"^(?:\w+=\S+ )+|^(?:cd|export|source) .*$")
_PASSES = re.compile(
    r"\b\d+ passed\b|^(?:ok|PASS)\b|\btests? passed\b|test result: ok|\b0 failures\b|\bno issues\b|^OK\b", re.MULTILINE
)
_FAILURES = re.compile(
    r"\b[1-9]\d* (?:failed|failures?|errors?|issues)\b|^(?:FAIL|FAILED|--- FAIL)\b|test result: FAILED|Traceback \("
    r"|^(?:error|ERROR|Error|fatal)\b[: ]|^Exit code [1-9]|command not found",
    re.MULTILINE,
)
_REFUSED = re.compile(
    r"doesn['’]t want to proceed|tool use was rejected|(?:rejected|cancelled|canceled|interrupted|denied) by "
    r"(?:the )?user|user (?:rejected|declined|cancelled)",
    re.IGNORECASE,
)
"""A person stopped it: it neither worked nor failed."""
_RESULT = re.compile(
    r"^.*(?:\b\d+ passed\b|\bpassed\b|^ok\b|success\w*|complete\w*|\bvalid(?:ated)?\b|\bno issues"
    r"|\b0 (?:issues|errors)|\d+ tests?\b|written"
    r"|wrote|\bdone\b|up to date|applied|\d+ (?:rows?|migrations?|files?)\b).*$",
    re.IGNORECASE | re.MULTILINE,
)
_COUNTED = re.compile(r"\b\d+ (?:passed|failed|tests?|errors?)\b")
_BLAMED = re.compile(
    r"^.*(?:\b[1-9]\d* failed\b|error|fail|denied|not found|cannot|unable).*$", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Ran:
    """One part of a command line that did something."""

    effect: Effect
    text: str
    """What it did, in words: `Committed: …`, `Tests pass: …`."""
    ok: bool
    same: str
    """Runs with the same mark are repeats: the last one counts."""
    paths: tuple[str, ...] = ()
    """Files it deleted, moved or took back."""
    undone: tuple[str, ...] = ()
    """Commits it took back."""


def reported(output: str) -> list[Ran]:
    """The commits that a tool which commits by itself says it made."""
    made = _MADE.findall(output)
    return [Ran("commit", f"Committed: {one_line(title, 120)}", True, _named(commit)) for commit, title in made]


def _named(commit: str) -> str:
    """The mark of a commit known by its hash, of which seven characters are always told."""
    return f"commit {commit[:7]}"


def read(command: str, output: str, ok: bool | None) -> list[Ran]:
    """What a command line did, looking around and preparation left out. `ok`: its exit, where that was recorded."""
    if undone := _UNDONE.match(command):
        return (
            [Ran("revert", "", True, command, undone=tuple(map(_named, undone[1].split())))] if ok is not False else []
        )
    committed = _COMMIT.search(command)
    if committed:
        return [_commit(command, next(g for g in committed.groups() if g), ok is not False)]
    if _REFUSED.search(output[:400]):
        return []
    told = None if _MASKED.search(command) else ok
    worked = told is not False and not (told is None and _FAILURES.search(output))
    found = [_part(_SETS.sub("", part).strip(), output, worked) for part in _PARTS.split(command)]
    return _together([ran for ran in found if ran is not None])


def looks(command: str) -> bool:
    """Whether a command line only looks around."""
    parts = [_SETS.sub("", part).strip() for part in _PARTS.split(command)]
    return all(_LOOKS.match(part) for part in parts if part)


def _together(found: list[Ran]) -> list[Ran]:
    """Several files moved by one command line as one."""
    moves = [ran for ran in found if ran.effect == "move"]
    if len(moves) < 2:
        return found
    listed = ", ".join(ran.text.removeprefix("Moved ") for ran in moves[:2])
    more = f" and {len(moves) - 2} more" if len(moves) > 2 else ""
    paths = tuple(path for ran in moves for path in ran.paths)
    one = Ran("move", f"Moved {len(moves)} files: {listed}{more}", True, f"move {listed}{more}", paths)
    return [*(ran for ran in found if ran.effect != "move"), one]


def _commit(command: str, message: str, ok: bool) -> Ran:
    title = one_line(message.strip().split("\n")[0], 120)
    pushed = " (pushed)" if _PUSHED.search(command) else ""
    return Ran("commit", f"Committed{pushed}: {title}", ok, f"commit {title}")


def _part(command: str, output: str, worked: bool) -> Ran | None:
    if deleted := _DELETED.match(command):
        return _on_files("delete", "Deleted {}", deleted["what"].split(), worked)
    if moved := _MOVED.match(command):
        return _on_files("move", f"Moved {{}} to `{_short(moved['to'])}`", [moved["what"]], worked)
    if reverted := _REVERTED.match(command):
        return _on_files("revert", "", (reverted["what"] or reverted["plain"]).split(), worked)
    if not command or _LOOKS.match(command) or _DRY.search(command):
        return None
    shown = one_line(_REDIRECTED.sub("", command), SHOWN)
    if _TESTS.search(command):
        passed = not _FAILURES.search(output) and (worked or bool(_PASSES.search(output)))
        return Ran("tests", _told("Tests pass" if passed else "Tests fail", shown, output, passed), passed, "tests")
    mark = " ".join(command.split()[:2])
    if _EFFECTS.search(command):
        return Ran("effect", _told("Ran" if worked else "Failed", shown, output, worked), worked, mark)
    if _CHECKS.search(command):
        return Ran("check", _told("Checks pass" if worked else "Checks fail", shown, output, worked), worked, mark)
    return None


def _on_files(effect: Effect, form: str, paths: list[str], worked: bool) -> Ran | None:
    named = [path.strip("\"'") for path in paths if not path.startswith("-") and ">" not in path]
    if not worked or not named:
        return None
    listed = ", ".join(f"`{_short(path)}`" for path in named[:4]) + (
        f" and {len(named) - 4} more" if len(named) > 4 else ""
    )
    return Ran(effect, form.format(listed), True, f"{effect} {listed}", tuple(named))


def _short(path: str) -> str:
    """The last two parts of a path."""
    return "/".join(path.strip("\"'").rstrip("/").split("/")[-2:])


def _told(what: str, shown: str, output: str, worked: bool) -> str:
    """The command with the line of its output that says how it went."""
    lines = [match.group().strip(" =-•*\t") for match in (_RESULT if worked else _BLAMED).finditer(output)]
    telling = [line for line in lines if len(line.split()) > 1 and len(line) <= RESULT]
    told = next((line for line in reversed(telling) if _COUNTED.search(line)), telling[-1] if telling else "")
    return f"{what}: `{shown}`" + (f" ({one_line(told)})" if told else "")
