"""The lock of a home: one holder, and no dead one."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.adapters.home_lock import HomeLock
from agent.errors import Busy, ConfigError
from tests.adapters.child import start

HOLDER = """
    import sys
    from pathlib import Path
    from agent.adapters.home_lock import HomeLock

    print("begun", flush=True)
    with HomeLock(Path(sys.argv[1])).hold(float(sys.argv[2])):
        print("held", flush=True)
        sys.stdin.readline()
    print("free", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "owner.lock"


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until told to go on."""
    process = start(HOLDER, path, 30)
    assert [told(process), told(process)] == ["begun", "held"]
    yield process
    process.kill()
    process.communicate()


def told(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def free(path: Path) -> bool:
    """Whether another process could take the lock at once."""
    code = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    return subprocess.run([sys.executable, "-c", code, path], capture_output=True).returncode == 0


def test_a_free_lock_is_taken_and_given_back(path: Path) -> None:
    with HomeLock(path).hold(0):
        assert not free(path)

    assert free(path)


def test_a_lock_held_elsewhere_is_busy_and_names_its_holder(path: Path, holder: subprocess.Popen[str]) -> None:
    for wait in (0, 0.05):
        with pytest.raises(Busy, match=str(holder.pid)) as busy, HomeLock(path).hold(wait):
            pytest.fail("held twice")
        assert "try again" in busy.value.hint


def test_who_waits_gets_it_when_it_is_given_back(path: Path, holder: subprocess.Popen[str]) -> None:
    waiter = start(HOLDER, path, 60)
    assert told(waiter) == "begun"
    go_on(holder)

    assert told(holder) == "free"
    assert told(waiter) == "held"
    waiter.communicate("\n\n", timeout=30)
    assert waiter.returncode == 0


def test_a_killed_holder_holds_nothing(path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()

    with HomeLock(path).hold(0):
        assert path.read_text().strip().isdigit()
        assert int(path.read_text()) != holder.pid


def test_who_holds_it_may_hold_it_again(path: Path) -> None:
    lock = HomeLock(path)

    with lock.hold(0), lock.hold(0):
        with lock.hold(0):
            pass
        assert not free(path)
    assert free(path)


@pytest.mark.parametrize("depth", [1, 3])
def test_an_error_gives_it_back(path: Path, depth: int) -> None:
    lock = HomeLock(path)

    def fail(deep: int) -> None:
        with lock.hold(0):
            if deep == 1:
                raise ZeroDivisionError
            fail(deep - 1)

    with pytest.raises(ZeroDivisionError):
        fail(depth)
    assert free(path)
    with lock.hold(0):
        assert not free(path)


def test_a_busy_try_leaves_nothing_behind(path: Path, holder: subprocess.Popen[str]) -> None:
    lock = HomeLock(path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(Busy), lock.hold(0):
            pytest.fail("held twice")

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    holder.kill()
    holder.wait()
    with lock.hold(0):
        assert not free(path)


def test_another_thread_is_another_holder(path: Path) -> None:
    lock = HomeLock(path)
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            with lock.hold(0):
                outcomes.append("held")
        except Busy:
            outcomes.append("busy")

    def in_a_thread() -> None:
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()

    with lock.hold(0):
        in_a_thread()
    in_a_thread()

    assert outcomes == ["busy", "held"]


def test_threads_that_wait_hold_it_one_at_a_time(path: Path) -> None:
    lock = HomeLock(path)
    inside, most, done = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, done
        for _ in range(20):
            with lock.hold(60):
                inside += 1
                most = max(most, inside)
                inside -= 1
                done += 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most, done) == (1, 80)


def test_two_locks_of_one_home_exclude_each_other(path: Path) -> None:
    with HomeLock(path).hold(0), pytest.raises(Busy), HomeLock(path).hold(0):
        pytest.fail("held twice")


def test_a_child_process_does_not_keep_it(path: Path) -> None:
    with HomeLock(path).hold(0):
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, close_fds=False
        )

    assert free(path)
    child.communicate()


def test_a_home_that_can_not_be_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")

    with pytest.raises(ConfigError, match="home") as refused, HomeLock(tmp_path / "home" / "owner.lock").hold(0):
        pytest.fail("held")
    assert "folder" in refused.value.hint


def test_waiting_without_end_is_possible(path: Path) -> None:
    with HomeLock(path).hold(float("inf")):
        assert not free(path)
