"""Where each note lives in the vault. The only place that knows; no folder grows past about 300 entries."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from agent.domain.fragment import Fragment
from agent.domain.identity import session_id8, slug
from agent.domain.session import SessionKey

MEMORY = "MEMORY.md"
FRAGMENTS, SUMMARIES, EPISODES, SUBJECTS, HANDOFFS, QUARANTINE, TOMBSTONES = (
    "fragments",
    "summaries",
    "episodes",
    "subjects",
    "handoffs",
    "quarantine",
    "tombstones",
)
OURS = re.compile(
    rf"(?:{FRAGMENTS}|{SUMMARIES}|{EPISODES}|{SUBJECTS}|{HANDOFFS}|{QUARANTINE}|{TOMBSTONES})/.+\.md\Z"
    rf"|{MEMORY}\Z|memory/\d{{4}}/\d\d\.md\Z"
)
"""Paths closer reads as notes; everything else in the vault belongs to the person."""


def day(when: datetime) -> str:
    return when.astimezone(UTC).date().isoformat().replace("-", "/")


def subject(subject_slug: str) -> str:
    """Fans out by the first two letters, so that thousands of subjects stay browsable."""
    return f"{SUBJECTS}/{subject_slug[:2]}/{subject_slug}.md"


def summary(subject_slug: str, session: SessionKey, when: datetime) -> str:
    return f"{SUMMARIES}/{day(when)}/{subject_slug}-{session_id8(session)}.md"


def episode(primary_slug: str, session: SessionKey, when: datetime) -> str:
    return f"{EPISODES}/{day(when)}/{primary_slug}-{session_id8(session)}.md"


def fragment(item: Fragment, when: datetime) -> str:
    root = QUARANTINE if item.status == "quarantined" else f"{FRAGMENTS}/{item.kind}"
    return f"{root}/{day(when)}/{slug(item.statement)[:40].strip('-')}-{item.id[:8]}.md"


def handoff(session: SessionKey, when: datetime) -> str:
    return f"{HANDOFFS}/{day(when)}/{session_id8(session)}.md"


def tombstone(statement_digest: str) -> str:
    return f"{TOMBSTONES}/{statement_digest[:2]}/{statement_digest}.md"


def memory_month(month: str) -> str:
    """`month` as `yyyy/mm`."""
    return f"memory/{month}.md"


def link(path: str, title: str = "") -> str:
    """A wikilink whose label can't break out of it."""
    target = path.removesuffix(".md")
    label = re.sub(r"[\[\]|#^\n\r]", " ", title).strip()
    return f"[[{target}|{label}]]" if label else f"[[{target}]]"
