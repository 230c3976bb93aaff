"""After the commit: bring catalogue and gateway to the vault's HEAD, and prove it. May be repeated at any time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from agent.domain.passage import Passage, Shelf
from agent.domain.receipt import OFFLINE, StoreState
from agent.errors import GatewayOffline
from agent.ports import Doors, Record

BATCH = 100


def catch_up(doors: Doors, *, placed: bool = False) -> bool:
    """Bring the catalogue to the vault's HEAD. Whether there was anything to take in.

    `placed`: the caller has brought the work tree to HEAD. Otherwise that is done here too: whoever committed may have
    died before it did.
    """
    head, mirrored = doors.vault.head(), doors.catalogue.head()
    if head is None or head == mirrored:
        return False
    if mirrored is not None and not doors.vault.contains(mirrored):
        doors.catalogue.clear()
        mirrored = None
    if mirrored is not None and not placed:
        _place(doors, mirrored, head)
    doors.catalogue.apply(doors.vault.changes(mirrored, head), head)
    return True


def _place(doors: Doors, old: str, new: str) -> None:
    changes = doors.vault.changes(old, new)
    while batch := {c.path: c.content for c in islice(changes, BATCH)}:
        doors.vault.checkout(batch, doors.vault.read(list(batch), at=old))


def send(doors: Doors, budget: float) -> StoreState:
    """Empty the gateway's outbox, within `budget` seconds. What is left stays in the outbox; an outage is a state, not
    an error: the vault has everything."""
    deadline = time.monotonic() + budget
    written = 0
    try:
        while True:
            waiting = doors.catalogue.outbox(BATCH)
            if not waiting:
                head = doors.catalogue.head()
                if head is not None and (written or doors.gateway.commit() != head):
                    doors.gateway.mark(head)
                return StoreState("written" if written else "unchanged", written)
            if time.monotonic() > deadline:
                return StoreState("pending", written, doors.catalogue.pending(), f"more than {budget:g} s of writing")
            _deliver(doors, waiting)
            written += len(waiting)
    except GatewayOffline as error:
        return StoreState(OFFLINE, written, doors.catalogue.pending(), error.message)


def _deliver(doors: Doors, waiting: Sequence[tuple[Passage, bool]]) -> None:
    wanted = [p for p, current in waiting if current]
    dropped: dict[Shelf, list[str]] = {}
    for passage, current in waiting:
        if not current:
            dropped.setdefault(passage.shelf, []).append(passage.id)
    if dropped:
        doors.gateway.delete(dropped)
    if wanted:
        vectors = doors.embedder.embed([p.text for p in wanted])
        doors.gateway.upsert([Record(p.id, p.shelf, v, p.text, p.digest) for p, v in zip(wanted, vectors, strict=True)])
    doors.catalogue.sent([p for p, _ in waiting])


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the gateway is from the vault: ids it lacks or holds in another wording or with an unreadable vector, and
    ids it holds that the vault doesn't know."""

    missing: int
    extra: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra)


def drift(doors: Doors, *, repair: bool) -> Drift:
    """Compare every shelf by id, content digest and readable vector. With `repair`, what differs joins the outbox."""
    missing = extra = 0
    for shelf in sorted({*doors.catalogue.shelves(), *doors.gateway.shelves()}):
        ours, theirs = dict(doors.catalogue.on_shelf(shelf)), dict(doors.gateway.digests(shelf))
        lacking = [i for i, digest in ours.items() if theirs.get(i) != digest]
        surplus = [i for i in theirs if i not in ours]
        missing, extra = missing + len(lacking), extra + len(surplus)
        if repair and (lacking or surplus):
            known = doors.catalogue.passages(lacking)
            doors.catalogue.post(list(known.values()), [Passage(i, shelf, "", "", "") for i in surplus])
    return Drift(missing, extra)
