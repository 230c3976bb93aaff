"""Decide statements against what is stored, asking both stores, in order and each knowing the ones before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agent.domain import fragment_note
from agent.domain.decision import Decision
from agent.domain.fragment import Fragment
from agent.domain.identity import normalised, statement_digest
from agent.domain.passage import Shelf
from agent.domain.session import GLOBAL
from agent.errors import GatewayOffline
from agent.ports import Doors, Vectors
from agent.stages.dedup import Nominee, decide

NEIGHBOURS = 8
REMEMBERED = 200
"""How many of an operation's own decisions are compared by meaning: the last ones."""

Near = dict[str, float]
"""Fragment id to cosine."""


@dataclass
class Deciding:
    """The decisions of one operation so far, and what they make of the stored fragments."""

    doors: Doors
    when: datetime
    offline: str = ""
    """Why the gateway was not asked; empty while it answers."""
    decisions: list[Decision] = field(default_factory=list)
    standing: dict[str, Fragment] = field(default_factory=dict)
    """Fragments as they stand after the decisions so far, by id."""
    paths: dict[str, str] = field(default_factory=dict)
    """Where the stored ones among them live."""

    def take(self, candidates: Sequence[Fragment]) -> list[Decision]:
        """Decide each candidate, in the order they were said: a correction must find what it corrects.

        What has no date of its own was said when the operation's session ended.
        """
        candidates = [c if c.created else replace(c, created=self.when) for c in candidates]
        candidates = sorted(candidates, key=lambda c: max((t for s in c.sources for t in s.turns), default=-1))
        vectors = self.doors.embedder.embed([c.statement for c in candidates])
        made = []
        for candidate, vector, near in zip(candidates, vectors, self._near(candidates, vectors), strict=True):
            decision = self._decide(candidate, vector, near)
            self.decisions.append(decision)
            made.append(decision)
        return made

    def again(self, item: Fragment) -> Decision:
        """Decide a stored fragment against the others. Only a merge counts as a decision of this operation."""
        [vector] = self.doors.embedder.embed([item.statement])
        [near] = self._near([item], vector[np.newaxis])
        nominees = [n for n in self._nominees(item, vector, near) if n.fragment.id != item.id]
        decision = decide(item, nominees, frozenset())
        if decision.kind in ("merge", "touch"):
            self.decisions.append(decision)
            self._note(decision)
        return decision

    def _decide(self, candidate: Fragment, vector: NDArray[np.float32], near: Near) -> Decision:
        digests = [statement_digest(text) for text in (candidate.statement, *(s.quote for s in candidate.sources))]
        gone = self.doors.catalogue.tombstones(digests)
        tombstones = frozenset(digests[:1]) if gone else frozenset[str]()
        decision = decide(candidate, self._nominees(candidate, vector, near), tombstones)
        self._note(decision)
        return decision

    def _nominees(self, candidate: Fragment, vector: NDArray[np.float32], near: Near) -> list[Nominee]:
        catalogue = self.doors.catalogue
        scopes = list(dict.fromkeys((candidate.scope.name, GLOBAL.name)))
        ids = dict.fromkeys(catalogue.same_statement(statement_digest(candidate.statement)))
        if candidate.slot:
            for scope in scopes:
                ids.update(dict.fromkeys(catalogue.in_slot(scope, candidate.slot)))
        ids.update(dict.fromkeys(near))
        found = catalogue.search(candidate.statement, NEIGHBOURS, kinds=["fragment"], scopes=scopes)
        ids.update(dict.fromkeys(n.id for n in found))
        for ident, (path, note) in catalogue.fragments([i for i in ids if i not in self.standing]).items():
            self.standing[ident] = fragment_note.from_note(note)
            self.paths[ident] = path
        ids.update(dict.fromkeys(self._said_before(candidate, vector)))
        known = [self.standing[i] for i in ids if i in self.standing and self.standing[i].scope.name in scopes]
        if not known:
            return []
        # The same vectors the gateway holds, mostly from the cache: an outage costs only the neighbours that no
        # word and no slot nominates.
        cosines = self.doors.embedder.embed([f.statement for f in known]) @ vector
        return [Nominee(f, near.get(f.id, float(c))) for f, c in zip(known, cosines, strict=True)]

    def _said_before(self, candidate: Fragment, vector: NDArray[np.float32]) -> list[str]:
        """Of what this operation decided so far: what fills the same slot, says the same, or is nearest."""
        made = [d.fragment for d in self.decisions if d.kind != "skip"]
        if not made:
            return []
        same = normalised(candidate.statement)
        alike = [f.id for f in made if (f.slot and f.slot == candidate.slot) or normalised(f.statement) == same]
        cosines = self.doors.embedder.embed([f.statement for f in made[-REMEMBERED:]]) @ vector
        nearest = np.argsort(-cosines)[:NEIGHBOURS]
        return [*alike, *(made[-REMEMBERED:][n].id for n in nearest)]

    def _near(self, candidates: Sequence[Fragment], vectors: Vectors) -> list[Near]:
        """What the gateway holds near each candidate: asked once for all; nothing while it is away."""
        scopes = dict.fromkeys([*(c.scope.name for c in candidates), GLOBAL.name])
        shelves = [Shelf("fragment", scope) for scope in scopes]
        if self.offline or not candidates:
            return [{} for _ in candidates]
        try:
            found = self.doors.gateway.nearest_each(shelves, vectors, NEIGHBOURS)
        except GatewayOffline as error:
            self.offline = error.message
            return [{} for _ in candidates]
        return [{n.id: n.cosine for n in neighbours} for neighbours in found]

    def _note(self, decision: Decision) -> None:
        if decision.kind == "skip":
            return
        new, old = decision.fragment, decision.other
        self.standing[new.id] = new
        if decision.heir is not None:
            heir = self.standing[decision.heir.id]
            self.standing[heir.id] = replace(heir, supersedes=(*dict.fromkeys((*heir.supersedes, new.id)),))
        if decision.kind == "update" and old is not None:
            for gone in (old, *decision.twins):
                self.standing[gone.id] = replace(
                    gone,
                    status="superseded",
                    superseded_by=new.id,
                    valid_to=new.valid_from or new.created or self.when,
                )
