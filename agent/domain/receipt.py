"""A receipt: what one close, remember, checkpoint, reconcile, forget or rollback did, and how that can be checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from agent.domain.decision import Decision, Outcome
from agent.domain.markdown import iso
from agent.domain.scan import ScanReport
from agent.domain.session import Scope, SessionKey
from agent.domain.subject import Subject

SCHEMA = "closer.receipt/1"
OFFLINE = "gateway offline — vault only"
"""Said in receipt, registry and, when known by then, in the commit's trailer."""

Operation = Literal["close", "checkpoint", "remember", "reconcile", "rebuild", "forget", "rollback"]


@dataclass(frozen=True, slots=True)
class StoreState:
    """One store after the operation."""

    state: str
    """`written`, `unchanged`, `pending`, or `gateway offline — vault only`."""
    written: int = 0
    pending: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done, said so that it can be checked: the commit, the files, every decision with its reason."""

    operation: Operation
    session: SessionKey | None
    scope: Scope
    outcome: Outcome
    reason: str = ""
    when: str = ""
    commit: str | None = None
    """The vault commit that holds it; None when nothing was committed."""
    digest: str = ""
    turns: int = 0
    subjects: tuple[Subject, ...] = ()
    decisions: tuple[Decision, ...] = ()
    files: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept_by_hand: tuple[str, ...] = ()
    """Files a person had changed in the meantime: committed beside, left alone in the work tree."""
    stores: Mapping[str, StoreState] = field(default_factory=dict)
    redactions: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    scan: ScanReport | None = None
    notices: tuple[str, ...] = ()
    health: Mapping[str, float] = field(default_factory=dict)
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    before: tuple[Receipt, ...] = ()
    """Receipts of the conversations that came before this one in the same file."""

    @property
    def gateway_online(self) -> bool:
        state = self.stores.get("gateway")
        return state is None or state.state != OFFLINE

    def with_before(self, before: tuple[Receipt, ...]) -> Receipt:
        return replace(self, before=before)

    def counts(self) -> dict[str, int]:
        """How many decisions of each kind."""
        found: dict[str, int] = {}
        for decision in self.decisions:
            found[decision.kind] = found.get(decision.kind, 0) + 1
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain values, as every door hands them out."""
        return {
            "schema": SCHEMA,
            "operation": self.operation,
            "session": str(self.session) if self.session else None,
            "scope": self.scope.name,
            "outcome": self.outcome,
            "reason": self.reason,
            "when": self.when,
            "commit": self.commit,
            "digest": self.digest,
            "turns": self.turns,
            "subjects": [subject_json(s) for s in self.subjects],
            "decisions": [decision_json(d) for d in self.decisions],
            "counts": self.counts(),
            "files": list(self.files),
            "removed": list(self.removed),
            "kept_by_hand": list(self.kept_by_hand),
            "stores": {name: asdict(state) for name, state in self.stores.items()},
            "redactions": dict(self.redactions),
            "skipped": dict(self.skipped),
            "scan": scan_json(self.scan) if self.scan else None,
            "notices": list(self.notices),
            "health": dict(self.health),
            "milliseconds": dict(self.milliseconds),
            "before": [receipt.as_json() for receipt in self.before],
        }


def subject_json(subject: Subject) -> dict[str, Any]:
    return {
        "slug": subject.slug,
        "title": subject.title,
        "turns": list(subject.turns),
        "keywords": list(subject.keywords),
        "filed": subject.filed,
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    item = decision.fragment
    return {
        "kind": decision.kind,
        "class": item.kind,
        "statement": item.statement,
        "entity": item.entity,
        "attribute": item.attribute,
        "scope": item.scope.name,
        "trust": item.trust,
        "status": item.status,
        "score": round(item.score, 2),
        "confidence": round(item.confidence, 2),
        "turns": sorted({t for s in item.sources for t in s.turns}),
        "valid_from": iso(item.valid_from),
        "id": item.id,
        "other": decision.other.id if decision.other else None,
        "twins": [twin.id for twin in decision.twins],
        "neighbours": list(decision.neighbours),
        "doubtful": decision.doubtful,
        "reason": decision.reason,
    }


def scan_json(scan: ScanReport) -> dict[str, Any]:
    return {
        "verdict": scan.verdict,
        "reason": scan.reason,
        "scanned": list(scan.scanned),
        "unscanned": [{"path": path, "reason": why} for path, why in scan.unscanned],
        "new": [asdict(f) for f in scan.new],
        "old": [asdict(f) for f in scan.old],
        "suppressed": [asdict(f) for f in scan.findings if f.suppressed],
    }
