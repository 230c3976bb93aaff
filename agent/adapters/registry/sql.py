"""The registry in SQLite, or in whatever else SQLAlchemy's URL names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from agent.adapters import postgres
from agent.adapters.registry import schema
from agent.adapters.registry.rows import body_of, packed, resource_of, row_of, session_of, turn_of, unpacked
from agent.adapters.registry.schema import contexts as _contexts
from agent.adapters.registry.schema import events as _events
from agent.adapters.registry.schema import held as _held
from agent.adapters.registry.schema import sessions as _sessions
from agent.adapters.registry.schema import turns as _turns
from agent.domain import audit
from agent.domain.audit import Entry, Verdict
from agent.domain.markdown import iso
from agent.domain.resource import Resource
from agent.domain.session import Session, SessionKey
from agent.domain.transcript import Turn
from agent.errors import Busy, Unavailable
from agent.ports import Log, Revision

STATUS_CHANGED = "session.statusChanged"
_WAITED = ("database is locked", "lock timeout", "database table is locked")


class SqlRegistry:
    """Satisfies `ports.Registry`. On SQLite: WAL and full sync. On Postgres: a schema of the vault's own."""

    def __init__(self, url: str, *, wait: float = 10.0, vault: str = "") -> None:
        """`wait`: seconds for which another process may hold up a write before it raises Busy. `vault`: keeps the
        vaults of one Postgres apart; without it, the schema is what the URL makes it."""
        self._wait, self._vault = wait, vault
        address = postgres.address(url, wait)
        # A server that was started again leaves dead connections in the pool.
        self._engine = sa.create_engine(address, pool_pre_ping=postgres.is_postgres(address))
        sa.event.listen(self._engine, "connect", self._set_up)
        with self._writing() as db:
            if db.dialect.name == "postgresql" and vault and not sa.inspect(db).has_schema(postgres.schema(vault)):
                db.execute(sa.schema.CreateSchema(postgres.schema(vault)))
            schema.migrate(db)

    def _set_up(self, connection: Any, _: object) -> None:
        milliseconds = max(1, round(self._wait * 1000))
        cursor = connection.cursor()
        if self._engine.dialect.name == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
        elif self._engine.dialect.name == "postgresql":
            cursor.execute(f"SET lock_timeout = {milliseconds}")
            if self._vault:
                cursor.execute(f'SET search_path = "{postgres.schema(self._vault)}"')
            connection.commit()
        cursor.close()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._explained(), self._engine.connect() as db:
            yield db

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction that has the right to write from its beginning, so that what it reads first still holds."""
        with self._explained(), self._engine.begin() as db:
            if db.dialect.name == "sqlite":
                db.exec_driver_sql("BEGIN IMMEDIATE")
            elif db.dialect.name == "postgresql":
                one = postgres.number(f"registry {self._vault}")
                db.execute(sa.select(sa.func.pg_advisory_xact_lock(one)))
            yield db

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError):
            raise
        except sa.exc.DatabaseError as error:
            told = str(error.orig).strip()
            if any(words in told for words in _WAITED):
                raise Busy(
                    f"another process is writing to the registry; waited {self._wait:g} s", hint="try again in a moment"
                ) from error
            raise Unavailable(f"the registry can't be used: {told}", hint="see `closer doctor`") from error

    def close(self) -> None:
        self._engine.dispose()

    def get(self, key: SessionKey) -> Session | None:
        with self._reading() as db:
            return self._get(db, key)

    @staticmethod
    def _get(db: sa.Connection, key: SessionKey) -> Session | None:
        row = db.execute(sa.select(_sessions).where(_sessions.c.key == str(key))).mappings().first()
        return session_of(row) if row else None

    def put(self, session: Session) -> None:
        with self._writing() as db:
            self._put(db, session)

    def change(self, key: SessionKey, decide: Callable[[Session | None], Revision]) -> Session:
        with self._writing() as db:
            change = decide(self._get(db, key))
            entries = [self._recorded(db, event, key, facts) for event, facts in change.log]
            session = replace(change.session, audited=entries[0].reference) if entries else change.session
            self._put(db, session)
            self._append(db, key, change.turns)
            return replace(session, change_cursor=session.change_cursor + _said(change.turns))

    def _put(self, db: sa.Connection, session: Session) -> None:
        row, key = row_of(session), str(session.key)
        is_it = _sessions.c.key == key
        was = db.execute(sa.select(_sessions.c.status).where(is_it)).scalar()
        cursors = {"change_cursor": session.change_cursor, "last_ack_cursor": session.last_ack_cursor}
        if was is None:
            db.execute(sa.insert(_sessions).values(row | cursors))
        else:
            further = {name: _furthest(_sessions.c[name], number) for name, number in cursors.items()}
            db.execute(sa.update(_sessions).where(is_it).values(row | further))
        if was != session.status:
            self._recorded(db, STATUS_CHANGED, session.key, {"from": was, "to": session.status})

    def sessions(
        self, *, status: Sequence[str] = (), checked: bool = False, oldest: bool = False, limit: int = 100
    ) -> list[Session]:
        seen = _sessions.c.seen if oldest else _sessions.c.seen.desc()
        asked = sa.select(_sessions).order_by(seen, _sessions.c.key).limit(limit)
        if status:
            asked = asked.where(_sessions.c.status.in_(status))
        if checked:
            asked = asked.where(_sessions.c.pending_checks != "[]")
        with self._reading() as db:
            return [session_of(row) for row in db.execute(asked).mappings()]

    def pending(self) -> list[SessionKey]:
        asked = sa.select(_sessions.c.key).where(_sessions.c.gateway_pending)
        with self._reading() as db:
            return [SessionKey.parse(row[0]) for row in db.execute(asked)]

    def append(self, key: SessionKey, turns: Sequence[Turn]) -> int:
        with self._writing() as db:
            return self._append(db, key, turns)

    def _append(self, db: sa.Connection, key: SessionKey, turns: Sequence[Turn]) -> int:
        if not turns:
            return self._length(db, key)
        self._unshelve(db, key)
        have = self._length(db, key)
        rows = [{"session": str(key), "number": have + n, "body": body_of(turn)} for n, turn in enumerate(turns)]
        db.execute(sa.insert(_turns), rows)
        said = _said(turns)
        moved = sa.update(_sessions).where(_sessions.c.key == str(key))
        if not db.execute(moved.values(change_cursor=_sessions.c.change_cursor + said)).rowcount:
            self._put(db, Session(key, change_cursor=said))
        return have + len(rows)

    @staticmethod
    def _length(db: sa.Connection, key: SessionKey) -> int:
        asked = sa.select(sa.func.max(_turns.c.number)).where(_turns.c.session == str(key))
        last = db.execute(asked).scalar()
        return len(_shelved(db, key)) if last is None else int(last) + 1

    def length(self, key: SessionKey) -> int:
        with self._reading() as db:
            return self._length(db, key)

    def turns(self, key: SessionKey) -> tuple[Turn, ...]:
        with self._reading() as db:
            return self._said(db, key) or _shelved(db, key)

    @staticmethod
    def _said(db: sa.Connection, key: SessionKey) -> tuple[Turn, ...]:
        asked = sa.select(_turns.c.number, _turns.c.body).where(_turns.c.session == str(key))
        rows = db.execute(asked.order_by(_turns.c.number)).all()
        return tuple(turn_of(number, body) for number, body in rows)

    def shelve(self, key: SessionKey) -> int:
        with self._writing() as db:
            return self._shelve(db, key)

    def _shelve(self, db: sa.Connection, key: SessionKey) -> int:
        said = self._said(db, key)
        if said:
            db.execute(sa.delete(_contexts).where(_contexts.c.session == str(key)))
            row = {"session": str(key), "at": iso(datetime.now(UTC)), "body": packed(said)}
            db.execute(sa.insert(_contexts).values(row))
            db.execute(sa.delete(_turns).where(_turns.c.session == str(key)))
        return len(said)

    def restore(self, key: SessionKey) -> int:
        with self._writing() as db:
            return self._unshelve(db, key)

    @staticmethod
    def _unshelve(db: sa.Connection, key: SessionKey) -> int:
        turns = _shelved(db, key)
        if turns:
            rows = [{"session": str(key), "number": turn.index, "body": body_of(turn)} for turn in turns]
            db.execute(sa.insert(_turns), rows)
            db.execute(sa.delete(_contexts).where(_contexts.c.session == str(key)))
        return len(turns)

    def shelved(self, before: datetime, having: str) -> list[SessionKey]:
        asked = sa.select(_sessions.c.key, _sessions.c.extra).join(_contexts, _contexts.c.session == _sessions.c.key)
        asked = asked.where(_contexts.c.at < iso(before), _sessions.c.extra.contains(json.dumps(having)))
        with self._reading() as db:
            return [SessionKey.parse(key) for key, extra in db.execute(asked) if having in json.loads(extra)]

    def drop_contexts(self, keys: Sequence[SessionKey]) -> None:
        if not keys:
            return
        old = [str(key) for key in keys]
        with self._writing() as db:
            db.execute(sa.update(_sessions).where(_sessions.c.key.in_(old)).values(change_cursor=0, last_ack_cursor=0))
            db.execute(sa.delete(_contexts).where(_contexts.c.session.in_(old)))

    def hold(self, resource: Resource) -> None:
        with self._writing() as db:
            db.execute(sa.delete(_held).where(_is(resource)))
            owner = resource.owner
            row: dict[str, Any] = {"session": str(resource.session), "kind": resource.kind, "name": resource.name}
            row |= {"pid": owner.pid, "boot": owner.boot, "started": owner.started} if owner else {}
            db.execute(sa.insert(_held).values(row | {"since": iso(resource.since)}))

    def held(self, key: SessionKey | None = None) -> list[Resource]:
        asked = sa.select(_held).order_by(_held.c.since, _held.c.session, _held.c.kind, _held.c.name)
        with self._reading() as db:
            rows = db.execute(asked if key is None else asked.where(_held.c.session == str(key))).all()
        return [resource_of(row) for row in rows]

    def release(self, resources: Sequence[Resource]) -> None:
        with self._writing() as db:
            for resource in resources:
                db.execute(sa.delete(_held).where(_is(resource)))

    def end(self, session: Session, log: Log, orphans: Sequence[Resource] = ()) -> None:
        with self._writing() as db:
            self._put(db, session)
            self._shelve(db, session.key)
            db.execute(sa.delete(_held).where(_held.c.session == str(session.key)))
            for orphan in orphans:
                db.execute(sa.delete(_held).where(_is(orphan)))
            for event, facts in log:
                self._recorded(db, event, session.key, facts)

    def record(self, event: str, session: SessionKey | None, facts: Mapping[str, object]) -> Entry:
        with self._writing() as db:
            return self._recorded(db, event, session, facts)

    @staticmethod
    def _recorded(db: sa.Connection, event: str, session: SessionKey | None, facts: Mapping[str, object]) -> Entry:
        """One entry more, sealed with the last: nobody else may add one in between."""
        last = db.execute(sa.select(_events.c.seal).order_by(_events.c.number.desc()).limit(1)).scalar()
        at, key, text = iso(datetime.now(UTC)), str(session or ""), json.dumps(dict(facts), default=str)
        seal = audit.seal(last or audit.BEGINNING, at, event, key, text)
        adding = sa.insert(_events).values(at=at, name=event, session=key, facts=text, seal=seal)
        number = db.execute(adding.returning(_events.c.number)).scalar_one()
        return Entry(number, at, event, key, json.loads(text), seal)

    def newest_event(self) -> int:
        with self._reading() as db:
            return int(db.execute(sa.select(sa.func.max(_events.c.number))).scalar() or 0)

    def events(self, *, after: int = 0, limit: int = 100, event: str | None = None) -> list[Entry]:
        asked = sa.select(_events).where(_events.c.number > after).order_by(_events.c.number).limit(limit)
        if event is not None:
            asked = asked.where(_events.c.name == event)
        with self._reading() as db:
            rows = db.execute(asked).all()
        return [Entry(r.number, r.at, r.name, r.session, json.loads(r.facts), r.seal) for r in rows]

    def verify(self, references: Iterable[str]) -> Verdict:
        with self._reading() as db:
            rows = db.execution_options(yield_per=1_000).execute(sa.select(_events).order_by(_events.c.number))
            return audit.verdict(((r.number, r.at, r.name, r.session, r.facts, r.seal) for r in rows), references)


def _said(turns: Sequence[Turn]) -> int:
    """How many turns are the session's, and not ours."""
    return sum(not turn.ours for turn in turns)


def _furthest(column: sa.Column[int], number: int) -> sa.Case[int]:
    return sa.case((column < number, number), else_=column)


def _shelved(db: sa.Connection, key: SessionKey) -> tuple[Turn, ...]:
    body = db.execute(sa.select(_contexts.c.body).where(_contexts.c.session == str(key))).scalar()
    return unpacked(body) if body is not None else ()


def _is(held: Resource) -> sa.ColumnElement[bool]:
    return sa.and_(_held.c.session == str(held.session), _held.c.kind == held.kind, _held.c.name == held.name)
