"""A server of a test's own, which may be stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres.server import PostgresServer, create_database, running


@pytest.fixture
def own_server() -> Iterator[tuple[PostgresServer, str]]:
    """A server, and the URL of a database in it."""
    with running() as server:
        create_database(server.url(), "closer")
        yield server, server.url("closer")
