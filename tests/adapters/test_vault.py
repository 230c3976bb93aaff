"""The vault on real git: a person's repository stays theirs, and no crash or race loses a commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agent.adapters.vault import GitVault
from agent.domain.session import SessionKey
from agent.errors import CloserError, VaultError, VaultMoved
from tests.adapters.child import output, start
from tests.contracts.vault_contract import MESSAGE, NOTE, OTHER, VaultContract


def person(root: Path, *arguments: str, **more: Any) -> str:
    """Git as a person runs it."""
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    ran = subprocess.run(["git", *who, *arguments], cwd=root, capture_output=True, text=True, check=True, **more)
    return ran.stdout


def sound(root: Path) -> bool:
    """Whether git finds every object whole and nothing but harmless leftovers."""
    return subprocess.run(["git", "fsck", "--full", "--strict"], cwd=root, capture_output=True).returncode == 0


def clean(root: Path) -> bool:
    return person(root, "status", "--porcelain", "--untracked-files=all") == ""


def notes(count: int, text: bytes = b"x") -> dict[str, bytes | None]:
    return {f"fragments/{n:03}.md": text for n in range(count)}


class TestOwn(VaultContract):
    @pytest.fixture
    def vault(self, tmp_path: Path) -> GitVault:
        return GitVault.create(tmp_path / "vault")


class TestLinkedWorkTree(VaultContract):
    @pytest.fixture
    def vault(self, tmp_path: Path) -> GitVault:
        """On an orphan branch of a work tree whose `.git` is a file."""
        main, root = tmp_path / "main", tmp_path / "vault"
        person(tmp_path, "init", "-q", str(main))
        person(main, "commit", "-q", "--allow-empty", "-m", "Code")
        person(main, "worktree", "add", "-q", "--detach", str(root))
        person(root, "checkout", "-q", "--orphan", "notes")
        return GitVault.create(root)


@pytest.fixture
def vault(tmp_path: Path) -> GitVault:
    return GitVault.create(tmp_path / "vault")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A person's repository, with work under way."""
    root = tmp_path / "theirs"
    person(tmp_path, "init", "-q", "-b", "trunk", str(root))
    for name in ("README.md", "staged.md", "changed.md"):
        (root / name).write_text("first\n")
    person(root, "add", ".")
    person(root, "commit", "-q", "-m", "Mine")
    (root / "staged.md").write_text("staged\n")
    person(root, "add", "staged.md")
    (root / "changed.md").write_text("changed\n")
    (root / "new.md").write_text("untracked\n")
    return root


def commit_and_check_out(vault: GitVault, files: dict[str, bytes | None]) -> list[str]:
    previous = vault.read(list(files))
    vault.commit(files, MESSAGE, vault.head())
    return vault.checkout(files, previous)


# ---------------------------------------------------------------- a person's repository


def test_a_folder_that_is_no_repository_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(VaultError) as refused:
        GitVault(tmp_path)

    assert "closer init" in refused.value.hint


def test_making_a_vault_twice_keeps_the_first(vault: GitVault) -> None:
    head = vault.commit(notes(1), MESSAGE, None)

    assert GitVault.create(vault.root).head() == head


def test_after_a_checkout_status_is_clean(vault: GitVault) -> None:
    commit_and_check_out(vault, notes(200))
    commit_and_check_out(vault, {**notes(100, b"y"), "fragments/150.md": None, "MEMORY.md": b"m"})

    assert clean(vault.root)
    assert sound(vault.root)


def test_a_commit_makes_no_ref_but_the_branch(vault: GitVault) -> None:
    commit_and_check_out(vault, notes(3))

    assert person(vault.root, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main"]


def test_work_under_way_in_an_adopted_repository_stays_as_it_was(theirs: Path) -> None:
    before = person(theirs, "status", "--porcelain")
    vault = GitVault.create(theirs)

    commit_and_check_out(vault, {NOTE: b"one", OTHER: b"two"})

    assert person(theirs, "status", "--porcelain") == before
    assert person(theirs, "show", "--format=%an", "--name-only", "HEAD").split() == ["closer", NOTE, OTHER]
    assert vault.branch == "refs/heads/trunk"
    assert (theirs / "changed.md").read_text() == "changed\n"


def test_a_note_kept_for_a_person_shows_as_their_change_alone(vault: GitVault) -> None:
    commit_and_check_out(vault, {NOTE: b"one\n"})
    (vault.root / NOTE).write_bytes(b"mine\n")

    assert commit_and_check_out(vault, {NOTE: b"two\n"}) == [NOTE]
    assert person(vault.root, "status", "--porcelain") == f" M {NOTE}\n"


def test_a_note_a_person_has_staged_stays_staged(vault: GitVault) -> None:
    commit_and_check_out(vault, {NOTE: b"one\n", OTHER: b"x\n"})
    (vault.root / NOTE).write_bytes(b"mine\n")
    person(vault.root, "add", NOTE)

    assert commit_and_check_out(vault, {NOTE: b"two\n", OTHER: b"y\n"}) == [NOTE]
    assert person(vault.root, "status", "--porcelain") == f"M  {NOTE}\n"
    assert person(vault.root, "show", f":{NOTE}") == "mine\n"


def test_nothing_in_a_repositorys_configuration_is_run(theirs: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\necho $0 $* of: >> {ran}\ntr '\\000' ' ' < /proc/$PPID/cmdline >> {ran}\ncat\n")
    script.chmod(0o755)
    for hook in ("pre-commit", "post-commit", "reference-transaction", "post-index-change", "post-checkout"):
        (theirs / ".git" / "hooks" / hook).symlink_to(script)
    (theirs / ".gitattributes").write_text("*.md filter=evil diff=evil text=auto eol=crlf\nREADME.md filter=a=b\n")
    for setting in (
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "filter.a=b.clean",
        "diff.evil.textconv",
    ):
        person(theirs, "config", setting, str(script))
    for setting in ("core.fsmonitor", "gpg.program", "core.editor", "core.pager"):
        person(theirs, "config", setting, str(script))
    for setting in ("commit.gpgSign", "filter.evil.required", "core.autocrlf"):
        person(theirs, "config", setting, "true")
    vault = GitVault.create(theirs)

    commit_and_check_out(vault, {NOTE: b"one\r\n", OTHER: b"two\n"})
    commit_and_check_out(vault, {NOTE: b"three\n", OTHER: None})
    vault.edited([NOTE])
    list(vault.changes(None, str(vault.head())))
    vault.commits_of(SessionKey("cli", "s1"))
    assert vault.id

    assert not ran.exists(), ran.read_text()
    assert vault.read([NOTE]) == {NOTE: b"three\n"}


def test_variables_of_an_outer_git_lead_nowhere(vault: GitVault, theirs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(theirs / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(theirs / ".git" / "index"))
    before = (theirs / ".git" / "index").read_bytes()

    commit_and_check_out(vault, {NOTE: b"one"})

    assert (theirs / ".git" / "index").read_bytes() == before
    monkeypatch.undo()
    assert person(theirs, "log", "--format=%s").strip() == "Mine"


@pytest.mark.parametrize("where", ["fragments", "fragments/fact", "fragments/fact/2024/05/01"])
def test_a_folder_that_is_a_link_is_refused_before_anything_is_done(
    vault: GitVault, tmp_path: Path, where: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (vault.root / where).parent.mkdir(parents=True, exist_ok=True)
    (vault.root / where).symlink_to(outside)

    with pytest.raises(VaultError, match="symbolic link"):
        vault.commit({NOTE: b"one"}, MESSAGE, None)
    assert vault.head() is None
    assert list(outside.iterdir()) == []


def test_a_link_made_after_the_commit_is_not_followed(vault: GitVault, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "fact/2024/05/01").mkdir(parents=True)
    (outside / NOTE.removeprefix("fragments/")).write_bytes(b"theirs")
    vault.commit({NOTE: b"one"}, MESSAGE, None)
    (vault.root / "fragments").symlink_to(outside)

    assert vault.checkout({NOTE: b"one"}, {NOTE: b"theirs"}) == [NOTE]
    with pytest.raises(VaultError):
        vault.checkout({"fragments/new/x.md": b"one"}, {})
    vault.checkout({NOTE: None}, {NOTE: b"theirs"})
    assert vault.edited([NOTE]) == {}
    assert (outside / NOTE.removeprefix("fragments/")).read_bytes() == b"theirs"


def test_a_note_that_is_a_link_is_a_persons(vault: GitVault, tmp_path: Path) -> None:
    commit_and_check_out(vault, {"a.md": b"one", "b.md": b"one"})
    elsewhere = tmp_path / "elsewhere.md"
    elsewhere.write_bytes(b"one")
    for name in ("a.md", "b.md"):
        (vault.root / name).unlink()
        (vault.root / name).symlink_to(elsewhere)

    assert commit_and_check_out(vault, {"a.md": b"two", "b.md": None}) == ["a.md", "b.md"]
    assert elsewhere.read_bytes() == b"one"
    assert (vault.root / "a.md").is_symlink()
    assert (vault.root / "b.md").is_symlink()
    assert vault.edited(["a.md", "b.md"]) == {}


def test_a_folder_where_a_note_goes_is_a_persons(vault: GitVault) -> None:
    (vault.root / "a.md").mkdir()
    (vault.root / "a.md" / "mine").write_bytes(b"x")

    assert commit_and_check_out(vault, {"a.md": b"one"}) == ["a.md"]
    assert (vault.root / "a.md" / "mine").read_bytes() == b"x"


def test_a_file_where_a_folder_goes_is_refused_before_anything_is_done(vault: GitVault) -> None:
    head = vault.commit({"fragments": b"my file"}, "Mine", None)
    vault.checkout({"fragments": b"my file"}, {})

    with pytest.raises(VaultError, match="is a file"):
        vault.commit({NOTE: b"one"}, MESSAGE, head)
    assert vault.head() == head


def test_links_and_submodules_are_no_notes(vault: GitVault) -> None:
    first = vault.commit({"a.md": b"one"}, MESSAGE, None)
    vault.checkout({"a.md": b"one"}, {})
    (vault.root / "link.md").symlink_to("a.md")
    person(vault.root, "add", "link.md")
    person(vault.root, "update-index", "--add", "--cacheinfo", f"160000,{first},sub.md")
    person(vault.root, "commit", "-q", "-m", "Mine")

    found = {c.path: c.content for c in vault.changes(None, str(vault.head()))}

    assert found == {"a.md": b"one", "link.md": None, "sub.md": None}


def test_a_detached_head_is_refused_with_the_way_out(vault: GitVault) -> None:
    head = vault.commit({NOTE: b"one"}, MESSAGE, None)
    person(vault.root, "checkout", "-q", "--detach", head)

    for opened in (vault, GitVault(vault.root)):
        with pytest.raises(VaultError, match="detached HEAD") as refused:
            opened.commit({NOTE: b"two"}, MESSAGE, head)
        assert "check out a branch" in refused.value.hint


def test_a_branch_checked_out_meanwhile_is_the_one_written_to(vault: GitVault) -> None:
    first = vault.commit({NOTE: b"one"}, MESSAGE, None)
    vault.checkout({NOTE: b"one"}, {})
    person(vault.root, "checkout", "-q", "-b", "feature")

    second = vault.commit({NOTE: b"two"}, MESSAGE, first)

    assert vault.branch == "refs/heads/feature"
    assert person(vault.root, "rev-parse", "main", "feature").split() == [first, second]


def test_a_packed_branch_can_be_committed_to(vault: GitVault) -> None:
    first = vault.commit({NOTE: b"one"}, MESSAGE, None)
    person(vault.root, "pack-refs", "--all")

    second = GitVault(vault.root).commit({NOTE: b"two"}, MESSAGE, first)

    assert vault.head() == second


def test_a_person_who_commits_meanwhile_is_not_overwritten(vault: GitVault) -> None:
    head = vault.commit({NOTE: b"one"}, MESSAGE, None)
    vault.checkout({NOTE: b"one"}, {})
    (vault.root / "mine.md").write_bytes(b"mine")
    person(vault.root, "add", "mine.md")
    person(vault.root, "commit", "-q", "-m", "Mine")

    with pytest.raises(VaultMoved):
        vault.commit({OTHER: b"two"}, MESSAGE, head)
    commit_and_check_out(vault, {OTHER: b"two"})
    assert vault.read(["mine.md", OTHER]) == {"mine.md": b"mine", OTHER: b"two"}
    assert clean(vault.root)


def test_clones_are_the_same_vault_and_others_are_not(vault: GitVault, tmp_path: Path) -> None:
    vault.commit({NOTE: b"one"}, MESSAGE, None)
    person(tmp_path, "clone", "-q", str(vault.root), "clone")
    other = GitVault.create(tmp_path / "other")
    other.commit({NOTE: b"other"}, MESSAGE, None)

    assert GitVault(tmp_path / "clone").id == vault.id != other.id


def test_a_vault_keeps_its_id_as_it_grows(vault: GitVault) -> None:
    head = vault.commit({NOTE: b"one"}, MESSAGE, None)
    first = vault.id
    vault.commit({NOTE: b"two"}, MESSAGE, head)

    assert GitVault(vault.root).id == vault.id == first == head[:8]


def test_a_repository_of_longer_hashes_is_a_vault_too(tmp_path: Path) -> None:
    person(tmp_path, "init", "-q", "--object-format=sha256", "vault")
    vault = GitVault.create(tmp_path / "vault")

    commit_and_check_out(vault, {NOTE: b"one", OTHER: b"x"})
    commit_and_check_out(vault, {NOTE: b"two", OTHER: None})

    assert len(str(vault.head())) == 64
    assert vault.read([NOTE, OTHER]) == {NOTE: b"two"}
    assert clean(vault.root)


# ---------------------------------------------------------------- locks


def test_a_branch_that_is_locked_is_told_with_the_way_out(vault: GitVault) -> None:
    head = vault.commit({NOTE: b"one"}, MESSAGE, None)
    lock = vault.root / ".git" / "refs" / "heads" / "main.lock"
    lock.touch()

    with pytest.raises(VaultError, match=r"main\.lock") as refused:
        vault.commit({NOTE: b"two"}, MESSAGE, head)
    assert "remove that file" in refused.value.hint
    assert vault.head() == head
    assert lock.exists()


@pytest.mark.parametrize("name", ["refs/heads/main.lock", "HEAD.lock"])
def test_a_lock_left_by_the_dead_is_broken(vault: GitVault, name: str) -> None:
    head = vault.commit({NOTE: b"one"}, MESSAGE, None)
    lock = vault.root / ".git" / name
    lock.touch()
    os.utime(lock, (1_000_000_000, 1_000_000_000))

    second = vault.commit({NOTE: b"two"}, MESSAGE, head)

    assert vault.head() == second
    assert not lock.exists()


def test_an_index_in_use_is_left_alone_and_the_files_are_there(vault: GitVault) -> None:
    commit_and_check_out(vault, {NOTE: b"one"})
    lock = vault.root / ".git" / "index.lock"
    lock.touch()

    assert commit_and_check_out(vault, {NOTE: b"two"}) == []
    assert (vault.root / NOTE).read_bytes() == b"two"
    assert lock.exists()


# ---------------------------------------------------------------- many at once, crashes, a full disk

WRITER = """
    import sys
    from pathlib import Path
    from agent.adapters.vault import GitVault
    from agent.errors import VaultMoved

    root, name = Path(sys.argv[1]), sys.argv[2]
    vault = GitVault(root)
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(25):
        while True:
            try:
                commit = vault.commit({f"fragments/{name}{n}.md": name.encode()}, f"{name}{n}", vault.head())
            except VaultMoved:
                continue
            break
        print(commit, flush=True)
"""


def test_two_processes_commit_without_losing_one(vault: GitVault) -> None:
    base = vault.commit({"README.md": b"x"}, "Begin", None)
    vault.checkout({"README.md": b"x"}, {})
    writers = [start(WRITER, vault.root, name) for name in "ab"]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    told = [writer.communicate("go\n", timeout=120) for writer in writers]

    acked = [commit for out, _ in told for commit in out.split()]
    assert [err for _, err in told] == ["", ""]
    assert len(set(acked)) == 50
    assert set(person(vault.root, "rev-list", f"{base}..main").split()) == set(acked)
    files = {c.path: c.content for c in vault.changes(base, str(vault.head()))}
    assert files == {f"fragments/{name}{n}.md": name.encode() for name in "ab" for n in range(25)}
    vault.checkout(files, {})
    assert clean(vault.root)
    assert sound(vault.root)


KILLED = """
    import os, random, signal, sys
    from pathlib import Path
    from agent.adapters.git import Git
    from agent.adapters.vault import GitVault
    from agent.errors import VaultMoved

    root, acked = Path(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
    begin = Git._start

    def closing(life: int, fatal: int) -> None:
        calls = 0

        def doomed(self, *arguments, **options):
            nonlocal calls
            calls += 1
            if calls == fatal and life % 3 == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            process = begin(self, *arguments, **options)
            if calls == fatal:
                for _ in range(random.Random(life).randrange(200_000)):
                    pass
                if life % 3 == 1:
                    os.killpg(process.pid, signal.SIGKILL)
                os.kill(os.getpid(), signal.SIGKILL)
            return process

        Git._start = doomed
        vault = GitVault(root)
        for n in range(100):
            path = f"fragments/{life}-{n}.md"
            while True:
                try:
                    vault.commit({path: b"x" * 500, "MEMORY.md": path.encode()}, path, vault.head())
                    break
                except VaultMoved:  # by the git of the life before, which outlived it
                    continue
            os.write(acked, (path + "\\n").encode())
            vault.checkout({path: b"x" * 500}, {})

    for life in range(15):
        child = os.fork()
        if child == 0:
            closing(life, life + 2)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        for lock in (root / ".git").rglob("*.lock"):
            os.utime(lock, (1_000_000_000, 1_000_000_000))
        (root / ".git" / "index.lock").unlink(missing_ok=True)
"""


def test_no_kill_loses_an_acknowledged_commit_or_blocks_the_next(vault: GitVault, tmp_path: Path) -> None:
    acked = tmp_path / "acked"
    acked.touch()
    vault.commit({"README.md": b"x"}, "Begin", None)

    output(KILLED, vault.root, acked)

    paths = acked.read_text().split()
    assert len(paths) >= 15
    assert set(vault.read(paths)) == set(paths)
    assert sound(vault.root)
    subjects = person(vault.root, "log", "--format=%s").split()
    assert len(subjects) == len(set(subjects))
    commit_and_check_out(vault, {NOTE: b"after"})
    assert vault.read([NOTE]) == {NOTE: b"after"}


FULL_DISK = """
    import os, resource, sys
    from pathlib import Path
    from agent.adapters.vault import GitVault
    from agent.errors import CloserError

    vault = GitVault(Path(sys.argv[1]))
    head, content = vault.head(), os.urandom(400_000)
    committed = vault.commit({"large.md": content}, "Large", head) if sys.argv[2] == "checkout" else None
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    try:
        if committed:
            vault.checkout({"large.md": content}, {"large.md": b"small"})
        else:
            vault.commit({"large.md": content}, "Large", head)
    except CloserError as error:
        print("told:", error.message)
"""


def test_a_disk_that_is_full_at_the_commit_leaves_the_head_whole(vault: GitVault) -> None:
    commit_and_check_out(vault, {"large.md": b"small"})
    head = vault.head()

    assert output(FULL_DISK, vault.root, "commit").startswith("told:")
    assert vault.head() == head
    assert sound(vault.root)
    assert clean(vault.root)
    commit_and_check_out(vault, {"large.md": b"x" * 400_000})
    assert clean(vault.root)


def test_a_disk_that_is_full_at_the_checkout_leaves_the_old_file_whole(vault: GitVault) -> None:
    commit_and_check_out(vault, {"large.md": b"small"})

    assert "committed, but the work tree is behind" in output(FULL_DISK, vault.root, "checkout")
    assert (vault.root / "large.md").read_bytes() == b"small"
    assert sorted(p.name for p in vault.root.iterdir()) == [".git", "large.md"]
    assert len(vault.read(["large.md"])["large.md"]) == 400_000


def test_a_move_that_landed_is_never_reported_as_failed(vault: GitVault, monkeypatch: pytest.MonkeyPatch) -> None:
    head = vault.commit({NOTE: b"one"}, MESSAGE, None)
    run = vault._git.run

    def broken(*arguments: str, **options: Any) -> Any:
        ran = run(*arguments, **options)
        if arguments[0] == "update-ref":
            run("update-ref", "refs/heads/main", head, "0" * 40, **options)  # fails, as after a lost answer
        return ran

    monkeypatch.setattr(vault._git, "run", broken)

    second = vault.commit({NOTE: b"two"}, MESSAGE, head)

    assert vault.head() == second


def test_a_git_that_fails_is_an_error_we_can_explain(vault: GitVault) -> None:
    with pytest.raises(CloserError):
        vault.commit({NOTE: b"one"}, MESSAGE, "0123456789" * 4)
    assert vault.head() is None
