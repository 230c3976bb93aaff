"""What the gateway does to its caller when Chroma is broken: it fails in time, says so, leaves nothing behind."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.adapters.gateway import open_gateway
from agent.adapters.gateway.chroma import PATIENCE, ChromaGateway
from agent.adapters.gateway.guard import FAILURES, PAUSE
from agent.adapters.gateway.server import ServerChroma
from agent.errors import GatewayOffline
from tests.adapters.chroma_server import ChromaServer
from tests.adapters.faulty_server import FAULTS, SECRET, FaultyServer, hang
from tests.contracts.gateway_contract import FRAGMENTS, STAMP, records, vectors

LOCKER = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], isolation_level=None).execute("begin exclusive")
print("locked", flush=True)
sys.stdin.read()
"""

OWNER = """
import sys, time
from agent.adapters.gateway import open_gateway
from tests.contracts.gateway_contract import STAMP, records
gateway = open_gateway("embedded", sys.argv[1] + "/gateway", "vault", STAMP, deadline=20)
gateway.upsert(records(3))
print(gateway._chroma._process.pid, flush=True)
time.sleep(60)
"""

DEADLINE = 0.5
SLACK = 1.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def calls(gateway: ChromaGateway) -> dict[str, Callable[[], object]]:
    return {
        "commit": gateway.commit,
        "shelves": gateway.shelves,
        "digests": lambda: gateway.digests(FRAGMENTS),
        "nearest": lambda: gateway.nearest([FRAGMENTS], vectors(1)[0], 3),
        "wipe": gateway.wipe,
        "upsert": lambda: gateway.upsert(records(3)),
        "delete": lambda: gateway.delete({FRAGMENTS: ["x"]}),
        "mark": lambda: gateway.mark("commit-1"),
    }


def left_behind() -> tuple[int, int]:
    """Threads of gateways alive, and sockets open."""
    alive = [thread for thread in threading.enumerate() if thread.name == "closer-gateway"]
    files = [os.path.realpath(file) for file in Path("/proc/self/fd").iterdir()]
    return len(alive), sum("socket:" in file for file in files)


def held() -> tuple[int, int]:
    """Files open in this process, and processes it has started that weren't seen off."""
    return len(list(Path("/proc/self/fd").iterdir())), len(children())


def children() -> list[int]:
    return [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _facts(stat)[1] == str(os.getpid())]


def _facts(stat: Path) -> list[str]:
    """State, parent and so on; unknown for a process that has ended meanwhile."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return ["", ""]


def _ended(process: int) -> bool:
    """A zombie, the last of its threads included."""
    here = Path(f"/proc/{process}")
    return _facts(here / "stat")[0] == "Z" and len(list((here / "task").iterdir())) == 1


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


def eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def answers(gateway: ChromaGateway) -> bool:
    try:
        gateway.probe()
    except GatewayOffline:
        return False
    return True


def at(url: str, clock: Callable[[], float] = time.monotonic) -> ChromaGateway:
    return ChromaGateway(ServerChroma(url), "vault", STAMP, deadline=DEADLINE, clock=clock)


@pytest.fixture
def faulty(request: pytest.FixtureRequest) -> Iterator[FaultyServer]:
    server = FaultyServer(request.param)
    yield server
    server.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    running = ChromaServer(tmp_path / "server")
    yield running
    running.thaw()
    running.kill()


@pytest.mark.parametrize("faulty", FAULTS.values(), ids=FAULTS.keys(), indirect=True)
def test_every_call_on_a_faulty_server_is_offline_in_time_and_leaves_nothing(faulty: FaultyServer) -> None:
    for name in calls(at(faulty.url)):
        gateway = at(faulty.url)
        with in_time(DEADLINE * PATIENCE + SLACK), pytest.raises(GatewayOffline) as offline:
            calls(gateway)[name]()

        assert SECRET not in str(offline.value)
        assert len(str(offline.value)) < 200
    faulty.stop()
    assert eventually(lambda: left_behind()[0] == 0)


@pytest.mark.parametrize("faulty", [FAULTS[name] for name in ("hang", "drip of the body")], indirect=True)
def test_abandoned_calls_end_although_the_server_goes_on(faulty: FaultyServer) -> None:
    clock = Clock()
    gateway = at(faulty.url, clock)
    for _ in range(5):
        clock.now += PAUSE + 1
        with pytest.raises(GatewayOffline):
            gateway.commit()

    assert eventually(lambda: left_behind()[0] == 0)


def test_a_refused_port_is_offline_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gateway = at(f"http://127.0.0.1:{free.getsockname()[1]}")

        with in_time(SLACK), pytest.raises(GatewayOffline, match="refused"):
            gateway.commit()


def test_a_host_that_isnt_known_is_offline() -> None:
    with pytest.raises(GatewayOffline):
        at("http://no-such-host.invalid:8000").commit()


class TestBreaker:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.mark.parametrize("faulty", [hang], indirect=True)
    def test_after_three_failures_it_asks_no_more_until_the_pause_is_over(
        self, faulty: FaultyServer, clock: Clock
    ) -> None:
        gateway = at(faulty.url, clock)
        for _ in range(FAILURES):
            with pytest.raises(GatewayOffline, match="no answer"):
                gateway.commit()

        with in_time(0.2), pytest.raises(GatewayOffline, match="not asked"):
            gateway.commit()
        assert faulty.asked == FAILURES

        clock.now += PAUSE
        for message in ("no answer", "not asked"):
            with pytest.raises(GatewayOffline, match=message):
                gateway.commit()
        assert faulty.asked == FAILURES + 1

    def test_a_probe_asks_at_once_and_closes_it(self, server: ChromaServer, clock: Clock) -> None:
        gateway = at(server.url, clock)
        server.kill()
        for _ in range(FAILURES + 1):
            with pytest.raises(GatewayOffline):
                gateway.commit()
        server.start()

        with pytest.raises(GatewayOffline, match="not asked"):
            gateway.commit()
        gateway.probe()
        assert gateway.commit() is None

    def test_a_success_forgets_earlier_failures(self, server: ChromaServer, clock: Clock) -> None:
        gateway = at(server.url, clock)
        for _ in range(2):
            server.freeze()
            for _ in range(FAILURES - 1):
                with pytest.raises(GatewayOffline, match="no answer"):
                    gateway.commit()
            server.thaw()
            assert eventually(lambda: gateway.commit() is None)


def test_a_frozen_server_is_given_up_on_in_time_and_taken_up_again(server: ChromaServer) -> None:
    gateway = at(server.url)
    gateway.upsert(records(3))
    server.freeze()

    for name in calls(gateway):
        with in_time(DEADLINE * PATIENCE + SLACK), pytest.raises(GatewayOffline, match="no answer"):
            calls(at(server.url))[name]()
    assert eventually(lambda: left_behind()[0] == 0)

    server.thaw()
    gateway = open_gateway("server", server.url, "vault", STAMP, deadline=20)
    gateway.upsert(records(5))
    assert len(gateway.digests(FRAGMENTS)) == 5


def test_a_server_killed_in_the_middle_of_a_batch_is_whole_after_the_next_try(server: ChromaServer) -> None:
    gateway = open_gateway("server", server.url, "vault", STAMP, deadline=20)
    many = records(3_000)
    gateway.upsert(many[:1])
    for _ in range(3):
        assassin = threading.Timer(0.3, server.kill)
        assassin.start()
        with pytest.raises(GatewayOffline):
            gateway.upsert(many)
        assassin.join()
        server.start()
        # One that has not failed yet: killed too soon each time, the first would not ask again for a while.
        gateway = open_gateway("server", server.url, "vault", STAMP, deadline=20)

    gateway.upsert(many)
    assert gateway.digests(FRAGMENTS) == {record.id: record.digest for record in many}
    assert all(gateway.nearest([FRAGMENTS], record.vector, 1)[0].id == record.id for record in many[::100])


def test_many_calls_leave_no_thread_and_no_socket(server: ChromaServer) -> None:
    gateway = open_gateway("server", server.url, "vault", STAMP, deadline=20)
    gateway.upsert(records(3))
    before = left_behind()
    for _ in range(50):
        gateway.nearest([FRAGMENTS], vectors(1)[0], 3)

    assert eventually(lambda: left_behind() <= before)


class TestEmbedded:
    @pytest.fixture
    def gateway(self, tmp_path: Path) -> Iterator[ChromaGateway]:
        opened = open_gateway("embedded", tmp_path / "gateway", "vault", STAMP, deadline=DEADLINE)
        yield opened
        opened.close()

    def test_a_database_locked_by_another_program_is_given_up_on_in_time(
        self, gateway: ChromaGateway, tmp_path: Path
    ) -> None:
        gateway.upsert(records(3))
        other = subprocess.Popen(
            [sys.executable, "-c", LOCKER, str(tmp_path / "gateway" / "chroma.sqlite3")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert other.stdout is not None
        other.stdout.readline()

        for _ in range(2):
            with in_time(DEADLINE * PATIENCE + SLACK), pytest.raises(GatewayOffline):
                gateway.upsert(records(200))
        other.communicate()
        assert eventually(lambda: left_behind()[0] == 0)
        patient = open_gateway("embedded", tmp_path / "gateway", "vault", STAMP, deadline=20)
        patient.upsert(records(200))
        assert len(patient.digests(FRAGMENTS)) == 200

    def test_closing_leaves_no_file_and_no_process(self, gateway: ChromaGateway) -> None:
        before = held()
        for _ in range(10):
            gateway.upsert(records(3))
            gateway.close()

        assert held() == before

    def test_a_call_given_up_on_leaves_no_file_and_no_process(self, gateway: ChromaGateway, tmp_path: Path) -> None:
        gateway.upsert(records(1))
        gateway.close()
        before = held()
        for _ in range(5):
            with Path(tmp_path / "gateway.generation").open() as other:
                fcntl.flock(other, fcntl.LOCK_EX)
                with pytest.raises(GatewayOffline, match="no answer"):
                    gateway.commit()
            assert eventually(lambda: answers(gateway))
            gateway.close()

        assert eventually(lambda: held() == before)

    def test_a_process_whose_owner_was_killed_ends_by_itself(self, tmp_path: Path) -> None:
        owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE)
        assert owner.stdout is not None
        program = int(owner.stdout.readline())
        owner.kill()
        owner.wait()

        assert eventually(lambda: not Path(f"/proc/{program}").exists())

    @pytest.mark.parametrize("when", ["idle", "at work"])
    def test_a_program_that_dies_is_started_again(self, gateway: ChromaGateway, when: str) -> None:
        before = set(children())
        gateway.upsert(records(3))
        [program] = set(children()) - before
        if when == "idle":
            os.kill(program, signal.SIGKILL)
            assert eventually(lambda: _ended(program))
        else:
            os.kill(program, signal.SIGSTOP)
            threading.Timer(0.2, os.kill, (program, signal.SIGKILL)).start()
            with pytest.raises(GatewayOffline, match="ended") as offline:
                gateway.commit()
            assert "closer rebuild" in offline.value.hint

        assert len(gateway.digests(FRAGMENTS)) == 3

    def test_threads_take_turns(self, gateway: ChromaGateway, tmp_path: Path) -> None:
        patient = open_gateway("embedded", tmp_path / "gateway", "vault", STAMP, deadline=20)
        many = records(200)
        threads = [threading.Thread(target=patient.upsert, args=([record],)) for record in many[:20]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(patient.digests(FRAGMENTS)) == 20
