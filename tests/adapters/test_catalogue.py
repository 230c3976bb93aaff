"""The catalogue in SQLite: always what a fresh build would be, readable while it is written, and never the truth."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.adapters.catalogue import SCHEMA, SqliteCatalogue, match_expression
from agent.domain.fragment import FragmentStatus
from agent.domain.session import Scope, SessionKey
from agent.errors import ConfigError
from agent.ports import Change
from tests.adapters.child import output, start
from tests.contracts.catalogue_contract import (
    HEAD,
    PATH,
    CatalogueContract,
    episode,
    fragment,
    ids,
    stored,
    waiting,
    written,
)

STATEMENTS = ["We deploy on Fridays", "We deploy on Mondays", "The shop is closed"]
NAMES = ["a", "b", "a 1", "longer name"]


class TestFile(CatalogueContract):
    @pytest.fixture
    def catalogue(self, tmp_path: Path) -> SqliteCatalogue:
        return SqliteCatalogue(tmp_path / "catalogue.db")


class TestMemory(CatalogueContract):
    @pytest.fixture
    def catalogue(self, tmp_path: Path) -> SqliteCatalogue:
        return SqliteCatalogue(tmp_path / "none.db", read_only=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.db"


@pytest.fixture
def catalogue(path: Path) -> SqliteCatalogue:
    return SqliteCatalogue(path)


# ---------------------------------------------------------------- the same as made anew


def fragments_at(path: str) -> st.SearchStrategy[Change]:
    statuses: list[FragmentStatus] = ["active", "superseded"]
    return st.builds(
        lambda statement, ident, scope, status: stored(
            fragment(statement, ident * 16, scope=Scope(scope), status=status, entity="shop", attribute="day"), path
        ),
        st.sampled_from(STATEMENTS),
        st.sampled_from("01"),
        st.sampled_from(["global", "shop-1"]),
        st.sampled_from(statuses),
    )


def episodes_at(path: str) -> st.SearchStrategy[Change]:
    return st.builds(
        lambda texts, key, scope: episode(*texts, path=path, key=SessionKey("cli", key), scope=Scope(scope)),
        st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=3),
        st.sampled_from("xy"),
        st.sampled_from(["global", "shop-1"]),
    )


def odd_at(path: str) -> st.SearchStrategy[Change]:
    return st.sampled_from(
        [
            Change(path, None),
            Change(path, None),
            Change(path, b"---\na: [\n---\n"),
            Change(path, b"plain"),
            written(path, type="tombstone", digest="abcd"),
            written(path, "# Deploy", type="subject", title="Deploy", slug="deploy"),
        ]
    )


CHANGES = st.sampled_from(
    [f"fragments/{name}.md" for name in NAMES] + [f"episodes/{name}.md" for name in NAMES]
).flatmap(lambda path: odd_at(path) | fragments_at(path) | episodes_at(path))
COMMITS = st.lists(st.lists(CHANGES, min_size=1, max_size=4, unique_by=lambda c: c.path), min_size=1, max_size=8)


def known(catalogue: SqliteCatalogue) -> dict[str, Any]:
    """All a catalogue holds, but for the order it learned it in."""
    db = catalogue._db
    columns = "id, shelf, scope, text, digest, note, session, turns, moment, kind, trust, status, slot, subject, shown"
    found = {
        "notes": set(db.execute("SELECT * FROM notes").fetchall()),
        "sessions": set(db.execute("SELECT key, digest, turns, episode FROM sessions").fetchall()),
        "passages": set(db.execute(f"SELECT {columns} FROM passages").fetchall()),
        "unreadable": catalogue.unreadable(),
        "answers": [sorted(ids(catalogue, word)) for word in ("deploy", "friday", "monday", "shop")],
        "slots": [sorted(catalogue.in_slot(scope, "shop/day")) for scope in ("global", "shop-1")],
        "session": [getattr(catalogue.session(SessionKey("cli", key)), "episode", None) for key in "xy"],
        "paths": {i: path for i, (path, _) in catalogue.fragments(["0" * 16, "1" * 16]).items()},
        "shelves": {shelf: dict(catalogue.on_shelf(shelf)) for shelf in catalogue.shelves()},
    }
    db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
    return found


def in_memory(tmp_path: Path) -> SqliteCatalogue:
    return SqliteCatalogue(tmp_path / "none.db", read_only=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(COMMITS)
def test_however_it_got_there_it_is_what_a_fresh_build_would_be(tmp_path: Path, commits: list[list[Change]]) -> None:
    grown, vault = in_memory(tmp_path), dict[str, bytes]()
    for n, changes in enumerate(commits):
        grown.apply(changes, str(n))
        vault |= {c.path: c.content for c in changes if c.content is not None}
        vault = {path: content for path, content in vault.items() if Change(path, None) not in changes}
    fresh = in_memory(tmp_path)
    fresh.apply([Change(path, content) for path, content in sorted(vault.items())], "end")

    assert known(grown) == known(fresh)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(COMMITS, st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_a_gateway_that_follows_the_outbox_holds_what_the_shelves_hold(
    tmp_path: Path, commits: list[list[Change]], pace: list[int]
) -> None:
    catalogue, gateway = in_memory(tmp_path), dict[Any, dict[str, str]]()

    def follow(limit: int) -> None:
        batch = catalogue.outbox(limit)
        for passage, wanted in batch:
            shelf = gateway.setdefault(passage.shelf, {})
            if wanted:
                shelf[passage.id] = passage.digest
            else:
                shelf.pop(passage.id, None)
        catalogue.sent([passage for passage, _ in batch])

    for n, changes in enumerate(commits):
        catalogue.apply(changes, str(n))
        follow(pace[n])
    follow(1_000)

    assert catalogue.pending() == 0
    assert {shelf: held for shelf, held in gateway.items() if held} == {
        shelf: dict(catalogue.on_shelf(shelf)) for shelf in catalogue.shelves()
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.binary(max_size=80) | st.text(max_size=80).map(lambda t: f"type: fragment\n{t}".encode(errors="replace"))
    )
)
def test_no_content_can_stop_it(tmp_path: Path, contents: list[bytes]) -> None:
    catalogue = in_memory(tmp_path)

    catalogue.apply([Change(f"fragments/{n}.md", b"---\n" + c + b"\n---\nx") for n, c in enumerate(contents)], HEAD)

    assert sum(catalogue.counts().values()) + len(catalogue.unreadable()) == len(contents)


# ---------------------------------------------------------------- the file


def test_what_was_taken_in_is_there_after_closing(catalogue: SqliteCatalogue, path: Path) -> None:
    catalogue.apply([stored(fragment())], HEAD)
    catalogue.close()
    catalogue.close()

    assert SqliteCatalogue(path).head() == HEAD
    assert ids(catalogue, "fridays") == [fragment().id]


def test_a_reader_of_no_catalogue_finds_an_empty_one_and_makes_none(path: Path) -> None:
    reader = SqliteCatalogue(path, read_only=True)

    assert (reader.head(), reader.search("fridays", 5)) == (None, [])
    assert not path.exists()


def test_a_reader_cannot_write(catalogue: SqliteCatalogue, path: Path) -> None:
    catalogue.apply([stored(fragment())], HEAD)
    reader = SqliteCatalogue(path, read_only=True)

    with pytest.raises(ConfigError, match="readonly"):
        reader.apply([Change(PATH, None)], "2" * 40)
    assert ids(reader, "fridays") == [fragment().id]


@pytest.mark.parametrize("read_only", [True, False])
def test_a_catalogue_of_another_schema_is_an_empty_one(path: Path, read_only: bool) -> None:
    db = sqlite3.connect(path)
    db.executescript(f"CREATE TABLE meta (old TEXT); CREATE TABLE notes (x); PRAGMA user_version = {SCHEMA - 1};")
    db.close()
    opened = SqliteCatalogue(path, read_only=read_only)

    assert (opened.head(), opened.counts()) == (None, {})
    opened.apply([stored(fragment())], HEAD)
    assert ids(opened, "fridays") == [fragment().id]


def test_a_damaged_file_is_made_anew(path: Path) -> None:
    path.write_bytes(b"this is no database " * 500)
    catalogue = SqliteCatalogue(path)

    assert catalogue.head() is None
    catalogue.apply([stored(fragment())], HEAD)
    assert ids(SqliteCatalogue(path), "fridays") == [fragment().id]


def test_clearing_mends_a_file_that_was_damaged_while_open(catalogue: SqliteCatalogue, path: Path) -> None:
    catalogue.apply([stored(fragment(f"Fact {n} " * 50, f"{n:016}"), f"fragments/{n}.md") for n in range(200)], HEAD)
    catalogue.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    damaged = SqliteCatalogue(path)

    damaged.clear()
    damaged.apply([stored(fragment())], HEAD)
    assert ids(damaged, "fridays") == [fragment().id]


def test_a_full_disk_is_told_and_changes_nothing(catalogue: SqliteCatalogue) -> None:
    catalogue.apply([stored(fragment())], HEAD)
    pages = catalogue._db.execute("PRAGMA page_count").fetchone()[0]
    catalogue._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    many = [stored(fragment(f"Fact {n} " * 80, f"{n:016}"), f"fragments/{n}.md") for n in range(200)]

    with pytest.raises(ConfigError, match="full") as told:
        catalogue.apply(many, "2" * 40)
    assert "closer reconcile" in told.value.hint
    assert (catalogue.head(), catalogue.counts()) == (HEAD, {"fragment": 1})
    catalogue._db.execute("PRAGMA max_page_count = 1000000")
    catalogue.apply(many, "2" * 40)
    assert catalogue.counts() == {"fragment": 201}


READER = """
    import sys
    from pathlib import Path
    from agent.adapters.catalogue import SqliteCatalogue

    catalogue = SqliteCatalogue(Path(sys.argv[1]), read_only=True)
    print("ready", catalogue.head(), flush=True)
    for line in sys.stdin:
        print(catalogue.head(), len(catalogue.search("fact", 10)), catalogue.counts().get("fragment", 0), flush=True)
"""


def test_another_process_reads_while_one_writes(catalogue: SqliteCatalogue, path: Path) -> None:
    catalogue.apply([stored(fragment("Fact 0", f"{0:016}"), "fragments/0.md")], "0")
    reader = start(READER, path)
    assert reader.stdout is not None
    assert reader.stdin is not None
    assert reader.stdout.readline() == "ready 0\n"

    def asked() -> str:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write("\n")
        reader.stdin.flush()
        return reader.stdout.readline()

    def changes() -> Any:
        for n in range(1, 5):
            yield stored(fragment(f"Fact {n}", f"{n:016}"), f"fragments/{n}.md")
            assert asked() == "0 1 1\n"

    catalogue.apply(changes(), "1")
    assert asked() == "1 5 5\n"
    assert reader.communicate(timeout=30)[1] == ""


def test_a_cold_process_reads_what_a_closed_writer_left(catalogue: SqliteCatalogue, path: Path) -> None:
    catalogue.apply([stored(fragment("Fact one"))], HEAD)
    catalogue.close()

    assert output(READER, path) == f"ready {HEAD}\n"
    assert path.exists()


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from agent.adapters.catalogue import SqliteCatalogue
    from agent.ports import Change

    def changes():
        yield from (Change(f"fragments/{n}.md", b"Fact") for n in range(450))
        os.kill(os.getpid(), signal.SIGKILL)

    SqliteCatalogue(Path(sys.argv[1])).apply(changes(), "2")
"""


def test_a_kill_in_the_middle_leaves_the_state_before(catalogue: SqliteCatalogue, path: Path) -> None:
    catalogue.apply([stored(fragment())], HEAD)
    catalogue.close()

    start(KILLED, path).communicate(timeout=60)

    assert (catalogue.head(), catalogue.counts()) == (HEAD, {"fragment": 1})
    catalogue.apply([Change(PATH, None)], "2" * 40)
    assert waiting(catalogue) == [(fragment().id, "global", False)]


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("When do we deploy?", '"deploy"'),
        ("deploy deploy DEPLOY", '"deploy"'),
        ('x" OR "y', '"x" OR "y"'),
        ("to be", '"to" OR "be"'),
        ("", ""),
    ],
)
def test_a_query_is_words_and_never_syntax(query: str, expression: str) -> None:
    assert match_expression(query) == expression
