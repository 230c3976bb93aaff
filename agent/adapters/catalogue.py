"""The catalogue: a SQLite full-text projection of the vault, made anew from it at any time.

Standard library only: a keyword recall in a cold process must not pay for anything else. One process writes at a
time (it owns the home); any number read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.domain import layout
from agent.domain.identity import statement_digest
from agent.domain.passage import Neighbour, Passage, Shelf
from agent.domain.query import telling
from agent.domain.session import KnownSession, SessionKey
from agent.errors import ConfigError

if TYPE_CHECKING:
    from agent.domain.fragment import Fragment
    from agent.domain.note import Note
    from agent.ports import Change

SCHEMA = 2
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE notes (
  path TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, scope TEXT NOT NULL, session TEXT NOT NULL,
  subject TEXT NOT NULL, slot TEXT NOT NULL, status TEXT NOT NULL, statement TEXT NOT NULL, created TEXT NOT NULL,
  meta TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX notes_id ON notes (id) WHERE type = 'fragment';
CREATE INDEX notes_slot ON notes (slot, scope) WHERE slot != '';
CREATE INDEX notes_statement ON notes (statement) WHERE statement != '';
CREATE INDEX notes_newest ON notes (type, created);
CREATE INDEX notes_subject ON notes (subject, type, created) WHERE subject != '';
CREATE INDEX notes_session ON notes (session, type) WHERE session != '';
CREATE TABLE sessions (
  key TEXT NOT NULL, digest TEXT NOT NULL, turns INTEGER NOT NULL, head TEXT NOT NULL, episode TEXT PRIMARY KEY)
  WITHOUT ROWID;
CREATE INDEX sessions_key ON sessions (key);
CREATE TABLE passages (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL, shelf TEXT NOT NULL, scope TEXT NOT NULL, text TEXT NOT NULL,
  digest TEXT NOT NULL, note TEXT NOT NULL, session TEXT NOT NULL, turns TEXT NOT NULL, moment TEXT NOT NULL,
  kind TEXT NOT NULL, trust TEXT NOT NULL, status TEXT NOT NULL, slot TEXT NOT NULL, subject TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1);
CREATE INDEX passages_id ON passages (id);
CREATE INDEX passages_note ON passages (note);
CREATE VIRTUAL TABLE words USING fts5 (
  text, content='passages', content_rowid='row', tokenize='porter unicode61 remove_diacritics 2');
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, shelf TEXT NOT NULL, scope TEXT NOT NULL,
  digest TEXT NOT NULL, UNIQUE (id, shelf, scope));
CREATE TABLE unreadable (path TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
"""
_FIRST = "length({0}), {0}"
"""Which of several notes that claim one id has it: the shortest path. A copy's name is the longer one."""
_DROP = "meta notes sessions passages words outbox unreadable".split()
_COLUMNS = "id, shelf, scope, text, digest, note, session, turns, moment, kind, trust, status, slot, subject"


class SqliteCatalogue:
    """The catalogue in one file. `read_only` opens what is there and creates nothing."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._connection: sqlite3.Connection | None = None

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        if self._read_only:
            return self._open_to_read()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._open_to_write()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._discard()
            return self._open_to_write()

    def _open_to_read(self) -> sqlite3.Connection:
        """What is there; a catalogue that is missing or of another schema is an empty one."""
        if self._path.exists():
            db = sqlite3.connect(
                f"{self._path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            if _version(db) == SCHEMA:
                return db
            db.close()
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        db.executescript(_TABLES)
        return db

    def _open_to_write(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=10, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            if _version(db) != SCHEMA:
                self._create(db)
        except BaseException:
            db.close()
            raise
        return db

    def _discard(self) -> None:
        """Remove a damaged database: all it knew is in the vault."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    @staticmethod
    def _create(db: sqlite3.Connection) -> None:
        drops = "".join(f"DROP TABLE IF EXISTS {table};" for table in _DROP)
        db.executescript(f"BEGIN IMMEDIATE;{drops}{_TABLES}PRAGMA user_version = {SCHEMA};COMMIT;")

    def snapshot(self) -> SqliteCatalogue:
        """A copy in memory, for a plan that must not write."""
        copy = SqliteCatalogue(self._path, read_only=True)
        copy._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.backup(copy._connection)
        return copy

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def clear(self) -> None:
        try:
            self._create(self._db)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._discard()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise ConfigError(
                f"the catalogue can't be written: {error}", hint="nothing is lost; `closer reconcile` catches up"
            ) from error
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")

    def head(self) -> str | None:
        return self._meta("head")

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    # ---------------------------------------------------------------- taking in

    def apply(self, changes: Iterable[Change], head: str) -> None:
        with self._transaction() as db:
            kept = []
            for change in changes:
                name = change.path.encode("utf-8", "backslashreplace").decode()
                if layout.OURS.match(change.path):
                    if name != change.path:
                        self._list_unreadable(db, name, change.content, "its name is not UTF-8")
                    elif change.content is None:
                        self._remove(db, change.path)
                    else:
                        kept.append(change)
                if len(kept) >= 200:
                    self._take_in(db, kept, head)
                    kept = []
            self._take_in(db, kept, head)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('head', ?)", (head,))

    def _take_in(self, db: sqlite3.Connection, changes: Sequence[Change], head: str) -> None:
        from agent.domain.note import UnreadableNote, parse

        for change in changes:
            try:
                note = parse(change.path, change.content or b"")
            except UnreadableNote as error:
                self._remove(db, change.path)
                db.execute("INSERT OR REPLACE INTO unreadable VALUES (?, ?)", (change.path, str(error)))
            else:
                self._put(db, note, head)

    @staticmethod
    def _list_unreadable(db: sqlite3.Connection, name: str, content: bytes | None, reason: str) -> None:
        db.execute("DELETE FROM unreadable WHERE path = ?", (name,))
        if content is not None:
            db.execute("INSERT INTO unreadable VALUES (?, ?)", (name, f"{name}: {reason}"))

    def _remove(self, db: sqlite3.Connection, path: str) -> None:
        db.execute("DELETE FROM notes WHERE path = ?", (path,))
        db.execute("DELETE FROM sessions WHERE episode = ?", (path,))
        db.execute("DELETE FROM unreadable WHERE path = ?", (path,))
        self._shelve(db, path, [])

    def _put(self, db: sqlite3.Connection, note: Note, head: str) -> None:
        from agent.domain.passages import of_note

        kind = note.text("type")
        item = _fragment(note)
        subject = note.text("slug") or (note.path.rsplit("/", 1)[-1][:-3] if kind == "subject" else "")
        if kind == "fragment":
            subject = next(iter(note.texts("tags")), "")
        row = (
            note.path,
            item.id if item else note.text("id"),
            kind,
            note.text("scope") or "global",
            note.text("session"),
            subject,
            item.slot if item else "",
            item.status if item else note.text("status"),
            statement_digest(item.statement) if item else note.text("digest") if kind == "tombstone" else "",
            note.text("updated") or note.text("created") or note.text("started"),
            json.dumps(note.meta, ensure_ascii=False, default=str),
            "" if kind == "episode" else note.body,
        )
        db.execute("DELETE FROM unreadable WHERE path = ?", (note.path,))
        db.execute("INSERT OR REPLACE INTO notes VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
        db.execute("DELETE FROM sessions WHERE episode = ?", (note.path,))
        if kind == "episode" and note.text("session"):
            known = (
                str(SessionKey.parse(note.text("session"))),
                note.text("digest"),
                int(note.number("turns")),
                head,
                note.path,
            )
            db.execute("INSERT INTO sessions VALUES (?,?,?,?,?)", known)
        self._shelve(db, note.path, of_note(note))

    def _shelve(self, db: sqlite3.Connection, path: str, passages: Sequence[Passage]) -> None:
        """Make these the passages of a note. What changed for the gateway joins its outbox, the rest doesn't."""
        rows = db.execute(f"SELECT row, {_COLUMNS} FROM passages WHERE note = ?", (path,)).fetchall()
        standing = {row[1]: (row[0], _passage(row[1:])) for row in rows}
        wanted = {p.id: p for p in passages}
        changed = [i for i in {**standing, **wanted} if i not in standing or standing[i][1] != wanted.get(i)]
        before = self.passages(changed)
        for ident in changed:
            if ident in standing:
                row, old = standing[ident]
                db.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (row, old.text))
                db.execute("DELETE FROM passages WHERE row = ?", (row,))
            if ident in wanted:
                new = wanted[ident]
                cursor = db.execute(f"INSERT INTO passages ({_COLUMNS}) VALUES ({','.join('?' * 14)})", _row(new))
                db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (cursor.lastrowid, new.text))
        self._show_first(db, changed)
        after = self.passages(changed)
        for ident in changed:
            old_one, new_one = before.get(ident), after.get(ident)
            if old_one and (new_one is None or new_one.shelf != old_one.shelf):
                self._post(db, old_one, "")
            if new_one and (old_one is None or (new_one.shelf, new_one.digest) != (old_one.shelf, old_one.digest)):
                self._post(db, new_one, new_one.digest)

    @staticmethod
    def _show_first(db: sqlite3.Connection, ids: Sequence[str]) -> None:
        """Of the passages that claim one id, one is shown: several notes do after a person copied one."""
        for ident in ids:
            rows = db.execute(
                f"SELECT row, shown FROM passages WHERE id = ? ORDER BY {_FIRST.format('note')}", (ident,)
            ).fetchall()
            for place, (row, shown) in enumerate(rows):
                if shown != (place == 0):
                    db.execute("UPDATE passages SET shown = ? WHERE row = ?", (place == 0, row))

    @staticmethod
    def _post(db: sqlite3.Connection, passage: Passage, wanted: str) -> None:
        key = (passage.id, passage.shelf.kind, passage.shelf.scope)
        db.execute("DELETE FROM outbox WHERE id = ? AND shelf = ? AND scope = ?", key)
        db.execute("INSERT INTO outbox (id, shelf, scope, digest) VALUES (?,?,?,?)", (*key, wanted))

    # ---------------------------------------------------------------- the gateway's outbox

    def outbox(self, limit: int) -> list[tuple[Passage, bool]]:
        rows = self._db.execute(
            "SELECT id, shelf, scope, digest FROM outbox ORDER BY number LIMIT ?", (limit,)
        ).fetchall()
        known = self.passages([row[0] for row in rows])
        found = []
        for ident, kind, scope, digest in rows:
            passage = known.get(ident)
            current = passage is not None and digest != "" and passage.shelf == Shelf(kind, scope)
            if passage is None or not current:
                passage = Passage(ident, Shelf(kind, scope), "", digest, "")
            found.append((passage, current))
        return found

    def sent(self, passages: Sequence[Passage]) -> None:
        with self._transaction() as db:
            db.executemany(
                "DELETE FROM outbox WHERE id = ? AND shelf = ? AND scope = ? AND digest = ?",
                [(p.id, p.shelf.kind, p.shelf.scope, p.digest) for p in passages],
            )

    def pending(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def post(self, wanted: Sequence[Passage], unwanted: Sequence[Passage]) -> None:
        """Put passages into the outbox: to be sent again, or to be dropped from the gateway."""
        with self._transaction() as db:
            for passage in wanted:
                self._post(db, passage, passage.digest)
            for passage in unwanted:
                self._post(db, passage, "")

    def shelves(self) -> list[Shelf]:
        rows = self._db.execute("SELECT DISTINCT shelf, scope FROM passages WHERE shown").fetchall()
        return [Shelf(kind, scope) for kind, scope in rows]

    def on_shelf(self, shelf: Shelf) -> dict[str, str]:
        """Id to digest of the passages of a shelf."""
        rows = self._db.execute(
            "SELECT id, digest FROM passages WHERE shelf = ? AND scope = ? AND shown", (shelf.kind, shelf.scope)
        )
        return dict(rows.fetchall())

    # ---------------------------------------------------------------- asking

    def session(self, key: SessionKey) -> KnownSession | None:
        row = self._db.execute(
            f"SELECT * FROM sessions WHERE key = ? ORDER BY {_FIRST.format('episode')}", (str(key),)
        ).fetchone()
        return KnownSession(row[0], row[1], row[2], row[3], row[4]) if row else None

    def fragments(self, ids: Sequence[str]) -> dict[str, tuple[str, Note]]:
        rows = self._in("SELECT id, path, meta, body FROM notes WHERE type = 'fragment' AND id IN", ids)
        rows.sort(key=lambda row: (len(row[1]), row[1]), reverse=True)
        return {row[0]: (row[1], _note(row[1:])) for row in rows}

    def in_slot(self, scope: str, slot: str) -> list[str]:
        rows = self._db.execute(
            "SELECT DISTINCT id FROM notes WHERE slot = ? AND slot != '' AND scope = ? AND type = 'fragment'"
            " AND status = 'active' LIMIT 50",
            (slot, scope),
        )
        return [row[0] for row in rows]

    def same_statement(self, statement_digest: str) -> list[str]:
        rows = self._db.execute(
            "SELECT DISTINCT id FROM notes WHERE statement = ? AND statement != '' AND type = 'fragment' LIMIT 50",
            (statement_digest,),
        )
        return [row[0] for row in rows]

    def tombstones(self, statement_digests: Sequence[str]) -> set[str]:
        rows = self._in("SELECT statement FROM notes WHERE type = 'tombstone' AND statement IN", statement_digests)
        return {row[0] for row in rows}

    def any_tombstone(self) -> bool:
        return self._db.execute("SELECT 1 FROM notes WHERE type = 'tombstone' LIMIT 1").fetchone() is not None

    def notes(
        self,
        kind: str,
        *,
        scope: str | None = None,
        subject: str | None = None,
        session: str | None = None,
        limit: int = 100,
    ) -> list[Note]:
        asked = {"type": kind, "scope": scope, "subject": subject, "session": session}
        given = {k: v for k, v in asked.items() if v is not None}
        where = " AND ".join(f"{column} = ?" for column in given)
        if "subject" in given:
            where += " AND subject != ''"
        if "session" in given:
            where += " AND session != ''"
        rows = self._db.execute(
            f"SELECT path, meta, body FROM notes WHERE {where} ORDER BY created DESC, path LIMIT ?",
            (*given.values(), limit),
        )
        return [_note(row) for row in rows]

    def counts(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT type, count(*) FROM notes GROUP BY type").fetchall())

    def unreadable(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT path, reason FROM unreadable").fetchall())

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        rows = self._in(f"SELECT {_COLUMNS} FROM passages WHERE shown AND id IN", ids)
        return {row[0]: _passage(row) for row in rows}

    def search(self, query: str, k: int, *, kinds: Sequence[str] = (), scopes: Sequence[str] = ()) -> list[Neighbour]:
        asked = match_expression(query)
        if not asked:
            return []
        for reach in (k * 4, k * 64):
            rows = self._db.execute(
                "SELECT p.id, p.shelf, p.scope, p.shown, w.score FROM (SELECT rowid, -bm25(words) AS score FROM words"
                " WHERE words MATCH ? ORDER BY rank LIMIT ?) w JOIN passages p ON p.row = w.rowid"
                " ORDER BY w.score DESC",
                (asked, reach),
            ).fetchall()
            found = [
                Neighbour(ident, score)
                for ident, kind, scope, shown, score in rows
                if shown and (not kinds or kind in kinds) and (not scopes or scope in scopes)
            ]
            if len(found) >= k or len(rows) < reach:
                break
        return found[:k]

    def _in(self, select: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(values), 500):
            part = list(values[start : start + 500])
            found += self._db.execute(f"{select} ({','.join('?' * len(part))})", part).fetchall()
        return found


def match_expression(query: str) -> str:
    """An FTS5 expression that finds any of the query's telling words."""
    return " OR ".join(f'"{w}"' for w in telling(query)[:48])


def _fragment(note: Note) -> Fragment | None:
    if note.text("type") != "fragment":
        return None
    from agent.domain.fragment_note import from_note

    return from_note(note)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _note(row: Sequence[Any]) -> Note:
    from agent.domain.note import Note

    return Note(row[0], json.loads(row[1]), row[2])


def _row(p: Passage) -> tuple[Any, ...]:
    turns = ",".join(map(str, p.turns))
    return (
        p.id,
        p.shelf.kind,
        p.shelf.scope,
        p.text,
        p.digest,
        p.note,
        p.session,
        turns,
        p.when,
        p.kind,
        p.trust,
        p.status,
        p.slot,
        p.subject,
    )


def _passage(row: Sequence[Any]) -> Passage:
    turns = tuple(int(t) for t in row[7].split(",") if t)
    return Passage(row[0], Shelf(row[1], row[2]), row[3], row[4], row[5], row[6], turns, *row[8:14])
