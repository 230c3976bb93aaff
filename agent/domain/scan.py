"""What a security scan of the code a session changed found, or why there was none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["clean", "findings", "not scanned", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One issue bandit reports."""

    path: str
    line: int
    rule: str
    """bandit's test id, such as `B602`."""
    severity: Literal["low", "medium", "high"]
    confidence: Literal["low", "medium", "high"]
    text: str
    on_changed_line: bool
    suppressed: bool = False
    """The line carries `# nosec`; told apart, never hidden."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """One scan. `not scanned` is a result: some file was asked for and could not be looked at."""

    verdict: Verdict
    reason: str = ""
    """Why there was no scan, or what limits it (`approximate: no start commit`)."""
    scanned: tuple[str, ...] = ()
    unscanned: tuple[tuple[str, str], ...] = ()
    """(path, reason) of changed files that were not looked at: not Python, too large, can't be parsed, timed out."""
    findings: tuple[Finding, ...] = ()

    @property
    def new(self) -> tuple[Finding, ...]:
        """Findings on lines the session changed."""
        return tuple(f for f in self.findings if f.on_changed_line and not f.suppressed)

    @property
    def old(self) -> tuple[Finding, ...]:
        """Findings that were there before."""
        return tuple(f for f in self.findings if not f.on_changed_line and not f.suppressed)
