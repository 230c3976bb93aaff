"""Find a session's subjects: cluster its exchanges, name them, and recognise those met before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from agent.domain import episode_note
from agent.domain.identity import digest, slug
from agent.domain.note import Note
from agent.domain.passage import Shelf
from agent.domain.passages import turn_texts
from agent.domain.session import Scope
from agent.domain.subject import Subject
from agent.domain.transcript import Exchange
from agent.errors import GatewayOffline
from agent.ports import Doors, Vectors
from agent.stages import filing, subjects, titles
from agent.stages.reading import words

NOMINATED = 10
USER_WEIGHT = 3.0
TRIED = 6
"""Names a new subject may get rather than one that another subject of the vault has: the rest say too little."""


def find(
    doors: Doors, cut: Sequence[Exchange], scope: Scope, previous: Note | None, *, ask_gateway: bool
) -> list[Subject]:
    """The subjects of a session, the one with most turns first. `previous` is the episode of an earlier close of the
    same session: what it filed stays filed."""
    vectors = _vectors(doors, cut)
    filed = _filed(cut, previous)
    labels, slugs = subjects.settle(subjects.cluster(cut, vectors), filed)
    groups: dict[int, list[int]] = {}
    for at, label in enumerate(labels):
        groups.setdefault(label, []).append(at)
    spread = Counter(stem for members in groups.values() for stem in _stems(cut, members))
    found: list[Subject] = []
    for label, members in groups.items():
        centre = vectors[members].mean(0)
        centre /= max(float(np.linalg.norm(centre)), 1e-9)
        found.append(_named(doors, cut, members, centre, scope, spread, slugs.get(label), found, ask_gateway))
    return sorted(found, key=lambda s: (-len(s.turns), s.turns))


def _vectors(doors: Doors, cut: Sequence[Exchange]) -> Vectors:
    """One vector an exchange. Every passage of the session is embedded here, once and in one call."""
    texts: list[str] = []
    spans: list[tuple[list[int], list[int]]] = []
    for exchange in cut:
        rows: dict[str, list[int]] = {"user": [], "assistant": []}
        for turn in exchange.turns:
            pieces = turn_texts(turn) or ([turn.text[:200]] if turn.role == "user" and turn.text.strip() else [])
            if turn.role in rows:
                rows[turn.role] += range(len(texts), len(texts) + len(pieces))
                texts += pieces
        spans.append((rows["user"], rows["assistant"]))
    embedded = doors.embedder.embed(texts or [" "])
    return np.stack(
        [
            subjects.exchange_vector(embedded[user], embedded[assistant])
            if user or assistant
            else np.zeros(embedded.shape[1], np.float32)
            for user, assistant in spans
        ]
    )


def _filed(cut: Sequence[Exchange], previous: Note | None) -> dict[int, str]:
    if previous is None:
        return {}
    slug_of = {turn: s for s, turns in episode_note.subjects(previous).items() for turn in turns}
    return {
        at: slug_of[exchange.turns[0].index]
        for at, exchange in enumerate(cut)
        if exchange.turns[0].index in slug_of and exchange.turns[-1].index in slug_of
    }


def _stems(cut: Sequence[Exchange], members: Sequence[int]) -> set[str]:
    return {s for at in members for t in cut[at].turns if t.role == "user" for s in words.content(words.prose(t.text))}


def _named(
    doors: Doors,
    cut: Sequence[Exchange],
    members: Sequence[int],
    centre: NDArray[np.float32],
    scope: Scope,
    spread: Mapping[str, int],
    known_slug: str | None,
    found: Sequence[Subject],
    ask_gateway: bool,
) -> Subject:
    said = [t for at in members for t in cut[at].turns if t.role in ("user", "assistant")]
    weights = [USER_WEIGHT if t.role == "user" else 1.0 for t in said]
    names, keywords = titles.names([t.text for t in said], weights, spread, doors.embedder.embed)
    used = {s.title for s in found}
    title = next((name for name in names if name not in used), names[-1])
    turns = tuple(sorted(i for at in members for i in cut[at].indices))
    if known_slug is not None:
        page = _page(doors, known_slug)
        return Subject(known_slug, page.text("title") if page else title, turns, keywords, filed=True)
    taken = {s.slug for s in found}
    known = [k for k in _known(doors, title, keywords, centre, scope, ask_gateway) if k.slug not in taken]
    match = filing.file(title, keywords, centre, known)
    if match is not None:
        return Subject(match.slug, match.title, turns, keywords, filed=True)
    title = next((name for name in names[:TRIED] if name not in used and _page(doors, slug(name)) is None), title)
    return Subject(_free_slug(doors, title, scope, taken), title, turns, keywords)


def _known(
    doors: Doors,
    title: str,
    keywords: Sequence[str],
    centre: NDArray[np.float32],
    scope: Scope,
    ask_gateway: bool,
) -> list[filing.Known]:
    """Subjects of this scope that words or vectors nominate, with what their last sessions were about."""
    scopes = [scope.name]
    asked = " ".join([title, *keywords])
    near = doors.catalogue.search(asked, NOMINATED, kinds=["subject", "summary"], scopes=scopes)
    ids = [n.id for n in near]
    if ask_gateway:
        # Without it the words' nominations stand; the sending that follows reports the outage.
        with suppress(GatewayOffline):
            shelves = [Shelf("subject", scope.name), Shelf("summary", scope.name)]
            ids += [n.id for n in doors.gateway.nearest(shelves, centre, NOMINATED)]
    slugs = dict.fromkeys(p.subject for p in doors.catalogue.passages(list(dict.fromkeys(ids))).values() if p.subject)
    return [known for known in (_profile(doors, s) for s in slugs) if known is not None]


def _profile(doors: Doors, subject_slug: str) -> filing.Known | None:
    page = _page(doors, subject_slug)
    if page is None:
        return None
    keywords = page.texts("keywords")
    texts = [f"{page.text('title')}. {', '.join(keywords)}"] if keywords else filing.readings(page.text("title"))
    texts += [
        " ".join(line for line in note.body.split("\n") if line and not line.startswith("#"))[:800]
        for note in doors.catalogue.notes("summary", subject=subject_slug, limit=3)
    ]
    centre = doors.embedder.embed(texts).mean(0)
    centre /= max(float(np.linalg.norm(centre)), 1e-9)
    return filing.Known(subject_slug, page.text("title"), keywords, centre)


def _page(doors: Doors, subject_slug: str) -> Note | None:
    return next(iter(doors.catalogue.notes("subject", subject=subject_slug, limit=1)), None)


def _free_slug(doors: Doors, title: str, scope: Scope, taken: set[str]) -> str:
    """The title's slug; with the scope's hash when another project, or another subject here, has it already."""
    plain = slug(title, empty="subject")
    if plain not in taken and _page(doors, plain) is None:
        return plain
    scoped = f"{plain[:50].rstrip('-')}-{digest(scope.name)[:6]}"
    number, candidate = 2, scoped
    while candidate in taken or _page(doors, candidate) is not None:
        candidate, number = f"{scoped}-{number}", number + 1
    return candidate
