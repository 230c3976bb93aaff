"""What is to be done with one statement, and the plan of a whole close: values, made before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.domain.fragment import Fragment
from agent.domain.scan import ScanReport
from agent.domain.session import Scope, SessionKey
from agent.domain.subject import Subject, Summary

DecisionKind = Literal["add", "update", "merge", "touch", "quarantine", "skip"]


@dataclass(frozen=True, slots=True)
class Decision:
    """The write decision for one statement."""

    kind: DecisionKind
    """`add` a new note; `update`: it takes the place of `other`, which is kept as superseded; `merge`: the same
    statement in near-identical words, the better wording stays; `touch`: the very same, count the sighting;
    `quarantine`: kept apart until a person decides; `skip`: not written."""
    fragment: Fragment
    """The statement as it would stand after the decision."""
    reason: str
    """In words, for a reviewer."""
    other: Fragment | None = None
    """The stored fragment that is updated, merged into or touched; of an `add` that is superseded from the start, the
    one that was said later and took its place."""
    twins: tuple[Fragment, ...] = ()
    """Stored fragments that say what `other` says, and give way with it."""
    neighbours: tuple[str, ...] = ()
    """Ids of close statements that stay beside it; an `add` is linked to them."""
    doubtful: bool = False
    """Close to a neighbour and neither the same nor clearly different: listed for a person."""

    @property
    def heir(self) -> Fragment | None:
        """The stored fragment that an added one is superseded by: it was said later, and stored before."""
        return self.other if self.kind == "add" else None


Outcome = Literal["close", "nothing", "done"]
"""`close`: there is something to commit; `nothing`: looked, and nothing was worth keeping; `done`: it was committed
before."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All a close is going to do. Making it writes nothing."""

    session: SessionKey
    scope: Scope
    outcome: Outcome
    reason: str
    digest: str
    """Of the whole redacted transcript."""
    turns: int
    base: str | None
    """The vault commit the plan was made against."""
    subjects: tuple[Subject, ...] = ()
    summaries: tuple[Summary, ...] = ()
    decisions: tuple[Decision, ...] = ()
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    """Path in the vault to its new content; None removes it."""
    consulted: tuple[str, ...] = ()
    """Notes that were weighed in deciding, written or not."""
    message: str = ""
    """The commit message, trailers included."""
    scan: ScanReport | None = None
    redactions: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Records of the transcript's file that were passed over, by type."""
    gateway: str = "online"
    """The gateway's state when deciding: `online`, or `gateway offline — vault only`."""
    notices: tuple[str, ...] = ()
    """What a reader of the receipt should know: text shortened, hand edits kept, limits met."""
