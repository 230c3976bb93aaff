"""The registry: sessions, their running transcripts and the log of events, in a database SQLAlchemy can reach."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from agent.domain import audit
from agent.domain.audit import Entry, Verdict
from agent.domain.markdown import iso, moment
from agent.domain.resource import Owner, Resource
from agent.domain.session import Scope, Session, SessionKey
from agent.domain.transcript import Action, Turn
from agent.errors import ConfigError

_meta = sa.MetaData()
_schema = sa.Table("closer_schema", _meta, sa.Column("version", sa.Integer, primary_key=True))
_sessions = sa.Table(
    "sessions",
    _meta,
    sa.Column("key", sa.String(512), primary_key=True),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("cwd", sa.Text),
    sa.Column("status", sa.String(20), nullable=False, index=True),
    sa.Column("start_commit", sa.String(64)),
    sa.Column("start_tree", sa.String(64)),
    sa.Column("opened", sa.String(32)),
    sa.Column("seen", sa.String(32), index=True),
    sa.Column("completed", sa.String(32)),
    sa.Column("reason", sa.Text),
    sa.Column("gateway_pending", sa.Boolean, nullable=False),
    sa.Column("receipt", sa.Text),
    sa.Column("extra", sa.Text, nullable=False),
    sa.Column("audited", sa.String(80)),
)
_turns = sa.Table(
    "turns",
    _meta,
    sa.Column("session", sa.String(512), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
_events = sa.Table(
    "events",
    _meta,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("session", sa.String(512), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
)

_held = sa.Table(
    "held",
    _meta,
    sa.Column("session", sa.String(512), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("name", sa.String(1024), primary_key=True),
    sa.Column("pid", sa.Integer),
    sa.Column("boot", sa.String(80)),
    sa.Column("started", sa.String(80)),
    sa.Column("since", sa.String(32)),
)


def _make_auditable(db: sa.Connection) -> None:
    """The log of version 1 had no seals, and a session's row didn't name its entry."""
    _add(db, "sessions", "audited VARCHAR(80)")
    _add(db, "events", "seal VARCHAR(64) NOT NULL DEFAULT ''")
    _held.create(db, checkfirst=True)
    previous = audit.BEGINNING
    for row in db.execute(sa.select(_events).order_by(_events.c.number)).mappings().all():
        previous = audit.seal(previous, row["at"], row["name"], row["session"], row["facts"])
        db.execute(sa.update(_events).where(_events.c.number == row["number"]).values(seal=previous))


def _add(db: sa.Connection, table: str, column: str) -> None:
    """A column more, unless the table was only just made with it."""
    if column.split()[0] not in {known["name"] for known in sa.inspect(db).get_columns(table)}:
        db.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {column}"))


MIGRATIONS = (_meta.create_all, _make_auditable)
"""Step n brings a database from version n to n + 1. Steps are added, never changed."""


class SqlRegistry:
    """The registry in the database at `url`: SQLite in WAL mode with full sync, or whatever else the URL names."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _durable)
        self._migrate()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction that has the right to write from its beginning, so that what it reads first still holds."""
        with self._engine.begin() as db:
            if db.dialect.name == "sqlite":
                db.exec_driver_sql("BEGIN IMMEDIATE")
            yield db

    def _migrate(self) -> None:
        with self._writing() as db:
            _schema.create(db, checkfirst=True)
            version = db.execute(sa.select(sa.func.max(_schema.c.version))).scalar() or 0
            if version > len(MIGRATIONS):
                raise ConfigError(
                    f"the registry is of version {version}, newer than this closer knows ({len(MIGRATIONS)})",
                    hint="upgrade closer, or point it at another home",
                )
            for number, step in enumerate(MIGRATIONS[version:], version + 1):
                step(db)
                db.execute(sa.insert(_schema).values(version=number))

    def close(self) -> None:
        self._engine.dispose()

    def get(self, key: SessionKey) -> Session | None:
        with self._engine.connect() as db:
            row = db.execute(sa.select(_sessions).where(_sessions.c.key == str(key))).mappings().first()
        return _session(row) if row else None

    def put(self, session: Session) -> None:
        with self._writing() as db:
            self._put(db, session)

    @staticmethod
    def _put(db: sa.Connection, session: Session) -> None:
        row = {
            "key": str(session.key),
            "scope": session.scope.name,
            "cwd": session.cwd,
            "status": session.status,
            "start_commit": session.start_commit,
            "start_tree": session.start_tree,
            "opened": iso(session.opened),
            "seen": iso(session.seen),
            "completed": iso(session.completed),
            "reason": session.reason,
            "gateway_pending": session.gateway_pending,
            "receipt": json.dumps(session.receipt) if session.receipt is not None else None,
            "extra": json.dumps(session.extra),
            "audited": session.audited,
        }
        changed = db.execute(sa.update(_sessions).where(_sessions.c.key == row["key"]).values(row))
        if not changed.rowcount:
            db.execute(sa.insert(_sessions).values(row))

    def sessions(self, *, status: Sequence[str] = (), limit: int = 100) -> list[Session]:
        asked = sa.select(_sessions).order_by(_sessions.c.seen.desc(), _sessions.c.key).limit(limit)
        if status:
            asked = asked.where(_sessions.c.status.in_(status))
        with self._engine.connect() as db:
            return [_session(row) for row in db.execute(asked).mappings()]

    def pending(self) -> list[SessionKey]:
        """Sessions that the vault has and the gateway may not."""
        asked = sa.select(_sessions.c.key).where(_sessions.c.gateway_pending)
        with self._engine.connect() as db:
            return [SessionKey.parse(row[0]) for row in db.execute(asked)]

    def append(self, key: SessionKey, turns: Sequence[Turn]) -> int:
        with self._writing() as db:
            have = self._length(db, key)
            rows = [{"session": str(key), "number": have + n, "body": _turn_json(turn)} for n, turn in enumerate(turns)]
            if rows:
                db.execute(sa.insert(_turns), rows)
        return have + len(rows)

    @staticmethod
    def _length(db: sa.Connection, key: SessionKey) -> int:
        asked = sa.select(sa.func.max(_turns.c.number)).where(_turns.c.session == str(key))
        last = db.execute(asked).scalar()
        return 0 if last is None else int(last) + 1

    def length(self, key: SessionKey) -> int:
        with self._engine.connect() as db:
            return self._length(db, key)

    def turns(self, key: SessionKey) -> tuple[Turn, ...]:
        asked = sa.select(_turns.c.number, _turns.c.body).where(_turns.c.session == str(key))
        with self._engine.connect() as db:
            rows = db.execute(asked.order_by(_turns.c.number)).fetchall()
        return tuple(_turn(number, body) for number, body in rows)

    def hold(self, resource: Resource) -> None:
        with self._writing() as db:
            db.execute(sa.delete(_held).where(_is(resource)))
            owner = resource.owner
            row: dict[str, Any] = {"session": str(resource.session), "kind": resource.kind, "name": resource.name}
            row |= {"pid": owner.pid, "boot": owner.boot, "started": owner.started} if owner else {}
            db.execute(sa.insert(_held).values(row | {"since": iso(resource.since)}))

    def held(self, key: SessionKey | None = None) -> list[Resource]:
        asked = sa.select(_held).order_by(_held.c.since, _held.c.session, _held.c.kind, _held.c.name)
        with self._engine.connect() as db:
            rows = db.execute(asked if key is None else asked.where(_held.c.session == str(key))).all()
        return [
            Resource(
                SessionKey.parse(r.session),
                r.kind,
                r.name,
                None if r.pid is None else Owner(r.pid, r.boot, r.started),
                moment(r.since or ""),
            )
            for r in rows
        ]

    def end(self, session: Session, log: Mapping[str, Mapping[str, object]], orphans: Sequence[Resource] = ()) -> None:
        with self._writing() as db:
            self._put(db, session)
            db.execute(sa.delete(_held).where(_held.c.session == str(session.key)))
            for orphan in orphans:
                db.execute(sa.delete(_held).where(_is(orphan)))
            for event, facts in log.items():
                self._recorded(db, event, session.key, facts)

    def record(self, event: str, session: SessionKey | None, facts: Mapping[str, object]) -> Entry:
        with self._writing() as db:
            return self._recorded(db, event, session, facts)

    @staticmethod
    def _recorded(db: sa.Connection, event: str, session: SessionKey | None, facts: Mapping[str, object]) -> Entry:
        """One entry more, sealed with the last: nobody else may add one in between."""
        if db.dialect.name == "postgresql":
            db.execute(sa.text("LOCK TABLE events IN EXCLUSIVE MODE"))
        last = db.execute(sa.select(_events.c.seal).order_by(_events.c.number.desc()).limit(1)).scalar()
        at, key, text = iso(datetime.now(UTC)) or "", str(session or ""), json.dumps(dict(facts), default=str)
        seal = audit.seal(last or audit.BEGINNING, at, event, key, text)
        adding = sa.insert(_events).values(at=at, name=event, session=key, facts=text, seal=seal)
        number = db.execute(adding.returning(_events.c.number)).scalar_one()
        return Entry(number, at, event, key, json.loads(text), seal)

    def newest_event(self) -> int:
        with self._engine.connect() as db:
            return int(db.execute(sa.select(sa.func.max(_events.c.number))).scalar() or 0)

    def events(self, *, after: int = 0, limit: int = 100, event: str | None = None) -> list[Entry]:
        asked = sa.select(_events).where(_events.c.number > after).order_by(_events.c.number).limit(limit)
        if event is not None:
            asked = asked.where(_events.c.name == event)
        with self._engine.connect() as db:
            rows = db.execute(asked).all()
        return [Entry(r.number, r.at, r.name, r.session, json.loads(r.facts), r.seal) for r in rows]

    def verify(self, references: Iterable[str]) -> Verdict:
        with self._engine.connect() as db:
            rows = db.execution_options(yield_per=1_000).execute(sa.select(_events).order_by(_events.c.number))
            return audit.verdict(((r.number, r.at, r.name, r.session, r.facts, r.seal) for r in rows), references)


def _is(held: Resource) -> sa.ColumnElement[bool]:
    return sa.and_(_held.c.session == str(held.session), _held.c.kind == held.kind, _held.c.name == held.name)


def _durable(connection: Any, _: object) -> None:
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _session(row: sa.RowMapping) -> Session:
    return Session(
        key=SessionKey.parse(row["key"]),
        scope=Scope(row["scope"]),
        cwd=row["cwd"],
        status=row["status"],
        start_commit=row["start_commit"],
        start_tree=row["start_tree"],
        opened=moment(row["opened"] or ""),
        seen=moment(row["seen"] or ""),
        completed=moment(row["completed"] or ""),
        reason=row["reason"],
        gateway_pending=bool(row["gateway_pending"]),
        receipt=json.loads(row["receipt"]) if row["receipt"] else None,
        extra=json.loads(row["extra"]),
        audited=row["audited"],
    )


def _turn_json(turn: Turn) -> str:
    body = {
        "role": turn.role,
        "text": turn.text,
        "name": turn.name,
        "when": iso(turn.when),
        "action": asdict(turn.action) if turn.action else None,
    }
    return json.dumps(body)


def _turn(number: int, body: str) -> Turn:
    said = json.loads(body)
    action = Action(**said["action"]) if said["action"] else None
    return Turn(said["role"], said["text"], said["name"], moment(said["when"]), number, action)
