"""The doors to the outside world, each small enough to fake, each with a contract its adapters must keep.

Every method says what may repeat and what it raises. Adapters translate their library's errors into those of
`agent.errors`; nothing else crosses a door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.domain.audit import Entry, Verdict
from agent.domain.note import Note
from agent.domain.passage import Digests, Neighbour, Passage, Shelf
from agent.domain.request import Job, Request
from agent.domain.resource import Owner, Resource
from agent.domain.scan import ScanReport
from agent.domain.session import KnownSession, Session, SessionKey
from agent.domain.transcript import Transcript, Turn

Vectors = NDArray[np.float32]
"""Shape (n, dimension), rows of unit length."""


class TranscriptReader(Protocol):
    """Reads one native format. Knows nothing of closer beyond turns."""

    format: str

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the content looks like this format; `head` holds the file's first 64 kB (empty for a folder)."""

    def read(self, path: Path) -> Iterator[Transcript]:
        """Every conversation in `path`, in order, one at a time in bounded memory.

        A torn line, as a crash leaves one, is passed over and counted; unknown records are counted by type in
        `skipped`. Raises TranscriptError, with the line, for anything else that can't be read.
        """


@dataclass(frozen=True, slots=True)
class Redacted:
    """Text without its secrets, and how many of each kind were taken out. Values are never kept."""

    text: str
    counts: Mapping[str, int]


class Redactor(Protocol):
    def redact(self, text: str) -> Redacted:
        """Replace each secret by `[redacted:<kind>]`. Repeating it changes nothing. Never raises on any string."""


@dataclass(frozen=True, slots=True)
class EmbedderStamp:
    """Which model made a vector. Vectors of different stamps can't be compared."""

    name: str
    version: str
    dimension: int


class Embedder(Protocol):
    @property
    def stamp(self) -> EmbedderStamp: ...

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know about how vectors are made; empty when all is as it should be."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One unit vector per text, in order; the same text always gives the same vector, whatever its batch.

        Raises EmbedderUnavailable when the model can't be loaded.
        """

    def flush(self) -> None:
        """Keep the vectors made since the last flush, where the embedder has a cache. Until then nothing is written."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the gateway stores for one passage."""

    id: str
    shelf: Shelf
    vector: NDArray[np.float32]
    text: str
    digest: str


class Gateway(Protocol):
    """The vector index. A projection of the vault: may be deleted and made anew.

    Every question, and every batch of a write, returns within one total deadline; a backend that hangs fails the first.
    All raise GatewayOffline when the backend is refused, hung,
    dripping, broken or full (the outcome of a write is then unknown; every write may be repeated), and
    EmbedderMismatch when the stored vectors were made by another model.
    """

    def commit(self) -> str | None:
        """The vault commit this gateway last mirrored; None for an empty or new one."""

    def mark(self, commit: str) -> None:
        """Record that every passage of `commit` is here."""

    def upsert(self, records: Sequence[Record]) -> None:
        """Store records, then read their vectors back by id. May repeat. Raises GatewayOffline if one can't be read."""

    def delete(self, ids: Mapping[Shelf, Sequence[str]]) -> None:
        """Remove passages; unknown ids are no error."""

    def nearest(self, shelves: Sequence[Shelf], vector: NDArray[np.float32], k: int) -> list[Neighbour]:
        """The k nearest over the given shelves, best first; shelves that don't exist are empty."""

    def nearest_each(self, shelves: Sequence[Shelf], vectors: Vectors, k: int) -> list[list[Neighbour]]:
        """`nearest` for every row, with the shelves looked up once."""

    def shelves(self) -> list[Shelf]:
        """Every shelf that holds, or held, a passage."""

    def digests(self, shelf: Shelf) -> Digests:
        """Id to digest of all that is stored on a shelf *with a readable vector*; unreadable ones are left out."""

    def wipe(self) -> None:
        """Remove everything closer put here for this vault, and nothing else."""

    def close(self) -> None:
        """Let go of files, sockets and threads. May repeat; the gateway opens again at its next use."""


class ChangeScanner(Protocol):
    def scan(self, repository: Path, start_commit: str | None, start_tree: str | None) -> ScanReport:
        """Scan what changed between the session's start and the work tree, untracked files included. Never raises
        for anything in the repository: what can't be looked at is in the report."""


@dataclass(frozen=True, slots=True)
class CodeState:
    """A code repository at one moment."""

    root: str
    common_dir: str
    remote: str | None
    """URL of `origin` without credentials; None without one."""
    commit: str | None
    branch: str | None
    tree: str | None
    """Tree of the work tree as it is, untracked files included; only where it was asked for."""


class CodeRepository(Protocol):
    def state(self, cwd: Path, *, with_tree: bool = False) -> CodeState | None:
        """The repository around `cwd`; None when there is none. Writes no ref and no index."""


@dataclass(frozen=True, slots=True)
class Change:
    """One path between two commits; content None when the path is gone."""

    path: str
    content: bytes | None


class Vault(Protocol):
    """The git repository of markdown. The commit is the moment of success."""

    root: Path

    def head(self) -> str | None:
        """The branch's commit; None before the first."""

    def read(self, paths: Sequence[str], at: str | None = None) -> dict[str, bytes]:
        """Contents of paths at a commit (HEAD by default); paths that don't exist are left out."""

    def edited(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Those of the paths whose file in the work tree differs from HEAD, with the file's content."""

    def commit(self, files: Mapping[str, bytes | None], message: str, parent: str | None) -> str:
        """Commit exactly these files (None deletes) on top of `parent` and move the branch to it.

        Raises VaultMoved when the branch is not at `parent`, with nothing done. When the outcome was unclear the
        branch is read back, so that success is never reported as failure. Cost doesn't grow with the vault.
        """

    def checkout(self, files: Mapping[str, bytes | None], previous: Mapping[str, bytes]) -> list[str]:
        """Bring the work tree's files to these contents, each written beside and moved into place.

        A file whose content is neither its `previous` content nor the new one is a person's: it is left alone, and
        its path is in the answer.
        """

    def changes(self, old: str | None, new: str) -> Iterator[Change]:
        """What differs from `old` (None: from nothing) to `new`, contents included, in bounded memory."""

    def contains(self, commit: str) -> bool:
        """Whether `commit` is HEAD or an ancestor of it."""

    def parent(self, commit: str) -> str | None:
        """The first parent of a commit; None for the first of all."""

    def trailers(self, commit: str) -> dict[str, str]:
        """The `Closer-…` trailers of a commit."""

    def named(self, trailer: str) -> list[str]:
        """What the commits of the branch name in one trailer, newest first."""

    def commits_of(self, session: SessionKey) -> list[str]:
        """Commits carrying this session's trailer, newest first. Walks history: never on the hot path."""


class Catalogue(Protocol):
    """The SQLite full-text projection of the vault: what is known at HEAD, by slot, by text, by session."""

    def head(self) -> str | None:
        """The vault commit this catalogue mirrors."""

    def apply(self, changes: Iterable[Change], head: str) -> None:
        """Take in changed notes and move to `head`, in one transaction; their passages join the gateway's outbox."""

    def clear(self) -> None:
        """Forget everything, to be made anew."""

    def session(self, key: SessionKey) -> KnownSession | None: ...

    def fragments(self, ids: Sequence[str]) -> dict[str, tuple[str, Note]]:
        """Fragment id to its path and note; unknown ids are left out."""

    def in_slot(self, scope: str, slot: str) -> list[str]:
        """Ids of active fragments that fill this slot in this scope."""

    def same_statement(self, statement_digest: str) -> list[str]:
        """Ids of fragments, of any status, whose normalised statement has this digest."""

    def tombstones(self, statement_digests: Sequence[str]) -> set[str]:
        """Those of the digests that were forgotten or rejected."""

    def any_tombstone(self) -> bool: ...

    def notes(
        self,
        kind: str,
        *,
        scope: str | None = None,
        subject: str | None = None,
        session: str | None = None,
        limit: int = 100,
    ) -> list[Note]:
        """Notes of a type, newest first. Episodes come without their body: it is in the vault."""

    def counts(self) -> dict[str, int]:
        """How many notes of each type there are."""

    def unreadable(self) -> dict[str, str]:
        """Path to reason of notes that couldn't be parsed and are therefore not known."""

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]: ...

    def search(self, query: str, k: int, *, kinds: Sequence[str] = (), scopes: Sequence[str] = ()) -> list[Neighbour]:
        """Full-text candidates, best first; `cosine` holds the negated bm25, comparable within one answer only."""

    def outbox(self, limit: int) -> list[tuple[Passage, bool]]:
        """Passages the gateway has yet to learn (True) or to drop (False), oldest first."""

    def sent(self, passages: Sequence[Passage]) -> None:
        """Take passages out of the outbox, provided they haven't changed again."""

    def pending(self) -> int:
        """How many passages wait in the outbox."""

    def post(self, wanted: Sequence[Passage], unwanted: Sequence[Passage]) -> None:
        """Put passages into the outbox: to be sent again, or to be dropped from the gateway."""

    def shelves(self) -> list[Shelf]: ...

    def on_shelf(self, shelf: Shelf) -> Digests:
        """Id to digest of the passages of a shelf."""

    def snapshot(self) -> Catalogue:
        """A copy in memory, for a plan that must not write."""


Log = Sequence[tuple[str, Mapping[str, object]]]
"""Entries for the log of what happened: the name of each event, and its facts."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What is to become of a session's row, and what goes with it."""

    session: Session
    log: Log = ()
    turns: Sequence[Turn] = ()
    """Turns more of its running transcript, redacted."""


class Registry(Protocol):
    """Sessions, their running transcripts, and the record of what happened.

    What changes a session's status is in the log as `session.statusChanged`. All raise Busy when another process holds
    up a write for too long, and Unavailable when the database can't be used; then nothing was done.
    """

    def get(self, key: SessionKey) -> Session | None: ...

    def put(self, session: Session) -> None:
        """Insert or replace a session's row. Its cursors move forward only."""

    def pending(self) -> list[SessionKey]:
        """Sessions that the vault has and the gateway may not."""

    def sessions(
        self, *, status: Sequence[str] = (), checked: bool = False, oldest: bool = False, limit: int = 100
    ) -> list[Session]:
        """Most recently seen first, or last if `oldest`. `checked`: only those that left something to be checked."""

    def append(self, key: SessionKey, turns: Sequence[Turn]) -> int:
        """Add redacted turns to a running session's transcript, after those there are, and move its change cursor.
        Returns the new length."""

    def turns(self, key: SessionKey) -> tuple[Turn, ...]:
        """A session's running transcript, serialised or not."""

    def length(self, key: SessionKey) -> int:
        """How many turns a running session's transcript has."""

    def shelve(self, key: SessionKey) -> int:
        """Serialise a running transcript as one value. Returns how many turns it has."""

    def restore(self, key: SessionKey) -> int:
        """Bring a serialised transcript back. Returns how many turns it has; 0 when there was none."""

    def shelved(self, before: datetime, having: str) -> list[SessionKey]:
        """Sessions whose transcript was serialised before a time, and whose `extra` has something under a name."""

    def drop_contexts(self, keys: Sequence[SessionKey]) -> None:
        """Forget the serialised transcripts of sessions, and with them their cursors."""

    def hold(self, resource: Resource) -> None:
        """Note that a session holds something. May repeat."""

    def held(self, key: SessionKey | None = None) -> list[Resource]:
        """What a session holds, or what all do, the oldest first."""

    def change(self, key: SessionKey, decide: Callable[[Session | None], Revision]) -> Session:
        """Read a session's row and write what `decide` makes of it, in one transaction: nobody else comes between.
        `decide` must do nothing else. When there are entries for the log, the row names the first of them. Returns the
        row as it is then."""

    def release(self, resources: Sequence[Resource]) -> None:
        """Take resources off the record. Unknown ones are no error."""

    def end(self, session: Session, log: Log, orphans: Sequence[Resource] = ()) -> None:
        """End a session in one transaction: its row, its running transcript serialised, the release of all it held
        and of `orphans`, and entries of the log."""

    def record(self, event: str, session: SessionKey | None, facts: Mapping[str, object]) -> Entry:
        """Append to the log of what happened, which is also the audit log. Nothing in it is ever changed."""

    def events(self, *, after: int = 0, limit: int = 100, event: str | None = None) -> list[Entry]:
        """Oldest first."""

    def newest_event(self) -> int:
        """The number of the last entry; 0 when there is none."""

    def verify(self, references: Iterable[str]) -> Verdict:
        """Whether the whole log is as it was written. `references`: the entries that the vault's commits name."""


class Processes(Protocol):
    def owner(self, pid: int) -> Owner | None:
        """The process of that number; None when there is none."""

    def alive(self, owner: Owner) -> bool:
        """Whether that very process still runs."""

    def stop(self, owner: Owner, grace: float) -> str:
        """Ask it to end, then make it: `stopped`, `killed`, `gone`, or `left: …` with the reason."""


class Engine(Protocol):
    def submit(self, request: Request) -> None:
        """Keep a request until it is done. May repeat: one id is done once."""

    def busy(self) -> bool:
        """Whether anything is waiting or running."""

    def close(self) -> None:
        """Stop. What runs is done again by the next engine, from its own traces."""


class Jobs(Protocol):
    def listed(self, limit: int = 100) -> list[Job]:
        """What the engine has and had, newest first."""

    def get(self, ident: str) -> Job | None: ...

    def revive(self, ident: str) -> None:
        """Let a worker try a failed request again. Raises UsageError when there is none of that name."""

    def close(self) -> None: ...


class Lock(Protocol):
    def hold(self, wait: float) -> AbstractContextManager[None]:
        """Own the home for a while; re-entrant in one process. Raises Busy when `wait` seconds were not enough."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, and for how much room."""

    lock_wait: float = 30.0
    """Seconds to wait for another process that owns the home."""
    gateway_budget: float = 10.0
    """Seconds a close spends on the gateway in all before it leaves the rest to reconcile."""
    brief_characters: int = 8_000
    digest_at: time = time(9)
    """When reviewers get their daily digest, UTC."""
    review_window: timedelta = timedelta(hours=72)
    """How long a quarantined statement waits for a person."""


class Doors(Protocol):
    """Everything the flow needs of the outside world, put together in `bootstrap`, each door opened at first use."""

    @property
    def home(self) -> Path: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def gateway(self) -> Gateway: ...
    @property
    def embedder(self) -> Embedder: ...
    @property
    def redactor(self) -> Redactor: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def scanner(self) -> ChangeScanner: ...
    @property
    def code(self) -> CodeRepository: ...
    @property
    def processes(self) -> Processes: ...
    @property
    def lock(self) -> Lock: ...
    @property
    def limits(self) -> Limits: ...
