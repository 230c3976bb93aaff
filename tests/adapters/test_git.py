"""The runner of git, on real repositories that try to make it run something else."""

from __future__ import annotations

import fcntl
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.adapters.git import Git, GitFailed, GitTimeout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    Git(root, root / ".git").run("init", "-q", "-b", "main", str(root))
    return root


@pytest.fixture
def git(repository: Path) -> Git:
    return Git(repository, repository / ".git")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran"


def configure(root: Path, **settings: str) -> None:
    for name, value in settings.items():
        subprocess.run(["git", "-C", root, "config", name.replace("__", "."), value], check=True)


def waiting(tmp_path: Path) -> list[str]:
    """Arguments that make git run a command which waits, named so that its process can be found."""
    script = tmp_path / "wait-for-ever.sh"
    script.write_text("sleep 600 & sleep 600\n")
    return ["-c", f"alias.wait=!sh {script}", "wait"]


def alive(needle: str) -> bool:
    listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return needle in listed


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
    return False


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def commit(git: Git, message: str = "one") -> str:
    tree = git.text("mktree", stdin=b"")
    who = {f"GIT_{role}_{part}": "a@b" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    new = git.text("commit-tree", tree, "-m", message, env=who)
    git.run("update-ref", "refs/heads/main", new)
    return new


def test_an_answer_has_status_output_and_errors(git: Git) -> None:
    ran = git.run("rev-parse", "--verify", "HEAD", ok=(128,))

    assert (ran.status, ran.out) == (128, b"")
    assert "Needed a single revision" in ran.err


def test_an_unexpected_status_is_a_failure_that_says_what_git_said(git: Git) -> None:
    with pytest.raises(GitFailed) as caught:
        git.run("rev-parse", "--verify", "HEAD")

    assert (caught.value.command, caught.value.status) == (("rev-parse", "--verify", "HEAD"), 128)
    assert str(caught.value) == "git rev-parse ended with status 128: fatal: Needed a single revision"


def test_a_missing_work_tree_is_a_failure_and_not_a_run_somewhere_else(tmp_path: Path) -> None:
    with pytest.raises(GitFailed):
        Git(tmp_path / "missing").run("rev-parse", "--git-dir")


def test_text_survives_bytes_that_are_not_utf8(git: Git) -> None:
    blob = git.text("hash-object", "-w", "--stdin", stdin=b"caf\xe9\n")

    assert git.text("cat-file", "blob", blob).encode("utf-8", "surrogateescape") == b"caf\xe9"


def test_input_larger_than_any_pipe_goes_in_and_comes_back(git: Git) -> None:
    content = os.urandom(3_000_000)
    blob = git.text("hash-object", "-w", "--stdin", stdin=content)

    assert git.run("cat-file", "blob", blob).out == content


def test_without_input_a_command_that_reads_meets_the_end(git: Git) -> None:
    assert git.text("hash-object", "--stdin", timeout=5) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"])
def test_inherited_places_are_not_followed(
    name: str, git: Git, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    blob = git.text("hash-object", "-w", "--stdin", stdin=b"x")
    git.run("update-index", "--add", "--cacheinfo", f"100644,{blob},x")

    assert (repository / ".git" / "index").exists()
    assert git.text("ls-files") == "x"
    assert Git(repository).text("rev-parse", "--show-toplevel") == str(repository.resolve())
    assert not (tmp_path / "elsewhere").exists()


def test_inherited_settings_and_traces_do_not_reach_the_child(
    git: Git, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "alias.sneak")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"!touch {marker}")
    monkeypatch.setenv("GIT_TRACE", str(marker))

    with pytest.raises(GitFailed):
        git.run("sneak")
    assert not marker.exists()


def test_the_hosts_own_environment_is_left_as_it_is(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    before = dict(os.environ)
    threads = [threading.Thread(target=git.run, args=("rev-parse", "--git-dir")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert dict(os.environ) == before


def test_the_callers_variables_do_reach_the_child(git: Git, tmp_path: Path) -> None:
    blob = git.text("hash-object", "-w", "--stdin", stdin=b"x")
    private = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    git.run("update-index", "--add", "--cacheinfo", f"100644,{blob},x", env=private)

    assert git.text("ls-files", env=private) == "x"
    assert git.text("ls-files") == ""


def test_hooks_signing_and_helpers_of_a_hostile_repository_do_not_run(git: Git, repository: Path, marker: Path) -> None:
    for hook in ("reference-transaction", "post-commit", "pre-commit", "post-index-change", "post-checkout"):
        file = repository / ".git" / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\ntouch {marker}\n")
        file.chmod(0o755)
    program = repository / "program"
    program.write_text(f"#!/bin/sh\ntouch {marker}\nexit 1\n")
    program.chmod(0o755)
    configure(
        repository,
        core__fsmonitor=str(program),
        core__hooksPath=str(repository / ".git" / "hooks"),
        core__pager=str(program),
        core__editor=str(program),
        commit__gpgSign="true",
        gpg__program=str(program),
        log__showSignature="true",
        credential__helper=f"!{program}",
    )
    signed = git.run("cat-file", "commit", commit(git)).out.replace(
        b"\n\n", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\n", 1
    )
    git.run(
        "update-ref",
        "refs/heads/main",
        git.text("hash-object", "-t", "commit", "-w", "--stdin", stdin=signed),
    )
    (repository / "new").write_text("new")
    git.run("update-index", "--add", "new")
    git.run("status", "--porcelain")
    git.run("log", "-1", "--format=%H")
    git.run("checkout", "-q", "-b", "other", "main")

    assert not marker.exists()


def test_a_partial_clone_does_not_fetch_by_a_command_its_config_names(git: Git, repository: Path, marker: Path) -> None:
    commit(git)
    configure(
        repository,
        core__repositoryformatversion="1",
        extensions__partialClone="origin",
        protocol__allow="always",
        protocol__ext__allow="always",
        remote__origin__promisor="true",
        remote__origin__url=f"ext::touch {marker}",
    )
    git.run("cat-file", "-p", "1234567890123456789012345678901234567890", ok=(0, 1, 128))

    assert not marker.exists()


def test_time_limits_kill_everything_the_command_started(git: Git, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(GitTimeout) as caught:
        git.run(*waiting(tmp_path), timeout=0.5)

    assert caught.value.seconds == 0.5
    assert time.monotonic() - started < 5
    assert not alive(str(tmp_path / "wait-for-ever.sh"))


def test_many_commands_leave_no_process_and_no_descriptor(git: Git) -> None:
    git.run("rev-parse", "--git-dir")
    before = (descriptors(), children())
    for _ in range(30):
        git.run("rev-parse", "--git-dir")
        with git.stream("cat-file", "--batch", stdin=b""):
            pass

    assert (descriptors(), children()) == before


def children() -> set[str]:
    """Processes this thread started, other tests' included, ended ones that nobody waited for too."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_a_lock_lives_as_long_as_the_child_that_keeps_it(git: Git, tmp_path: Path) -> None:
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    stop = tmp_path / "stop"
    script = f"!while [ ! -e {stop} ]; do sleep 0.02; done; true"
    child = threading.Thread(target=git.run, args=("-c", f"alias.hold={script}", "hold"), kwargs={"keep_fds": [lock]})
    child.start()
    assert eventually(lambda: alive(str(stop)))
    os.close(lock)
    other = os.open(tmp_path / "lock", os.O_RDWR)

    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    stop.touch()
    child.join()
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


def test_other_descriptors_are_not_inherited(git: Git, tmp_path: Path) -> None:
    secret = os.open(tmp_path / "secret", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(secret, True)

    listed = git.text("-c", "alias.fds=!ls -l /proc/self/fd", "fds")
    os.close(secret)
    assert "secret" not in listed


def test_a_stream_is_read_in_pieces(git: Git) -> None:
    blob = git.text("hash-object", "-w", "--stdin", stdin=b"x" * 5_000_000)
    with git.stream("cat-file", "--batch", stdin=f"{blob}\n".encode() * 3) as answer:
        head = answer.readline()
        first = answer.read(10)

    assert head == f"{blob} blob 5000000\n".encode()
    assert first == b"x" * 10


def test_a_stream_that_fails_says_so(git: Git) -> None:
    failing = git.stream("cat-file", "blob", "nothing")

    with pytest.raises(GitFailed, match="Not a valid object name"), failing as answer:
        answer.read()


def test_a_stream_that_takes_too_long_is_killed(git: Git, tmp_path: Path) -> None:
    with pytest.raises(GitTimeout), git.stream(*waiting(tmp_path), timeout=0.5) as answer:
        answer.read()

    assert not alive(str(tmp_path / "wait-for-ever.sh"))


def test_a_reader_that_gives_up_ends_its_stream(git: Git, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="enough"), git.stream(*waiting(tmp_path)):
        raise ValueError("enough")

    assert not alive(str(tmp_path / "wait-for-ever.sh"))


def test_a_detached_command_goes_on_by_itself(git: Git, repository: Path) -> None:
    (repository / "a").write_text("a")
    git.detach("update-index", "--add", "-z", "--stdin", stdin=b"a\0")

    assert eventually(lambda: git.text("ls-files") == "a")
