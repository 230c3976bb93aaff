"""Summaries for the write-side benchmark: summarise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.domain.session import SessionKey
from agent.domain.transcript import Transcript, Turn
from agent.ports import Embedder
from agent.stages.summarising.condensing import condense

Said = Mapping[str, str]


class SummariesPart:
    """Runs the stage that briefs and digests are condensed with. The part that owns the model provides `embedder`."""

    embedder: Embedder

    def summarise(self, turns: Sequence[Said], topic: str | None = None, words: int = 60) -> str:
        said = [Turn(t["role"], t["content"], t["name"]) for t in turns]  # type: ignore[arg-type]
        talk = Transcript.of(SessionKey("bench", "bench"), said)
        lines = condense(talk.turns, words, topic or "", self.embedder.embed if topic else None)
        return " ".join(line.text for line in lines)
