"""The registries of several vaults in one Postgres, and a server that goes away."""

from __future__ import annotations

import pytest

from agent.adapters.registry import SqlRegistry
from agent.domain.audit import Verdict
from agent.domain.session import Session, SessionKey
from agent.errors import Unavailable
from tests.postgres.server import PostgresServer

pytestmark = pytest.mark.postgres
KEY = SessionKey("cli", "one")


def test_vaults_in_one_database_know_nothing_of_each_other(database: str) -> None:
    mine, theirs = SqlRegistry(database, vault="0123abcd"), SqlRegistry(database, vault="89efcdab")
    mine.put(Session(KEY, status="completed", reason="mine", gateway_pending=True))
    mine.record("written", KEY, {})

    assert theirs.get(KEY) is None
    assert (theirs.pending(), theirs.events()) == ([], [])
    theirs.put(Session(KEY, reason="theirs"))
    assert SqlRegistry(database, vault="0123abcd").get(KEY) == mine.get(KEY)
    assert mine.verify([]) == Verdict(2, (), ())


def test_one_vault_is_one_registry_from_wherever(database: str) -> None:
    here, there = SqlRegistry(database, vault="0123abcd"), SqlRegistry(database, vault="0123abcd")
    here.put(Session(KEY, reason="here"))

    assert there.get(KEY) == here.get(KEY)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_url_needs_to_name_no_driver(database: str, scheme: str) -> None:
    SqlRegistry(database.replace("postgresql+psycopg", scheme, 1)).put(Session(KEY))


def test_a_server_that_was_away_is_told_of_and_then_used_again(own_server: tuple[PostgresServer, str]) -> None:
    server, url = own_server
    registry = SqlRegistry(url)
    registry.put(Session(KEY))
    server.stop()
    for _ in range(2):
        with pytest.raises(Unavailable):
            registry.get(KEY)
    with pytest.raises(Unavailable):
        registry.put(Session(KEY, status="closing"))
    server.start()

    assert registry.get(KEY) == Session(KEY)
    registry.put(Session(KEY, status="closing"))
    assert registry.verify([]).whole
