"""Scans with bandit what a session changed, and says of everything else why it was not looked at.

bandit never meets the repository: it reads copies, under names of ours, in a folder of ours. So nothing there
(a `.bandit`, a name like an option, a link, a module called `bandit`) can steer it.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.adapters.bandit_process import Issue, issues
from agent.adapters.git import Git, GitFailed
from agent.adapters.source_kind import kind_of_content, kind_of_name
from agent.adapters.work_tree import Changed, Place, View, locate, view
from agent.domain.scan import Finding, ScanReport, Verdict

SCAN_FILES = 200
SCAN_BYTES = 500_000
NOT_PYTHON = "not scanned: not Python"

_LINKS = {"120000": "symbolic link, not followed", "160000": "submodule, not followed"}
_NOSEC = re.compile(r"#\s*nosec\b:?(?P<tests>[^#]*)")
_RULE = re.compile(r"\bB\d{3}\b")

Unscanned = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Copy:
    """A changed Python file, copied for bandit."""

    changed: Changed
    name: str


class BanditScanner:
    def __init__(self, seconds: float = 30.0) -> None:
        """`seconds` bounds bandit over all files together; git has time limits of its own."""
        self._seconds = seconds

    def scan(self, repository: Path, start_commit: str | None, start_tree: str | None) -> ScanReport:
        if not repository.is_dir():
            return ScanReport("skipped", "the folder is gone")
        try:
            place = locate(repository)
            if place is None:
                return ScanReport("skipped", "not a git repository")
            with view(place) as work_tree:
                return self._scan(place, work_tree, start_commit, start_tree)
        except (GitFailed, OSError) as error:
            return ScanReport("not scanned", f"could not look: {error}")

    def _scan(self, place: Place, work_tree: View, start_commit: str | None, start_tree: str | None) -> ScanReport:
        start, limits = _start(place, work_tree, start_commit, start_tree)
        now = work_tree.snapshot()
        unscanned = [(path, why) for path, why in now.left_out if _counts(path)]
        with TemporaryDirectory(prefix="closer-scan-") as folder:
            copies = _copy(work_tree, work_tree.changes(start, now.tree), Path(folder), unscanned)
            answers = issues(Path(folder), [copy.name for copy in copies], self._seconds)
            scanned, findings = _read(work_tree, Path(folder), copies, answers, unscanned)
        verdict, why = _verdict(scanned, unscanned, findings)
        return ScanReport(
            verdict,
            "; ".join(filter(None, (why, limits))),
            tuple(sorted(scanned)),
            tuple(sorted(unscanned)),
            tuple(sorted(findings, key=lambda finding: (finding.path, finding.line, finding.rule))),
        )


def _start(place: Place, work_tree: View, start_commit: str | None, start_tree: str | None) -> tuple[str, str]:
    """The tree to compare with, and what is approximate about it."""
    if tree := work_tree.tree_of(start_tree):
        return tree, ""
    if tree := work_tree.tree_of(start_commit):
        return tree, "approximate: changes from before the session may be among these, no start tree"
    git = Git(place.root)
    base = git.text("merge-base", "HEAD", "@{upstream}", ok=(0, 1, 128))
    if tree := work_tree.tree_of(base):
        return tree, "approximate: no start commit, compared with the upstream branch"
    if tree := work_tree.tree_of(git.text("rev-parse", "-q", "--verify", "HEAD", ok=(0, 1, 128))):
        return tree, "approximate: no start commit, compared with HEAD"
    return work_tree.empty_tree(), "approximate: no start commit, compared with nothing"


def _counts(path: str) -> bool:
    """Whether a path that could not be read must be named: code, or anything that may hold some."""
    return path.endswith("/") or kind_of_name(path) in ("python", "other code")


def _copy(work_tree: View, changes: Sequence[Changed], folder: Path, unscanned: list[Unscanned]) -> list[_Copy]:
    candidates = []
    for changed in changes:
        kind = kind_of_name(changed.path)
        if changed.mode in _LINKS:
            if kind != "no code":
                unscanned.append((changed.path, _LINKS[changed.mode]))
        elif kind == "other code":
            unscanned.append((changed.path, NOT_PYTHON))
        elif kind != "no code":
            candidates.append(changed)
    copies: list[_Copy] = []
    contents = work_tree.contents([changed.new for changed in candidates], SCAN_BYTES)
    for changed, content in zip(candidates, contents, strict=True):
        if content is None:
            if kind_of_name(changed.path) == "python":
                unscanned.append((changed.path, f"larger than {SCAN_BYTES // 1000} kB"))
            continue
        kind = kind_of_name(changed.path)
        if kind == "ask the content":
            kind = kind_of_content(content)
        if kind == "other code":
            unscanned.append((changed.path, NOT_PYTHON))
        elif kind == "python" and len(copies) == SCAN_FILES:
            unscanned.append((changed.path, "too many files"))
        elif kind == "python":
            copies.append(_Copy(changed, f"{len(copies):04}.py"))
            (folder / copies[-1].name).write_bytes(content)
    return copies


def _read(
    work_tree: View,
    folder: Path,
    copies: Iterable[_Copy],
    answers: Mapping[str, Sequence[Issue] | str],
    unscanned: list[Unscanned],
) -> tuple[list[str], list[Finding]]:
    scanned, findings = [], []
    for copy in copies:
        answer = answers[copy.name]
        if isinstance(answer, str):
            unscanned.append((copy.changed.path, answer))
            continue
        scanned.append(copy.changed.path)
        if answer:
            changed = work_tree.changed_lines(copy.changed)
            comments = _comments((folder / copy.name).read_bytes())
            findings += [_finding(copy.changed.path, issue, changed, comments) for issue in answer]
    return scanned, findings


def _finding(path: str, issue: Issue, changed: Sequence[range], comments: Mapping[int, str]) -> Finding:
    return Finding(
        path=path,
        line=issue.line,
        rule=issue.rule,
        severity=issue.severity,
        confidence=issue.confidence,
        text=issue.text,
        on_changed_line=any(_meet(issue.lines, lines) for lines in changed),
        suppressed=any(_silences(comments.get(line, ""), issue) for line in issue.lines),
    )


def _meet(one: range, other: range) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)


def _comments(source: bytes) -> dict[int, str]:
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    try:
        return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    except (tokenize.TokenError, SyntaxError):
        # Stricter than the parser. No comment then counts, and every finding is told as it is.
        return {}


def _silences(comment: str, issue: Issue) -> bool:
    """A `# nosec` with rules is about those; without, about any."""
    found = _NOSEC.search(comment)
    if found is None:
        return False
    rules = _RULE.findall(found["tests"])
    return not rules or issue.rule in rules or issue.name in found["tests"]


def _verdict(
    scanned: Sequence[str], unscanned: Sequence[Unscanned], findings: Sequence[Finding]
) -> tuple[Verdict, str]:
    if findings:
        return "findings", ""
    if scanned:
        return "clean", ""
    if not unscanned:
        return "skipped", "no code changed"
    other = all(why == NOT_PYTHON for _, why in unscanned)
    return "not scanned", "not Python" if other else "no changed Python file could be scanned"
