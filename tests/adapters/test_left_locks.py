"""A closer is killed together with its git, which holds a lock: the next one goes on at once, and nobody else's lock is
touched."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from agent.adapters.git import Git
from agent.adapters.left_locks import NOTE, SOON
from agent.adapters.vault import GitVault
from agent.errors import VaultError
from tests.adapters import child

BEGUN = "fragments/fact/2026/03/12/begun.md"
NOTED = "fragments/fact/2026/03/12/noted.md"
DYING = """
    import os, signal, sys
    from pathlib import Path
    from agent.adapters.git import Git
    from agent.adapters.vault import GitVault

    root, command, locks = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    run = Git.run

    def dies(self, *words, **more):
        if words[0] != command:
            return run(self, *words, **more)
        for lock in locks:
            (root / ".git" / lock).touch()
        os.kill(os.getpid(), signal.SIGKILL)

    Git.run = dies
    vault = GitVault(root)
    vault.commit({"NOTED": b"noted"}, "Note", vault.head())
    vault.checkout({"NOTED": b"noted"}, {})
""".replace("NOTED", NOTED)


@pytest.fixture
def vault(tmp_path: Path) -> GitVault:
    made = GitVault.create(tmp_path / "vault")
    made.commit({BEGUN: b"begun"}, "Begin", None)
    made.checkout({BEGUN: b"begun"}, {})
    return made


def killed(vault: GitVault, command: str, *locks: str) -> None:
    """A process that dies while its git is at `command` and holds these locks."""
    process = child.start(DYING, vault.root, command, *locks)
    _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, err


def written(vault: GitVault, path: str, content: bytes) -> None:
    vault.commit({path: content}, "Go on", vault.head())
    vault.checkout({path: content}, {})


def test_a_branch_locked_by_a_git_that_was_killed_is_written_to_again(vault: GitVault) -> None:
    killed(vault, "update-ref", "refs/heads/main.lock", "HEAD.lock")

    written(vault, BEGUN + ".2", b"on")

    assert list((vault.root / ".git").rglob("*.lock")) == []
    assert not (vault.root / ".git" / NOTE).exists()


def test_an_index_locked_by_a_git_that_was_killed_is_brought_up_again(vault: GitVault) -> None:
    killed(vault, "update-index", "index.lock")

    vault.checkout({NOTED: b"noted"}, {})

    assert Git(vault.root).text("status", "--porcelain") == ""
    assert list((vault.root / ".git").rglob("*.lock")) == []


def test_a_lock_that_was_taken_later_is_somebody_elses(vault: GitVault) -> None:
    killed(vault, "update-ref", "refs/heads/main.lock")
    lock = vault.root / ".git" / "refs" / "heads" / "main.lock"
    later = lock.stat().st_mtime + 2 * SOON
    os.utime(lock, (later, later))

    with pytest.raises(VaultError, match="locked"):
        written(vault, BEGUN + ".2", b"on")
    assert lock.exists()


def test_a_lock_without_a_note_is_somebody_elses(vault: GitVault) -> None:
    lock = vault.root / ".git" / "refs" / "heads" / "main.lock"
    lock.touch()

    with pytest.raises(VaultError, match="locked"):
        written(vault, BEGUN + ".2", b"on")
    assert lock.exists()
    assert not (vault.root / ".git" / NOTE).exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"locks": [1], "owner": null}', '{"locks": 1, "owner": {}}'])
def test_a_note_that_cannot_be_read_stops_nobody(vault: GitVault, text: str) -> None:
    (vault.root / ".git" / NOTE).write_text(text)

    written(vault, BEGUN + ".2", b"on")

    assert (vault.root / (BEGUN + ".2")).read_bytes() == b"on"
