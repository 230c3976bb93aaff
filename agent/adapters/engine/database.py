"""Where the engine keeps requests: a SQLite file of the home, or a schema of the vault's own in a Postgres.

dbos waits for its database for ever. Whoever only adds or looks must not be made to: both have a way in of their own.
"""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer

from agent.adapters import postgres
from agent.errors import Unavailable

APPLICATION = "closer"
NAME = "request"
PATIENCE = 5
"""Seconds for which a database may be locked, or silent, before it counts as out of reach."""


class Database:
    """The place of one vault's requests, seen from one home. Opens nothing by itself."""

    def __init__(self, url: str, vault: str, home: str) -> None:
        """`vault` keeps the vaults of one Postgres apart: their requests must never be done for each other."""
        known = postgres.address(url, PATIENCE)
        self.shared = postgres.is_postgres(known)
        """Whether several workers may use it."""
        self.file = None if self.shared else Path(known.database or "")
        self.url = known.render_as_string(hide_password=False)
        self.schema = postgres.schema(vault, "engine") if self.shared else "dbos"
        self.worker = f"{socket.gethostname()}:{home}" if self.shared else "worker"
        """The name of the home's worker, the same after each start."""
        self.queue = queue_of(self.worker) if self.shared else "requests"
        """What the home's worker does. A request is done where it was made, as long as somebody is there."""

    def begun(self) -> bool:
        """Whether an engine ever ran here: one that didn't has no tables to ask."""
        if self.file is not None and not (self.file.exists() and self.file.stat().st_size > 0):
            return False
        with translated(), self._short.connect() as db:
            return sa.inspect(db).has_table("workflow_status", schema=self.schema if self.shared else None)

    def client(self) -> DBOSClient:
        """A way to look and to add that gives up when the database can't be reached."""
        return DBOSClient(
            system_database_url=self.url,
            dbos_system_schema=self.schema,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,
        )

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction. Raises Unavailable when the database can't be written to within PATIENCE; then nothing was."""
        with translated(), self._short.begin() as db:
            yield db

    def write_ahead(self) -> None:
        """dbos leaves SQLite's journal as it finds it, and is seven times quicker with this one."""
        if self.file is not None:
            with closing(sqlite3.connect(self.file)) as database:
                database.execute("PRAGMA journal_mode = WAL")

    @cached_property
    def _short(self) -> sa.Engine:
        waits = {"timeout": PATIENCE} if self.file is not None else {}
        return sa.create_engine(self.url, poolclass=sa.NullPool, connect_args=waits)


def queue_of(worker: str) -> str:
    return f"requests of {worker}"


@contextmanager
def translated() -> Iterator[None]:
    """What a database says in its own words, as Unavailable."""
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError, sqlite3.Error) as error:
        told = str(getattr(error, "orig", error)).strip().split("\n")[0]
        hint = "see `worker.url` in the settings; what was asked for is kept"
        raise Unavailable(f"the engine's database can't be used: {told}", hint=hint) from error
