"""From the spool into the engine: in order, once; whatever the engine says, nothing is lost and somebody is told."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from agent.adapters import spool
from agent.domain.request import Request
from agent.errors import Busy, CloserError, Unavailable
from agent.interfaces.working import queue
from agent.interfaces.working.queue import Queue


class ScriptedEngine:
    """Takes what it is not told to refuse."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.away: Exception | None = None
        self.poison: set[str] = set()
        self.opened = self.closed = 0

    def __call__(self) -> ScriptedEngine:
        if self.away:
            raise self.away
        self.opened += 1
        return self

    def submit(self, request: Request) -> None:
        if self.away:
            raise self.away
        if request.id in self.poison:
            raise RuntimeError("no such thing")
        self.taken.append(request.id)

    def busy(self) -> bool:
        if self.away:
            raise self.away
        return bool(self.taken)

    def close(self) -> None:
        self.closed += 1


class Home:
    """A queue on a scripted engine, and a clock that is set by hand."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.engine = ScriptedEngine()
        self.alerts: list[tuple[str, object]] = []
        self.mute: CloserError | None = None
        self.now = 1_000.0
        self.queue = Queue(folder, self.engine, self._alert)
        monkeypatch.setattr(queue.time, "monotonic", lambda: self.now)

    def _alert(self, request: Request, facts: dict[str, object]) -> None:
        if self.mute:
            raise self.mute
        self.alerts.append((request.id, facts["reason"]))

    def put(self, *idents: str) -> None:
        for ident in idents:
            facts: dict[str, object] = {"kind": "end", "host": "test", "session": ident, "at": 1.0}
            spool.put(str(self.folder / "spool"), facts, ident)

    def waiting(self) -> list[str]:
        return [Path(path).stem for path in spool.waiting(str(self.folder / "spool"))]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    return Home(tmp_path, monkeypatch)


def test_requests_go_into_the_engine_in_order_and_leave_the_spool(home: Home) -> None:
    home.put("a", "b", "c")

    assert home.queue.take_in()
    assert not home.queue.take_in()
    assert (home.engine.taken, home.waiting(), home.engine.opened) == (["a", "b", "c"], [], 1)


@pytest.mark.parametrize("away", [Unavailable("locked"), Busy("another worker"), RuntimeError("half begun")])
def test_an_engine_out_of_reach_is_tried_ever_more_rarely_and_told_of_once(home: Home, away: Exception) -> None:
    home.put("a", "b")
    home.engine.away, tried = away, []
    for _ in range(400):
        before = home.queue._refusals
        assert home.queue.take_in()
        tried += [home.now] * (home.queue._refusals - before)
        home.now += 0.25
    assert [b - a for a, b in pairwise(tried)] == [1, 2, 4, 8, 16, 32]
    assert home.alerts == [("a", "offline.enqueue_failed"), ("b", "offline.enqueue_failed")]
    assert home.waiting() == ["a", "b"]

    home.engine.away = None
    home.now += queue.LONGEST

    assert home.queue.take_in()
    assert (home.engine.taken, home.waiting(), len(home.alerts)) == (["a", "b"], [], 2)


@pytest.mark.parametrize("content", [b"[" * 60_000, b"\xff", b"{}"])
def test_a_file_that_is_no_request_keeps_nothing_from_being_done(home: Home, content: bytes) -> None:
    (home.folder / "spool").mkdir()
    (home.folder / "spool" / "0.json").write_bytes(content)
    home.put("a")

    assert home.queue.take_in()

    assert (home.engine.taken, home.waiting()) == (["a"], [])


def test_one_that_comes_in_meanwhile_is_told_of_too(home: Home) -> None:
    home.engine.away = Unavailable("locked")
    for ident in ("a", "b"):
        home.put(ident)
        home.queue.take_in()
        home.now += queue.LONGEST

    assert [ident for ident, _ in home.alerts] == ["a", "b"]


def test_an_alert_that_could_not_be_recorded_is_tried_again(home: Home) -> None:
    home.put("a")
    home.engine.away = home.mute = Unavailable("no space left")
    home.queue.take_in()
    assert home.alerts == []

    home.mute = None
    home.now += queue.LONGEST
    home.queue.take_in()

    assert home.alerts == [("a", "offline.enqueue_failed")]


def test_an_engine_that_refuses_again_and_again_is_opened_anew(home: Home) -> None:
    home.queue.submit(Request.of({"id": "first", "kind": "end", "host": "test", "session": "s", "at": 1.0}))
    home.put("a")
    home.engine.away = Unavailable("disk image is malformed")
    for _ in range(queue.REOPENED):
        assert home.engine.closed == 0
        home.queue.take_in()
        home.now += queue.LONGEST
    home.engine.away = None
    home.queue.take_in()

    assert (home.engine.closed, home.engine.opened, home.waiting()) == (1, 2, [])


def test_one_request_that_fails_for_a_reason_of_its_own_holds_up_no_other(home: Home) -> None:
    home.put("a", "bad", "c")
    home.engine.poison = {"bad"}

    assert home.queue.take_in()
    assert not home.queue.take_in()
    assert (home.engine.taken, home.waiting()) == (["a", "c"], ["bad"])
    assert home.alerts == [("bad", "offline.enqueue_failed")]


def test_what_holds_no_request_is_set_aside(home: Home) -> None:
    home.put("a")
    (home.folder / "spool" / "bad.json").write_text("{")

    assert home.queue.take_in()
    assert (home.engine.taken, home.waiting()) == (["a"], [])
    assert (home.folder / "spool" / "bad.json.unreadable").exists()


def test_at_rest_the_engine_is_closed_until_there_is_something_for_it(home: Home) -> None:
    home.queue.busy()
    home.queue.rest()
    assert (home.queue.busy(), home.engine.opened, home.engine.closed) == (False, 1, 1)

    home.put("a")
    home.queue.take_in()

    assert (home.queue.busy(), home.engine.opened) == (True, 2)


def test_an_engine_that_cannot_be_asked_has_nothing_to_do(home: Home) -> None:
    home.engine.away = Unavailable("locked")

    assert not home.queue.busy()
    assert home.alerts == []
