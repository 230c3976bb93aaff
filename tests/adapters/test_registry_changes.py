"""The registry's promises about rows that several change, transcripts laid aside, and databases that are held up."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.adapters.registry import MIGRATIONS, SqlRegistry
from agent.domain.session import Session, SessionKey
from agent.domain.transcript import CLOSER, Turn
from agent.errors import Busy, Unavailable
from agent.ports import Revision

KEY = SessionKey("cli", "one")
SAID = [Turn("user", "a\x00b"), Turn("assistant", "c", when=datetime(2026, 1, 1, tzinfo=UTC))]


@pytest.fixture
def url(database: str | None, tmp_path: Path) -> str:
    return database or f"sqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture
def registry(url: str) -> SqlRegistry:
    return SqlRegistry(url)


def statuses(registry: SqlRegistry) -> list[tuple[object, object]]:
    entries = registry.events(event="session.statusChanged")
    return [(entry.facts["from"], entry.facts["to"]) for entry in entries]


def test_every_change_of_status_is_told_once(registry: SqlRegistry) -> None:
    for status in ("open", "open", "closing", "completed", "completed", "open"):
        registry.put(Session(KEY, status=status))  # type: ignore[arg-type]

    assert statuses(registry) == [(None, "open"), ("open", "closing"), ("closing", "completed"), ("completed", "open")]


def test_cursors_move_forward_only(registry: SqlRegistry) -> None:
    stale = Session(KEY)
    registry.put(stale)
    registry.append(KEY, [*SAID, Turn("system", "ours", CLOSER)])
    registry.put(replace(stale, last_ack_cursor=2))
    registry.put(stale)

    row = registry.get(KEY)
    assert row is not None
    assert (row.change_cursor, row.last_ack_cursor) == (2, 2)


def test_turns_of_a_session_nobody_told_of_make_its_row(registry: SqlRegistry) -> None:
    registry.append(KEY, SAID)

    assert registry.get(KEY) == Session(KEY, change_cursor=2)


def test_a_transcript_laid_aside_is_read_and_gone_on_with_as_if_it_were_not(registry: SqlRegistry, url: str) -> None:
    registry.append(KEY, SAID)
    whole = registry.turns(KEY)

    assert registry.shelve(KEY) == 2
    assert registry.shelve(KEY) == 0
    for opened in (registry, SqlRegistry(url)):
        assert opened.turns(KEY) == whole
        assert opened.length(KEY) == 2
    assert registry.append(KEY, [Turn("user", "more")]) == 3
    assert registry.turns(KEY)[:2] == whole
    assert registry.restore(KEY) == 0


def test_ending_lays_the_transcript_aside_with_all_else(registry: SqlRegistry) -> None:
    registry.append(KEY, SAID)

    registry.end(Session(KEY, status="completed"), [("one", {"n": 1}), ("one", {"n": 2})])

    assert registry.restore(KEY) == 2
    assert [entry.facts["n"] for entry in registry.events(event="one")] == [1, 2]


def test_contexts_are_found_by_age_and_dropped(registry: SqlRegistry) -> None:
    other, later = SessionKey("cli", "other"), datetime.now(UTC) + timedelta(hours=1)
    for key, extra in ((KEY, {"transcript": "/a"}), (other, {"of": {"transcript": "/b"}})):
        registry.put(Session(key, extra=extra))
        registry.append(key, SAID)
        registry.shelve(key)

    assert registry.shelved(datetime.now(UTC) - timedelta(hours=1), "transcript") == []
    assert registry.shelved(later, "transcript") == [KEY]
    registry.drop_contexts([])
    assert registry.length(KEY) == 2
    registry.drop_contexts([KEY])
    assert (registry.turns(KEY), registry.length(other)) == ((), 2)
    row = registry.get(KEY)
    assert row is not None
    assert row.change_cursor == 0


def test_a_change_sees_the_row_as_it_is(registry: SqlRegistry) -> None:
    made = registry.change(KEY, lambda known: Revision(known or Session(KEY), [("asked", {})], SAID))

    assert made == registry.get(KEY)
    assert made.change_cursor == 2
    assert made.audited == registry.events(event="asked")[0].reference
    assert registry.change(KEY, lambda known: Revision(known or Session(KEY))) == made


def test_changes_by_many_at_once_are_made_one_after_the_other(url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def counted(_: int) -> None:
        def more(known: Session | None) -> Revision:
            row = known or Session(KEY)
            return Revision(replace(row, extra={"n": row.extra.get("n", 0) + 1}))

        registry = SqlRegistry(url)
        registry.change(KEY, more)
        registry.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(counted, range(40)))

    row = SqlRegistry(url).get(KEY)
    assert row is not None
    assert row.extra == {"n": 40}


def test_a_writer_that_holds_the_database_makes_others_busy_and_readers_read_on(url: str) -> None:
    registry, holder = SqlRegistry(url, wait=0.1), SqlRegistry(url)
    registry.put(Session(KEY))

    def meanwhile(known: Session | None) -> Revision:
        assert registry.get(KEY) == known == Session(KEY)
        with pytest.raises(Busy, match=r"waited 0\.1 s"):
            registry.put(Session(KEY, status="closing"))
        return Revision(Session(KEY))

    holder.change(KEY, meanwhile)
    registry.put(Session(KEY, status="closing"))
    assert statuses(registry) == [(None, "open"), ("open", "closing")]


@pytest.mark.sqlite("it is about a file")
def test_a_database_that_is_none_is_explained(url: str, tmp_path: Path) -> None:
    (tmp_path / "registry.db").write_bytes(b"not a database" * 100)

    with pytest.raises(Unavailable, match="not a database"):
        SqlRegistry(url)


@pytest.mark.sqlite("it undoes what SQLite can; the others are in test_registry")
def test_the_second_version_is_brought_up_to_date(url: str, tmp_path: Path) -> None:
    registry = SqlRegistry(url)
    registry.append(KEY, SAID)
    registry.close()
    with sqlite3.connect(tmp_path / "registry.db") as db:
        db.execute("DROP TABLE contexts")
        db.execute("DELETE FROM closer_schema WHERE version > 2")
        for column in ("closed", "closed_by", "closure_reason", "change_cursor", "last_ack_cursor", "pending_checks"):
            db.execute(f"ALTER TABLE sessions DROP COLUMN {column}")
    db.close()

    assert SqlRegistry(url).get(KEY) == Session(KEY, change_cursor=2)
    assert len(MIGRATIONS) == 3
