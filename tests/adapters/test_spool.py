"""A request on the spool is whole and under its name, or not there at all; one id is one request; nothing is left."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path

import pytest

from agent.adapters import spool
from tests.adapters import child

FACTS: dict[str, object] = {"kind": "end", "host": "test", "session": "s", "at": 1.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def put(folder: Path, ident: str | None = None, **more: object) -> str:
    return spool.put(str(folder), FACTS | more, ident)


def kept(folder: Path) -> list[dict[str, object]]:
    return [spool.read(path) for path in spool.waiting(str(folder))]


def test_a_request_is_read_as_it_was_put_and_by_its_owner_alone(folder: Path) -> None:
    ident = put(folder, reason="done")

    [path] = spool.waiting(str(folder))
    assert spool.read(path) == {"schema": spool.SCHEMA, "id": ident, **FACTS, "reason": "done"}
    assert Path(path).stat().st_mode & 0o777 == 0o600
    assert (folder).stat().st_mode & 0o777 == 0o700


def test_two_requests_of_one_id_are_one(folder: Path) -> None:
    assert put(folder, "close-1") == put(folder, "close-1") == "close-1"

    assert [request["id"] for request in kept(folder)] == ["close-1"]


def test_requests_come_in_the_order_they_were_made_whatever_they_are_called(folder: Path) -> None:
    idents = [put(folder, name) for name in ("z", None, "a", None, "m")]
    for number, ident in enumerate(idents):
        os.utime(folder / f"{ident}.json", (number, number))

    assert [request["id"] for request in kept(folder)] == idents


@pytest.mark.parametrize("ident", ["", ".hidden", "a/b", "../a", "a\n", "A", "é", "x" * 129, "a b"])
def test_what_is_no_safe_name_of_a_file_is_refused(folder: Path, ident: str) -> None:
    with pytest.raises(ValueError):
        put(folder, ident)

    assert not (folder).exists()


def test_one_that_is_too_large_is_refused_and_leaves_nothing(folder: Path) -> None:
    with pytest.raises(OSError, match="too large"):
        put(folder, reason="x" * spool.LARGEST)

    assert not folder.exists()


@pytest.mark.parametrize("room", [0, 1, 100, 150])
def test_a_disk_that_fills_up_is_said_so_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    left, write = [room], os.write

    def short(descriptor: int, text: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        done = write(descriptor, text[: left[0]])
        left[0] -= done
        return done

    monkeypatch.setattr(os, "write", short)
    with pytest.raises(OSError, match="No space"):
        put(folder, reason="y" * 200)

    assert list(folder.iterdir()) == []


def test_one_that_was_written_in_pieces_is_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, text: write(descriptor, text[:7]))
    put(folder, reason="y" * 200)

    assert [request["reason"] for request in kept(folder)] == ["y" * 200]


def test_what_a_writer_that_died_left_is_no_request_and_removed_after_a_while(folder: Path) -> None:
    code = """
        import os, signal, sys
        from agent.adapters import spool
        os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
        spool.put(sys.argv[1], {"kind": "end"})
    """
    folder.mkdir()
    process = child.start(code, folder)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    [left] = folder.iterdir()
    assert kept(folder) == []

    spool.tidy(str(folder))
    assert left.exists()
    ago = time.time() - 2 * spool.STALE
    os.utime(left, (ago, ago))
    put(folder, "old")
    os.utime(folder / "old.json", (ago, ago))
    spool.tidy(str(folder))

    assert not left.exists()
    assert [request["id"] for request in kept(folder)] == ["old"]


def test_what_holds_no_request_is_set_aside(folder: Path) -> None:
    folder.mkdir()
    for text in ("{", "[]", '{"schema": "another/1"}'):
        (folder / "bad.json").write_text(text)
        with pytest.raises(ValueError):
            spool.read(str(folder / "bad.json"))
    spool.set_aside(str(folder / "bad.json"))

    assert spool.waiting(str(folder)) == []
    assert [path.name for path in folder.iterdir()] == ["bad.json.unreadable"]


def test_where_nothing_was_ever_put_nothing_waits(folder: Path) -> None:
    assert spool.waiting(str(folder)) == []
    spool.tidy(str(folder))
    spool.remove(str(folder / "a.json"))
