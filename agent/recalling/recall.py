"""Recall: full-text candidates from the catalogue and neighbours from the gateway, weighed together.

Text search answers before any model is loaded, and alone when the gateway is away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.domain.hit import Hit, Hits
from agent.domain.identity import normalised
from agent.domain.passage import KINDS, Passage, Shelf
from agent.domain.query import telling
from agent.errors import EmbedderUnavailable, GatewayOffline

if TYPE_CHECKING:
    from agent.ports import Catalogue, Doors

REACH = 60
"""Candidates asked of each store."""
SEMANTIC = 0.6
"""Share of the vector's say; the words have the rest."""
KIND_WEIGHT = {"fragment": 1.25, "summary": 0.95, "episode": 1.0, "subject": 0.6}
"""A statement that was kept because it lasts comes before a passing remark that is as near."""
SUPERSEDED = 0.45
UNTRUSTED = 0.8
OTHER_FORM = 0.5
"""What a text covers of a question when it only holds another form of a word asked for, in words."""
RELATED_COSINE, CERTAIN_COSINE = 0.25, 0.70
"""Cosines of the default model below which two texts have nothing to do with each other, and above which they do."""


def recall(doors: Doors, question: str, k: int, scope: str | None = None) -> Hits:
    """The k passages most likely to answer, best first. `scope`: a project's name, to search it and what is global."""
    scopes = [scope, "global"] if scope and scope != "global" else [scope] if scope else []
    lexical = {n.id: n.cosine for n in doors.catalogue.search(question, REACH, scopes=scopes)}
    semantic: dict[str, float] = {}
    notice = ""
    try:
        [vector] = doors.embedder.embed([question])
        shelves = [Shelf(kind, s) for kind in KINDS for s in scopes] or doors.catalogue.shelves()
        semantic = {n.id: n.cosine for n in doors.gateway.nearest(shelves, vector, REACH)}
    except GatewayOffline as error:
        notice = f"gateway offline ({error.message}): answered from the text index alone"
    except EmbedderUnavailable as error:
        notice = f"no embedding model ({error.message}): answered from the text index alone"
    hits = _weighed(doors.catalogue, question, lexical, semantic, k)
    hits.notice = notice
    return hits


def keywords(catalogue: Catalogue, question: str, k: int, scope: str | None = None) -> Hits:
    """Recall by words alone: no model, no gateway."""
    scopes = [scope, "global"] if scope and scope != "global" else [scope] if scope else []
    lexical = {n.id: n.cosine for n in catalogue.search(question, REACH, scopes=scopes)}
    return _weighed(catalogue, question, lexical, {}, k)


def _weighed(
    catalogue: Catalogue, question: str, lexical: dict[str, float], semantic: dict[str, float], k: int
) -> Hits:
    most = max(lexical.values(), default=0.0) or 1.0
    known = catalogue.passages(list(dict.fromkeys([*lexical, *semantic])))
    asked = _telling(question)
    found = []
    for ident, passage in known.items():
        cosine, words = semantic.get(ident, 0.0), lexical.get(ident, 0.0) / most
        score = SEMANTIC * max(cosine, 0.0) + (1 - SEMANTIC) * words if semantic else words
        score *= KIND_WEIGHT[passage.shelf.kind]
        score *= SUPERSEDED if passage.status == "superseded" else 1.0
        score *= UNTRUSTED if passage.status == "quarantined" else 1.0
        found.append(_hit(passage, score, cosine if semantic else None, asked, ident in lexical))
    found = [hit for hit in found if hit.confidence > 0]
    found.sort(key=lambda h: (-h.score, h.id))
    return _current_first(catalogue, Hits(_distinct(found)[:k]))


def _hit(passage: Passage, score: float, cosine: float | None, asked: frozenset[str], worded: bool) -> Hit:
    shared = asked & _telling(passage.text)
    coverage = (len(shared) or OTHER_FORM) / len(asked) if asked else 0.0
    near = 0.0 if cosine is None else (cosine - RELATED_COSINE) / (CERTAIN_COSINE - RELATED_COSINE)
    confidence = max(min(near, 1.0), 0.85 * coverage if worded else 0.0, 0.0)
    reasons = [f"shares “{', '.join(sorted(shared)[:5])}”"] if shared else []
    if cosine:
        reasons.append(f"close in meaning ({cosine:.2f})")
    if passage.status != "active":
        reasons.append(passage.status)
    return Hit(
        text=passage.text,
        why="; ".join(reasons) or "matches a form of a word asked for",
        kind=passage.shelf.kind,
        id=passage.id,
        path=passage.note,
        session=passage.session,
        turns=passage.turns,
        score=round(score, 4),
        confidence=round(confidence, 2),
        when=passage.when,
        trust=passage.trust,
        status=passage.status,
        scope=passage.shelf.scope,
    )


def _telling(text: str) -> frozenset[str]:
    return frozenset(telling(text))


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    """Each text once: a statement and the turn it was said in are one answer when their words are the same."""
    seen: dict[str, None] = {}
    kept = []
    for hit in hits:
        key = normalised(hit.text)
        if key not in seen:
            seen[key] = None
            kept.append(hit)
    return kept


def _current_first(catalogue: Catalogue, hits: Hits) -> Hits:
    """Put what replaced a superseded fragment right before it, and say which it is."""
    found = Hits()
    for hit in hits:
        if hit.kind == "fragment" and hit.status == "superseded":
            note = catalogue.fragments([hit.id]).get(hit.id)
            heir = note[1].text("superseded_by") if note else ""
            passage = catalogue.passages([heir]).get(heir) if heir else None
            if passage is not None and heir not in {h.id for h in found}:
                current = _hit(passage, hit.score, None, frozenset(), worded=False)
                found.append(replace(current, why=f"took the place of “{hit.text}”", confidence=hit.confidence))
            hit = replace(hit, why=f"{hit.why}; superseded by {heir}" if heir else hit.why)
        if hit.id not in {h.id for h in found}:
            found.append(hit)
    return Hits(found[: len(hits)])
