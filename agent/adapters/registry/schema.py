"""The registry's tables, and the numbered steps that bring an older database to them."""

from __future__ import annotations

import sqlalchemy as sa

from agent.domain import audit
from agent.errors import ConfigError

_meta = sa.MetaData()
version = sa.Table("closer_schema", _meta, sa.Column("version", sa.Integer, primary_key=True))
sessions = sa.Table(
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
    sa.Column("closed", sa.String(32)),
    sa.Column("completed", sa.String(32)),
    sa.Column("closed_by", sa.Text),
    sa.Column("closure_reason", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("gateway_pending", sa.Boolean, nullable=False),
    sa.Column("receipt", sa.Text),
    sa.Column("extra", sa.Text, nullable=False),
    sa.Column("audited", sa.String(80)),
    sa.Column("change_cursor", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_ack_cursor", sa.Integer, nullable=False, server_default="0"),
    sa.Column("pending_checks", sa.Text, nullable=False, server_default="[]"),
)
turns = sa.Table(
    "turns",
    _meta,
    sa.Column("session", sa.String(512), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
events = sa.Table(
    "events",
    _meta,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("session", sa.String(512), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
)
held = sa.Table(
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
contexts = sa.Table(
    "contexts",
    _meta,
    sa.Column("session", sa.String(512), primary_key=True),
    sa.Column("at", sa.String(32), nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)


def _make_auditable(db: sa.Connection) -> None:
    """The log of version 1 had no seals, and a session's row didn't name its entry."""
    _add(db, "sessions", "audited VARCHAR(80)")
    _add(db, "events", "seal VARCHAR(64) NOT NULL DEFAULT ''")
    held.create(db, checkfirst=True)
    previous = audit.BEGINNING
    for row in db.execute(sa.select(events).order_by(events.c.number)).mappings().all():
        previous = audit.seal(previous, row["at"], row["name"], row["session"], row["facts"])
        db.execute(sa.update(events).where(events.c.number == row["number"]).values(seal=previous))


def _tell_of_closures(db: sa.Connection) -> None:
    """Version 2 didn't say who closed a session and why, how far it was taken in, and kept no context of it."""
    for column in (
        "closed VARCHAR(32)",
        "closed_by TEXT",
        "closure_reason TEXT",
        "change_cursor INTEGER NOT NULL DEFAULT 0",
        "last_ack_cursor INTEGER NOT NULL DEFAULT 0",
        "pending_checks TEXT NOT NULL DEFAULT '[]'",
    ):
        _add(db, "sessions", column)
    contexts.create(db, checkfirst=True)
    said = sa.select(sa.func.count()).where(turns.c.session == sessions.c.key).scalar_subquery()
    db.execute(sa.update(sessions).values(change_cursor=said))


def _add(db: sa.Connection, table: str, column: str) -> None:
    """A column more, unless the table was only just made with it."""
    if column.split()[0] not in {known["name"] for known in sa.inspect(db).get_columns(table)}:
        db.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {column}"))


MIGRATIONS = (_meta.create_all, _make_auditable, _tell_of_closures)
"""Step n brings a database from version n to n + 1. Steps are added, never changed."""


def migrate(db: sa.Connection) -> None:
    """Bring a database up to date, within a transaction that nobody else writes in. Raises ConfigError for one that a
    newer closer made."""
    version.create(db, checkfirst=True)
    known = db.execute(sa.select(sa.func.max(version.c.version))).scalar() or 0
    if known > len(MIGRATIONS):
        raise ConfigError(
            f"the registry is of version {known}, newer than this closer knows ({len(MIGRATIONS)})",
            hint="upgrade closer, or point it at another home",
        )
    for number, step in enumerate(MIGRATIONS[known:], known + 1):
        step(db)
        db.execute(sa.insert(version).values(version=number))
