"""The registry in SQLite: sessions, their turns and events, kept in the order they came."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.adapters.registry import MIGRATIONS, SqlRegistry
from agent.domain.audit import Verdict
from agent.domain.session import PendingCheck, Scope, Session, SessionKey
from agent.domain.transcript import Action, Turn
from agent.errors import ConfigError
from tests.adapters.child import start

WHEN = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
KEY = SessionKey("claude-code", "a:b c")


FIRST_VERSION = """
CREATE TABLE closer_schema (version INTEGER PRIMARY KEY);
CREATE TABLE sessions (
    key VARCHAR(512) PRIMARY KEY, scope VARCHAR(200) NOT NULL, cwd TEXT, status VARCHAR(20) NOT NULL,
    start_commit VARCHAR(64), start_tree VARCHAR(64), opened VARCHAR(32), seen VARCHAR(32), completed VARCHAR(32),
    reason TEXT, gateway_pending BOOLEAN NOT NULL, receipt TEXT, extra TEXT NOT NULL
);
CREATE TABLE turns (session VARCHAR(512), number INTEGER, body TEXT NOT NULL, PRIMARY KEY (session, number));
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at VARCHAR(32) NOT NULL, name VARCHAR(80) NOT NULL,
    session VARCHAR(512) NOT NULL, facts TEXT NOT NULL
);
INSERT INTO closer_schema VALUES (1);
INSERT INTO sessions VALUES ('cli:old', 'global', NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, '{}');
INSERT INTO events (at, name, session, facts) VALUES ('2026-01-01T00:00:00Z', 'one', 'cli:old', '{}');
INSERT INTO events (at, name, session, facts) VALUES ('2026-01-02T00:00:00Z', 'two', '', '{"a": 1}');
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture
def registry(url: str) -> SqlRegistry:
    return SqlRegistry(url)


def test_a_session_comes_back_as_it_was(registry: SqlRegistry, url: str) -> None:
    whole = Session(
        KEY,
        Scope("shop-1"),
        "/home/ann/ünï",
        "completed",
        "c" * 40,
        "t" * 40,
        opened=WHEN,
        seen=WHEN,
        closed=WHEN,
        completed=WHEN,
        closed_by="Ann",
        closure_reason="logout",
        reason="gateway offline — vault only",
        gateway_pending=True,
        receipt={"schema": "x", "files": ["a"], "when": None},
        extra={"marker": [1, 2.5, True]},
        audited="1:ab",
        change_cursor=7,
        last_ack_cursor=5,
        pending_checks=(PendingCheck("quarantine", "f1", WHEN), PendingCheck("doubt", "f2", WHEN)),
    )
    bare = Session(SessionKey("cli", "bare"))
    registry.put(whole)
    registry.put(bare)

    for opened in (registry, SqlRegistry(url)):
        assert opened.get(KEY) == whole
        assert opened.get(bare.key) == bare
    assert registry.get(SessionKey("cli", "unknown")) is None


def test_putting_again_replaces(registry: SqlRegistry) -> None:
    registry.put(Session(KEY, reason="first", receipt={"a": 1}))
    registry.put(Session(KEY, status="completed"))

    assert registry.get(KEY) == Session(KEY, status="completed")
    assert len(registry.sessions()) == 1


def test_sessions_come_most_recently_seen_first(registry: SqlRegistry) -> None:
    for n, status in enumerate(["open", "completed", "open"]):
        registry.put(Session(SessionKey("cli", f"s{n}"), status=status, seen=WHEN + timedelta(days=n)))  # type: ignore[arg-type]
    registry.put(Session(SessionKey("cli", "unseen")))

    def names(**asked: object) -> list[str]:
        return [s.key.id for s in registry.sessions(**asked)]  # type: ignore[arg-type]

    assert names() == ["s2", "s1", "s0", "unseen"]
    assert names(limit=2) == ["s2", "s1"]
    assert names(status=["completed"]) == ["s1"]
    assert names(status=["completed", "open"], limit=2) == ["s2", "s1"]
    assert names(status=["failed"]) == []


def test_pending_sessions_are_those_the_gateway_may_lack(registry: SqlRegistry) -> None:
    registry.put(Session(KEY, gateway_pending=True))
    registry.put(Session(SessionKey("cli", "done")))
    assert registry.pending() == [KEY]

    registry.put(Session(KEY, gateway_pending=False))
    assert registry.pending() == []


def test_turns_are_numbered_through_all_appends(registry: SqlRegistry) -> None:
    said = [
        Turn("user", "hi", "Ann", WHEN),
        Turn("tool", "out", "Bash", None, action=Action("run", "ls", False)),
        Turn("assistant", "bell \x00 🦊 \ud800", when=WHEN),
    ]

    assert registry.append(KEY, said[:2]) == 2
    assert registry.append(KEY, []) == 2
    assert registry.append(KEY, said[2:]) == 3
    assert registry.turns(KEY) == tuple(replace(turn, index=n) for n, turn in enumerate(said))
    assert registry.turns(SessionKey("cli", "other")) == ()


def test_sessions_dont_share_turns(registry: SqlRegistry) -> None:
    other = SessionKey("claude-code", "a:b")
    registry.append(KEY, [Turn("user", "one")])
    registry.append(other, [Turn("user", "two")])

    assert [t.text for t in registry.turns(KEY)] == ["one"]
    assert [t.text for t in registry.turns(other)] == ["two"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(), max_size=20), max_size=5))
def test_any_words_come_back(registry: SqlRegistry, texts: list[str]) -> None:
    key = SessionKey("cli", str(registry.append(KEY, [Turn("user", "count")])))

    registry.append(key, [Turn("user", text) for text in texts])

    assert [t.text for t in registry.turns(key)] == texts


def test_events_are_numbered_and_read_on_from_any(registry: SqlRegistry) -> None:
    registry.record("session.opened", KEY, {"n": 1, "when": WHEN})
    registry.record("home.swept", None, {})
    registry.record("session.closed", KEY, {"commit": None})

    everything = registry.events()
    assert [(entry.event, entry.session) for entry in everything] == [
        ("session.opened", str(KEY)),
        ("home.swept", ""),
        ("session.closed", str(KEY)),
    ]
    assert everything[0].facts == {"n": 1, "when": str(WHEN)}
    assert registry.events(after=everything[1].number) == everything[2:]
    assert registry.events(limit=1) == everything[:1]
    assert registry.events(after=everything[2].number) == []


def logged(registry: SqlRegistry) -> list[str]:
    return [registry.record("written", KEY, {"n": n}).reference for n in range(4)]


def test_a_log_nobody_touched_is_whole(registry: SqlRegistry) -> None:
    references = logged(registry)

    assert registry.verify(references) == Verdict(4, (), ())
    assert registry.verify([]).whole


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE events SET facts = '{\"n\": 9}' WHERE number = 2", (2,)),
        ("UPDATE events SET at = '2001-01-01T00:00:00Z' WHERE number = 4", (4,)),
        ("DELETE FROM events WHERE number = 2", (3,)),
        ("DELETE FROM events WHERE number = 1", (2,)),
        ("UPDATE events SET number = number + 10 WHERE number = 4; UPDATE events SET number = 4 WHERE number = 3;"
         "UPDATE events SET number = 3 WHERE number = 14", (3, 4)),
    ],
)  # fmt: skip
def test_an_entry_changed_moved_or_taken_out_shows(
    registry: SqlRegistry, tmp_path: Path, tampering: str, broken: tuple[int, ...]
) -> None:
    logged(registry)
    with sqlite3.connect(tmp_path / "registry.db") as db:
        db.executescript(tampering)

    assert registry.verify([]).broken == broken


def test_a_log_whose_end_was_cut_lacks_what_the_vault_names(registry: SqlRegistry, tmp_path: Path) -> None:
    references = logged(registry)
    with sqlite3.connect(tmp_path / "registry.db") as db:
        db.execute("DELETE FROM events WHERE number > 2")

    assert registry.verify(references) == Verdict(2, (), tuple(references[2:]))


def test_a_registry_of_the_first_version_is_brought_up_with_its_log_sealed(url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "registry.db") as db:
        db.executescript(FIRST_VERSION)
    db.close()

    registry = SqlRegistry(url)
    registry.record("after", None, {})

    assert registry.get(SessionKey("cli", "old")) == Session(SessionKey("cli", "old"), Scope("global"))
    assert [entry.event for entry in registry.events()] == ["one", "two", "after"]
    assert registry.verify([]) == Verdict(3, (), ())


def test_opening_again_keeps_what_is_there(registry: SqlRegistry, url: str) -> None:
    registry.put(Session(KEY))
    registry.close()
    registry.close()

    assert SqlRegistry(url).get(KEY) == Session(KEY)
    assert registry.get(KEY) == Session(KEY)


def test_a_registry_of_a_newer_closer_is_refused_with_the_way_out(
    registry: SqlRegistry, url: str, tmp_path: Path
) -> None:
    registry.close()
    with sqlite3.connect(tmp_path / "registry.db") as db:
        db.execute("INSERT INTO closer_schema VALUES (?)", (len(MIGRATIONS) + 1,))
    db.close()

    with pytest.raises(ConfigError) as refused:
        SqlRegistry(url)
    assert "upgrade" in refused.value.hint


def test_what_is_written_is_on_disk(registry: SqlRegistry) -> None:
    with registry._engine.connect() as db:
        settings = [db.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]

    assert settings == ["wal", 2]


WRITER = """
    import sys
    from agent.adapters.registry import SqlRegistry
    from agent.domain.session import Session, SessionKey
    from agent.domain.transcript import Turn

    print("ready", flush=True)
    sys.stdin.readline()
    registry = SqlRegistry(sys.argv[1])
    shared, name = SessionKey("cli", "shared"), sys.argv[2]
    for n in range(25):
        registry.append(shared, [Turn("user", f"{name}{n}.0"), Turn("assistant", f"{name}{n}.1")])
        registry.put(Session(shared, reason=name))
        registry.put(Session(SessionKey("cli", f"{name}{n}")))
        registry.record("written", shared, {"n": n})
"""


def test_processes_that_open_and_write_at_once_lose_nothing(url: str) -> None:
    writers = [start(WRITER, url, name) for name in "abc"]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    told = [writer.communicate(timeout=120)[1] for writer in writers]

    registry = SqlRegistry(url)
    texts = [t.text for t in registry.turns(SessionKey("cli", "shared"))]
    assert told == ["", "", ""]
    assert sorted(texts) == sorted(f"{name}{n}.{part}" for name in "abc" for n in range(25) for part in (0, 1))
    assert all(first[:-1] == second[:-1] for first, second in zip(texts[::2], texts[1::2], strict=True))
    assert len(registry.sessions(limit=1_000)) == 76
    told = Counter(entry.event for entry in registry.events(limit=1_000))
    assert told.pop("session.statusChanged") == 76
    assert sum(told.values()) == 75
    assert registry.verify([]) == Verdict(151, (), ())
