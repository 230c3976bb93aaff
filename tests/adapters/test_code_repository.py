"""The state of a code repository, on real ones in every shape."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from agent.adapters.code_repository import GitCodeRepository, without_credentials
from agent.adapters.git import Git


def git(root: Path, *args: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", "-C", root, *who, *args], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "code"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.py").write_text("one\n")
    (root / ".gitignore").write_text("*.log\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    return root


def tree(root: Path) -> str:
    state = GitCodeRepository().state(root, with_tree=True)
    assert state is not None
    assert state.tree is not None
    return state.tree


def names(root: Path) -> list[str]:
    return git(root, "ls-tree", "-r", "--name-only", tree(root)).split("\n")


def test_a_folder_without_repository_has_no_state(tmp_path: Path) -> None:
    assert GitCodeRepository().state(tmp_path) is None
    assert GitCodeRepository().state(tmp_path / "missing") is None


def test_a_bare_repository_and_the_inside_of_git_have_no_state(tmp_path: Path, repository: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare")

    assert GitCodeRepository().state(tmp_path / "bare") is None
    assert GitCodeRepository().state(repository / ".git") is None


def test_a_state_names_root_commit_branch_and_remote(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://me:token@host.example/team/code.git")
    (repository / "below").mkdir()
    state = GitCodeRepository().state(repository / "below")

    assert state is not None
    assert (state.root, state.common_dir) == (str(repository), str(repository / ".git"))
    assert state.commit == git(repository, "rev-parse", "HEAD")
    assert (state.branch, state.remote, state.tree) == ("main", "https://host.example/team/code.git", None)


def test_an_empty_repository_has_no_commit_and_a_branch(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    state = GitCodeRepository().state(tmp_path)

    assert state is not None
    assert (state.commit, state.branch, state.remote) == (None, "main", None)


def test_a_detached_head_has_no_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    state = GitCodeRepository().state(repository)

    assert state is not None
    assert state.commit is not None
    assert state.branch is None


def test_a_linked_worktree_shares_its_common_dir(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "linked" / "new.py").write_text("new\n")
    state = GitCodeRepository().state(tmp_path / "linked", with_tree=True)

    assert state is not None
    assert state.tree is not None
    assert state.root == str(tmp_path / "linked")
    assert state.common_dir == str(repository / ".git")
    assert "new.py" in git(repository, "ls-tree", "--name-only", state.tree)


def test_the_tree_of_a_clean_work_tree_is_that_of_its_commit(repository: Path) -> None:
    assert tree(repository) == git(repository, "rev-parse", "HEAD^{tree}")


def test_the_tree_holds_the_work_tree_as_it_is(repository: Path) -> None:
    (repository / "a.py").write_text("two\n")
    (repository / ".gitignore").unlink()
    (repository / "über -rf\nline.py").write_text("new\n")
    (repository / "run").write_text("#!/bin/sh\n")
    (repository / "run").chmod(0o755)
    (repository / "link").symlink_to("/etc/passwd")
    os.mkfifo(repository / "pipe")
    made = tree(repository)

    assert git(repository, "show", f"{made}:a.py") == "two"
    assert git(repository, "show", f"{made}:link") == "/etc/passwd"
    listed = subprocess.run(["git", "-C", repository, "ls-tree", "-rz", made], capture_output=True, check=True).stdout
    entries = {line.split(b"\t")[1]: line[:6] for line in listed.split(b"\0") if line}
    assert entries == {
        b"a.py": b"100644",
        "über -rf\nline.py".encode(): b"100644",
        b"run": b"100755",
        b"link": b"120000",
    }


def test_a_file_that_became_a_folder_and_a_folder_that_became_a_link(repository: Path, tmp_path: Path) -> None:
    (repository / "a.py").unlink()
    (repository / "a.py").mkdir()
    (repository / "a.py" / "b.py").write_text("x\n")
    assert names(repository) == [".gitignore", "a.py/b.py"]

    git(repository, "add", "-A")
    (repository / "a.py").rename(tmp_path / "elsewhere")
    (repository / "a.py").symlink_to(tmp_path / "elsewhere")
    assert names(repository) == [".gitignore", "a.py"]


def test_a_change_of_equal_size_within_the_tick_of_the_index_is_seen(repository: Path) -> None:
    for word in ("two\n", "six\n", "ten\n"):
        (repository / "a.py").write_text(word)
        git(repository, "add", "a.py")
        (repository / "a.py").write_text("now\n")
        assert git(repository, "show", f"{tree(repository)}:a.py") == "now"


def test_asking_for_a_tree_writes_no_ref_no_index_and_few_objects(repository: Path) -> None:
    (repository / "a.py").write_text("two\n")
    before = {p: p.read_bytes() for p in (repository / ".git").rglob("*") if p.is_file()}
    tree(repository)
    after = {p: p.read_bytes() for p in (repository / ".git").rglob("*") if p.is_file()}

    assert {p: after[p] for p in before} == before
    new = [p.relative_to(repository / ".git") for p in after.keys() - before.keys()]
    assert len(new) == 2
    assert all(p.parts[0] == "objects" for p in new)


def test_the_tree_survives_until_a_close_hours_later(repository: Path) -> None:
    (repository / "a.py").write_text("two\n")
    made = tree(repository)
    (repository / "a.py").write_text("three\n")
    git(repository, "commit", "-qam", "three")
    git(repository, "gc", "-q")

    assert git(repository, "show", f"{made}:a.py") == "two"


def test_files_too_large_are_left_as_the_index_has_them(repository: Path) -> None:
    (repository / "a.py").write_text("x" * 1_000_001)
    (repository / "new.bin").write_bytes(bytes(1_000_001))

    assert tree(repository) == git(repository, "rev-parse", "HEAD^{tree}")


def test_a_repository_we_may_not_write_to_has_a_state_without_tree(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "a.py").write_text("two\n")
    objects = repository / ".git" / "objects"
    objects.rename(repository / ".git" / "real")
    objects.symlink_to("real")
    (repository / ".git" / "real" / "pack").rmdir()
    (repository / ".git" / "real" / "pack").write_text("in the way")
    state = GitCodeRepository().state(repository, with_tree=True)

    assert state is not None
    assert state.commit is not None
    assert state.tree is None


def test_nothing_a_hostile_repository_names_is_run(repository: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    program.chmod(0o755)
    (repository / ".gitattributes").write_text("* filter=evil diff=evil\n")
    for name in (
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.command",
        "diff.evil.textconv",
        "diff.external",
        "core.fsmonitor",
    ):
        git(repository, "config", name, str(program))
    git(repository, "config", "filter.evil.required", "true")
    (repository / "a.py").write_text("six\n")

    made = tree(repository)
    assert not marker.exists()
    assert Git(repository).text("cat-file", "blob", f"{made}:a.py") == "six"


def test_a_config_that_moves_the_work_tree_elsewhere_is_refused(repository: Path, tmp_path: Path) -> None:
    git(repository, "config", "core.worktree", str(tmp_path))

    assert GitCodeRepository().state(repository) is None


def test_a_submodule_is_left_as_it_stands(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "other")
    git(tmp_path / "other", "commit", "-q", "--allow-empty", "-m", "x")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "other"))
    git(repository, "commit", "-qm", "with submodule")
    (repository / "other" / "new.py").write_text("x\n")
    inside = GitCodeRepository().state(repository / "other")

    assert tree(repository) == git(repository, "rev-parse", "HEAD^{tree}")
    assert inside is not None
    assert inside.root == str(repository / "other")


def test_a_repository_of_sha256_names_has_a_tree(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256")
    (tmp_path / "a.py").write_text("x\n")
    git(tmp_path, "add", "-A")
    (tmp_path / "a.py").rename(tmp_path / "b.py")

    assert names(tmp_path) == ["b.py"]


def test_a_split_index_is_read_whole(repository: Path) -> None:
    git(repository, "update-index", "--split-index")
    (repository / "b.py").write_text("x\n")

    assert names(repository) == [".gitignore", "a.py", "b.py"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host/x.git", "https://host/x.git"),
        ("https://user:pa@ss@host/x.git", "https://host/x.git"),
        ("https://host/@scope/x?token=secret#secret", "https://host/@scope/x"),
        ("ssh://git@host:22/x", "ssh://host:22/x"),
        ("git@host:team/x.git", "host:team/x.git"),
        ("/srv/git/a@b.git", "/srv/git/a@b.git"),
        ("helper::https://me:token@host/x", "helper::https://host/x"),
    ],
)
def test_credentials_are_taken_out_of_a_remote(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
