"""Subjects for the write-side benchmark: cluster, segment, title, assign."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.domain.passages import pieces
from agent.domain.session import SessionKey
from agent.domain.transcript import Transcript, Turn, exchanges
from agent.ports import Embedder, Vectors
from agent.stages import filing, segments, subjects, titles

Said = Mapping[str, str]
PIECES_PER_TURN = 3


class SubjectsPart:
    """Runs the stages a close runs, on turns given as role, content and name."""

    @cached_property
    def embedder(self) -> Embedder:
        from agent.adapters.embedder import open_embedder

        return open_embedder("all-MiniLM-L6-v2", Path(os.environ["CLOSER_MODELS"]), threads=2)

    def cluster(self, turns: Sequence[Said]) -> list[int]:
        groups = exchanges(_turns(turns))
        vectors = np.stack(
            [
                subjects.exchange_vector(
                    self._passages(group.said_by("user")), self._passages(group.said_by("assistant"))
                )
                for group in groups
            ]
        )
        label = dict(zip(groups, subjects.cluster(groups, vectors), strict=True))
        return [label[group] for group in groups for _ in group.turns]

    def segment(self, utterances: Sequence[str]) -> list[int]:
        return segments.segment(self.embedder.embed(utterances), utterances)

    def title(self, turns: Sequence[Said]) -> str:
        texts = [turn["content"] for turn in turns]
        return titles.title(texts, [1.0] * len(texts), {}, self.embedder.embed)[0]

    def assign(self, summary: str, rooms: Sequence[str]) -> str:
        names = [room.rsplit("/", 1)[-1].replace("-", " ").replace("_", " ") for room in rooms]
        known = [filing.Known(r, n, (), self._read(n)) for r, n in zip(rooms, names, strict=True)]
        found = filing.file(summary, (), self.embedder.embed([summary])[0], known)
        return found.slug if found else "other"

    def _read(self, name: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.embedder.embed(filing.readings(name)).mean(0)
        return vector / np.linalg.norm(vector)

    def _passages(self, turns: Sequence[Turn]) -> Vectors:
        return self.embedder.embed([piece for turn in turns for piece in pieces(turn.text)[:PIECES_PER_TURN]])


def _turns(said: Sequence[Said]) -> tuple[Turn, ...]:
    roles: Any = [turn["role"] for turn in said]
    turns = [Turn(role, turn["content"]) for role, turn in zip(roles, said, strict=True)]
    return Transcript.of(SessionKey("bench", "bench"), turns).turns
