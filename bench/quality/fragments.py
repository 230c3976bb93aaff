"""Fragments for the write-side benchmark: extract and decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from agent.domain.fragment import Fragment
from agent.domain.session import GLOBAL, SessionKey
from agent.domain.transcript import Transcript, Turn
from agent.ports import Embedder
from agent.stages.dedup import Nominee, decide
from agent.stages.fragments import extract, stated

Said = Mapping[str, str]
OUTCOMES = {"add": "new", "quarantine": "new", "update": "update"}
"""What the benchmark calls our decisions; all else keeps no new statement: a duplicate."""
_HERE = SessionKey("bench", "now")
_BEFORE = SessionKey("bench", "before")


class FragmentsPart:
    """Runs the stages a close runs. The part that owns the model provides `embedder`."""

    embedder: Embedder

    def extract(self, turns: Sequence[Said]) -> list[tuple[str, str, int]]:
        people = {t["name"] for t in turns if t["role"] == "user" and t["name"] != "user"}
        talk = Transcript.of(_HERE, [Turn(t["role"], t["content"], t["name"]) for t in turns])  # type: ignore[arg-type]
        limit = len(turns) if len(people) > 1 else None
        found = extract(talk.turns, GLOBAL, _HERE, people=people, limit=limit, embed=self.embedder.embed)
        return [(f.kind, f.statement, f.sources[-1].turns[-1]) for f in found if f.status == "active"]

    def decide(self, existing: Sequence[str], new: str) -> tuple[str, int | None]:
        stored = [_stated(text, _BEFORE) for text in existing]
        cosines = self.embedder.embed([new, *existing])
        nominees = [
            Nominee(fragment, float(row @ cosines[0])) for fragment, row in zip(stored, cosines[1:], strict=True)
        ]
        decision = decide(_stated(new, _HERE), nominees, frozenset())
        other = next((i for i, f in enumerate(stored) if decision.other and f.id == decision.other.id), None)
        return OUTCOMES.get(decision.kind, "duplicate"), other


@lru_cache(maxsize=1 << 14)
def _stated(text: str, session: SessionKey) -> Fragment:
    return stated(text, None, GLOBAL, session)
