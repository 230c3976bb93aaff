"""Who works: a name held in Postgres for as long as its worker is connected.

The lock is the server's and ends with the connection, so death is recognised by what the kernel does for a process that
dies, and by keepalives for a machine that vanished. No clock is compared, and a worker that is merely stopped keeps its
name. It takes a connection of its own: a pool that shares connections between transactions would lose it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from agent.adapters import postgres
from agent.errors import Busy

GRACE = 10.0
"""Seconds a name must have been free before its work is taken: its worker may be about to connect again."""
STEP = 0.1
TURN = ""
"""The name that is nobody's: whoever holds it has the turn."""


class Presence:
    """One worker's name, among those of the same vault."""

    def __init__(self, url: str, schema: str, name: str, grace: float = GRACE) -> None:
        self.name, self.grace = name, grace
        self._schema = schema
        self._engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        self._connection: sa.Connection | None = None
        self._free_since: dict[str, float] = {}

    def take(self, wait: float) -> None:
        """Hold the name. Raises Busy when another process still does after `wait` seconds."""
        deadline = time.monotonic() + wait
        while not self._taken():
            if time.monotonic() >= deadline:
                raise Busy(f"another worker is called {self.name}", hint="stop it, or let it do the work")
            time.sleep(STEP)

    def keep(self) -> None:
        """Hold the name still, or again where the connection was lost."""
        if self._connection is not None:
            try:
                self._connection.exec_driver_sql("SELECT 1")
            except sa.exc.DBAPIError:
                self._let_go()
        if self._connection is None:
            self._taken()

    @contextmanager
    def gone(self, name: str) -> Iterator[bool]:
        """Whether nobody has held another's name for the grace. If so it is held while the block runs, so that its
        worker doesn't begin again in the middle of it."""
        with self._engine.connect() as db:
            if not self._lock(db, name):
                self._free_since.pop(name, None)
                yield False
                return
            since = self._free_since.setdefault(name, time.monotonic())
            yield time.monotonic() - since >= self.grace

    def look_only_at(self, names: Collection[str]) -> None:
        """Forget how long the others were free: they have left nothing, or it was taken."""
        self._free_since = {name: since for name, since in self._free_since.items() if name in names}

    @contextmanager
    def turn(self, stopping: Callable[[], bool]) -> Iterator[None]:
        """Be the only one of the vault's workers who does a request. Raises Busy when told to stop before that."""
        with self._engine.connect() as db:
            while not self._lock(db, TURN):
                if stopping():
                    raise Busy("another worker has its turn", hint="the next worker does it")
                time.sleep(STEP)
            yield

    def close(self) -> None:
        self._let_go()
        self._engine.dispose()

    def _taken(self) -> bool:
        connection = self._engine.connect()
        if self._lock(connection, self.name):
            self._connection = connection
            return True
        connection.close()
        return False

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lock(self, db: sa.Connection, name: str) -> bool:
        """Let go of by the end of the connection alone."""
        number = postgres.number(f"worker {self._schema} {name}")
        return bool(db.execute(sa.select(sa.func.pg_try_advisory_lock(number))).scalar())
