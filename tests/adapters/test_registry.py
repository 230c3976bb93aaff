"""The registry: sessions, their turns and events, kept in the order they came."""

from __future__ import annotations

import subprocess
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.adapters.registry import MIGRATIONS, SqlRegistry
from agent.domain import audit
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
    number {numbered}, at VARCHAR(32) NOT NULL, name VARCHAR(80) NOT NULL,
    session VARCHAR(512) NOT NULL, facts TEXT NOT NULL
);
INSERT INTO closer_schema VALUES (1);
INSERT INTO sessions (key, scope, status, gateway_pending, extra) VALUES ('cli:old', 'global', 'open', FALSE, '{{}}');
INSERT INTO turns VALUES ('cli:old', 0, '{{"role": "user", "text": "hi", "name": null, "when": null, "action": null}}');
INSERT INTO events (at, name, session, facts) VALUES ('2026-01-01T00:00:00Z', 'one', 'cli:old', '{{}}');
INSERT INTO events (at, name, session, facts) VALUES ('2026-01-02T00:00:00Z', 'two', '', '{{"a": 1}}');
"""
SECOND_VERSION = (
    FIRST_VERSION
    + """
ALTER TABLE sessions ADD COLUMN audited VARCHAR(80);
ALTER TABLE events ADD COLUMN seal VARCHAR(64) NOT NULL DEFAULT '';
CREATE TABLE held (
    session VARCHAR(512), kind VARCHAR(20), name VARCHAR(1024), pid INTEGER, boot VARCHAR(80), started VARCHAR(80),
    since VARCHAR(32), PRIMARY KEY (session, kind, name)
);
UPDATE events SET seal = '{one}' WHERE number = 1;
UPDATE events SET seal = '{two}' WHERE number = 2;
INSERT INTO closer_schema VALUES (2);
"""
)
OLDER = [FIRST_VERSION, SECOND_VERSION]


@pytest.fixture
def url(database: str | None, tmp_path: Path) -> str:
    return database or f"sqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture
def registry(url: str) -> SqlRegistry:
    return SqlRegistry(url)


def executed(url: str, statements: str) -> None:
    """Change the database as somebody would who isn't closer."""
    engine = sa.create_engine(url)
    with engine.begin() as db:
        for statement in filter(str.strip, statements.split(";")):
            db.exec_driver_sql(statement)
    engine.dispose()


def older(url: str, version: str) -> None:
    """Make the database as an older closer left it."""
    number = "INTEGER PRIMARY KEY AUTOINCREMENT" if url.startswith("sqlite") else "SERIAL PRIMARY KEY"
    one = audit.seal(audit.BEGINNING, "2026-01-01T00:00:00Z", "one", "cli:old", "{}")
    two = audit.seal(one, "2026-01-02T00:00:00Z", "two", "", '{"a": 1}')
    executed(url, version.format(numbered=number, one=one, two=two))


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
    assert names(status=["open"], oldest=True, limit=2) == ["unseen", "s0"]


def test_sessions_that_left_something_to_check_are_found(registry: SqlRegistry) -> None:
    check = PendingCheck("quarantine", "01M", WHEN)
    registry.put(Session(KEY, status="completed", pending_checks=(check,)))
    registry.put(Session(SessionKey("cli", "done"), status="completed"))

    assert [s.key for s in registry.sessions(status=["completed"], checked=True)] == [KEY]


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
    registry: SqlRegistry, url: str, tampering: str, broken: tuple[int, ...]
) -> None:
    logged(registry)
    executed(url, tampering)

    assert registry.verify([]).broken == broken


def test_a_log_whose_end_was_cut_lacks_what_the_vault_names(registry: SqlRegistry, url: str) -> None:
    references = logged(registry)
    executed(url, "DELETE FROM events WHERE number > 2")

    assert registry.verify(references) == Verdict(2, (), tuple(references[2:]))


@pytest.mark.parametrize("version", OLDER, ids=["first", "second"])
def test_a_registry_of_an_older_version_is_brought_up_with_its_log_sealed(url: str, version: str) -> None:
    older(url, version)

    registry = SqlRegistry(url)
    registry.record("after", None, {})

    old = SessionKey("cli", "old")
    assert registry.get(old) == Session(old, Scope("global"), change_cursor=1)
    assert [turn.text for turn in registry.turns(old)] == ["hi"]
    assert [entry.event for entry in registry.events()] == ["one", "two", "after"]
    assert registry.verify([]) == Verdict(3, (), ())


MIGRATOR = """
    import sys
    from agent.adapters.registry import SqlRegistry

    print("ready", flush=True)
    sys.stdin.readline()
    SqlRegistry(sys.argv[1]).record("after", None, {})
"""


@pytest.mark.parametrize("version", OLDER, ids=["first", "second"])
def test_processes_that_bring_up_one_registry_at_once_do_it_once(url: str, version: str) -> None:
    older(url, version)

    assert together([start(MIGRATOR, url) for _ in range(4)]) == [""] * 4
    registry = SqlRegistry(url)
    assert Counter(entry.event for entry in registry.events()) == {"one": 1, "two": 1, "after": 4}
    assert registry.verify([]) == Verdict(6, (), ())


def test_opening_again_keeps_what_is_there(registry: SqlRegistry, url: str) -> None:
    registry.put(Session(KEY))
    registry.close()
    registry.close()

    assert SqlRegistry(url).get(KEY) == Session(KEY)
    assert registry.get(KEY) == Session(KEY)


def test_a_registry_of_a_newer_closer_is_refused_with_the_way_out(registry: SqlRegistry, url: str) -> None:
    registry.close()
    executed(url, f"INSERT INTO closer_schema VALUES ({len(MIGRATIONS) + 1})")

    with pytest.raises(ConfigError) as refused:
        SqlRegistry(url)
    assert "upgrade" in refused.value.hint


@pytest.mark.sqlite("its pragmas are SQLite's")
def test_what_is_written_is_on_disk(registry: SqlRegistry) -> None:
    with registry._engine.connect() as db:
        settings = [db.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]

    assert settings == ["wal", 2]


def together(children: list[subprocess.Popen[str]]) -> list[str]:
    """Let processes go on at the same moment; what each complained of."""
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return [child.communicate(timeout=120)[1] for child in children]


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
    told = together([start(WRITER, url, name) for name in "abc"])

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


TANGLED = """
    import random, sys
    from dataclasses import replace
    from datetime import UTC, datetime
    from agent.adapters.registry import SqlRegistry
    from agent.domain.resource import Resource
    from agent.domain.session import Session, SessionKey
    from agent.domain.transcript import Turn
    from agent.ports import Revision

    registry, chance = SqlRegistry(sys.argv[1]), random.Random(int(sys.argv[2]))
    keys = [SessionKey("cli", f"s{n}") for n in range(3)]
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(60):
        key = chance.choice(keys)
        status = chance.choice(["open", "closing", "completed", "failed"])
        match chance.randrange(6):
            case 0:
                registry.put(Session(key, status=status))
            case 1:
                registry.append(key, [Turn("user", "hi")])
            case 2:
                registry.record("written", key, {"n": n})
            case 3:
                registry.change(key, lambda row: Revision(replace(row or Session(key), status=status), [("x", {})]))
            case 4:
                registry.hold(Resource(key, "lock", "oven", None, datetime.now(UTC)))
            case 5:
                registry.end(Session(key, status="completed"), [("session_end", {}), ("session.closed", {})])
"""


def test_processes_that_write_the_same_sessions_in_any_order_never_stand_in_each_others_way(url: str) -> None:
    SqlRegistry(url).close()

    assert together([start(TANGLED, url, seed) for seed in range(4)]) == [""] * 4
    assert SqlRegistry(url).verify([]).whole
