"""The scan of what a session changed, with real git and the real bandit."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from agent.adapters.bandit_process import issues
from agent.adapters.bandit_scanner import BanditScanner
from agent.adapters.code_repository import GitCodeRepository
from agent.domain.scan import ScanReport

DANGER = "import subprocess\nsubprocess.call(command, shell=True)\n"
SHELL = "B602"


class Session:
    """A repository in which a session runs: what is there when it starts, what it changes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.commit: str | None = None
        self.tree: str | None = None
        root.mkdir()
        self.git("init", "-q")

    def git(self, *args: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
        command = ["git", "-C", str(self.root), *who, *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, **files: str | bytes) -> None:
        for name, content in files.items():
            self.put(name.replace("__", "."), content)

    def put(self, name: str, content: str | bytes) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def save(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "save")

    def start(self) -> None:
        state = GitCodeRepository().state(self.root, with_tree=True)
        assert state is not None
        self.commit, self.tree = state.commit, state.tree

    def scan(self, seconds: float = 30.0) -> ScanReport:
        return BanditScanner(seconds).scan(self.root, self.commit, self.tree)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = Session(tmp_path / "code")
    session.write(old__py="import os\n", notes__md="notes\n")
    session.save()
    session.start()
    return session


def rules(report: ScanReport) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_a_session_that_changed_nothing_is_skipped(session: Session) -> None:
    assert session.scan() == ScanReport("skipped", "no code changed")


def test_documents_and_data_are_no_code(session: Session) -> None:
    for name in ("a.md", "b.json", "c.txt", "d.yaml", "LICENSE", "picture.png"):
        session.put(name, "changed\n")

    assert session.scan() == ScanReport("skipped", "no code changed")


def test_a_folder_without_repository_is_skipped(tmp_path: Path) -> None:
    assert BanditScanner().scan(tmp_path, None, None) == ScanReport("skipped", "not a git repository")


def test_a_folder_that_is_gone_is_skipped(tmp_path: Path) -> None:
    assert BanditScanner().scan(tmp_path / "gone", None, None).verdict == "skipped"


def test_other_languages_are_named_as_not_scanned(session: Session) -> None:
    session.write(app__ts="x", main__go="x")
    session.put("run", "#!/bin/sh\nls\n")

    report = session.scan()
    assert (report.verdict, report.reason) == ("not scanned", "not Python")
    assert report.unscanned == tuple((name, "not scanned: not Python") for name in ("app.ts", "main.go", "run"))


def test_a_clean_change_is_clean(session: Session) -> None:
    session.write(old__py="import os\nprint(os.name)\n")

    assert session.scan() == ScanReport("clean", scanned=("old.py",))


def test_every_line_of_an_untracked_file_is_new(session: Session) -> None:
    session.write(new__py=DANGER)

    report = session.scan()
    assert (report.verdict, report.scanned) == ("findings", ("new.py",))
    assert SHELL in {finding.rule for finding in report.new}
    assert report.old == ()


def test_ignored_files_are_not_scanned(session: Session) -> None:
    session.write(__gitignore="build/\n")
    session.put("build/x.py", DANGER)

    assert session.scan().verdict == "skipped"


def test_a_python_script_without_suffix_is_scanned(session: Session) -> None:
    session.put("tool", "#!/usr/bin/env python3\n" + DANGER)

    assert session.scan().scanned == ("tool",)


def test_a_finding_on_an_old_line_is_told_from_one_on_a_changed_line(session: Session) -> None:
    session.write(app__py=DANGER)
    session.save()
    session.start()
    session.write(app__py="\n\n" + DANGER + "\nsubprocess.call(other, shell=True)\n")

    report = session.scan()
    assert [(f.line, f.rule) for f in report.new if f.rule == SHELL] == [(6, SHELL)]
    assert [(f.line, f.rule) for f in report.old if f.rule == SHELL] == [(4, SHELL)]


def test_a_changed_line_inside_a_long_statement_makes_its_finding_new(session: Session) -> None:
    session.write(app__py="import subprocess\nsubprocess.call(\n    one,\n    shell=True,\n)\n")
    session.save()
    session.start()
    session.write(app__py="import subprocess\nsubprocess.call(\n    two,\n    shell=True,\n)\n")

    assert SHELL in {finding.rule for finding in session.scan().new}


def test_what_was_dirty_before_the_session_is_not_its_doing(session: Session) -> None:
    session.write(old__py=DANGER, untracked__py=DANGER)
    session.start()
    assert session.scan() == ScanReport("skipped", "no code changed")

    session.write(old__py=DANGER + "print()\n")
    report = session.scan()
    assert report.scanned == ("old.py",)
    assert report.new == ()
    assert SHELL in {finding.rule for finding in report.old}


def test_what_the_session_committed_is_scanned(session: Session) -> None:
    session.write(new__py=DANGER)
    session.save()

    assert session.scan().scanned == ("new.py",)


def test_a_pure_rename_is_not_scanned_and_a_deletion_is_dropped(session: Session) -> None:
    session.write(app__py=DANGER, other__py="x = 1\n")
    session.save()
    session.start()
    session.git("mv", "app.py", "renamed.py")
    (session.root / "other.py").unlink()

    assert session.scan() == ScanReport("skipped", "no code changed")


def test_a_rename_with_a_change_is_compared_with_the_old_file(session: Session) -> None:
    session.write(app__py=DANGER + "".join(f"x{n} = {n}\n" for n in range(30)))
    session.save()
    session.start()
    session.git("mv", "app.py", "renamed.py")
    with (session.root / "renamed.py").open("a") as file:
        file.write("y = 1\n")

    report = session.scan()
    assert report.scanned == ("renamed.py",)
    assert report.new == ()


@pytest.mark.parametrize("name", ["-rf.py", "über/naïve.py", "a b\nc.py", "--ini=x.py", "bandit.py", '"q".py'])
def test_any_name_is_scanned(session: Session, name: str) -> None:
    session.put(name, DANGER)

    assert session.scan().scanned == (name,)


def test_a_name_that_is_no_utf8_is_scanned_and_can_be_written_down(session: Session) -> None:
    Path(os.fsdecode(os.fsencode(session.root) + b"/caf\xe9.py")).write_text(DANGER)

    assert session.scan().scanned == ("caf\ufffd.py",)


def test_code_in_place_of_binary_content_is_new(session: Session) -> None:
    session.write(app__py=b"\0\0\0")
    session.save()
    session.start()
    session.write(app__py=DANGER)

    assert SHELL in {finding.rule for finding in session.scan().new}


def test_nosec_is_told_apart_and_not_hidden(session: Session) -> None:
    session.write(
        app__py="import subprocess  # nosec\n"
        "subprocess.call(one, shell=True)  # nosec: B602\n"
        "subprocess.call(two, shell=True)  # nosec: B101\n"
        "subprocess.call(three, shell='# nosec')\n"
    )
    report = session.scan()

    shell = {finding.line: finding.suppressed for finding in report.findings if finding.rule == SHELL}
    assert shell == {2: True, 3: False, 4: False}
    assert [f.suppressed for f in report.findings if f.rule == "B404"] == [True]


def test_a_finding_repeats_no_secret(session: Session) -> None:
    session.write(app__py="password = 'hunter2'\nimport os\nos.chmod('/secret/place', 0o777)\n")
    report = session.scan()

    assert {"B105", "B103"} <= rules(report)
    assert not any("hunter2" in f.text or "/secret/place" in f.text for f in report.findings)
    assert all(f.text for f in report.findings)


def test_hostile_settings_for_bandit_are_not_read(session: Session) -> None:
    settings = "skips: [B602, B404]\nexclude_dirs: ['.']\n"
    for name in (".bandit", "bandit.yaml"):
        session.put(name, "[bandit]\nskips: B602,B404\nexclude: /,app.py\n" + settings)
    session.put("pyproject.toml", "[tool.bandit]\nskips = ['B602', 'B404']\nexclude_dirs = ['.']\n")
    session.put("setup.cfg", "[bandit]\nskips: B602,B404\n")
    session.write(app__py=DANGER)

    assert {SHELL, "B404"} <= rules(session.scan())


def test_hostile_git_settings_run_nothing(session: Session, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for name in ("filter.x.clean", "filter.x.process", "diff.x.command", "diff.x.textconv", "diff.external"):
        session.git("config", name, f"touch {marker}; cat")
    session.put(".gitattributes", "*.py filter=x diff=x -text\n*.py binary\n")
    session.write(old__py="import os\n" + DANGER)

    report = session.scan()
    assert SHELL in {finding.rule for finding in report.new}
    assert not marker.exists()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def (:\n", "can't be parsed: SyntaxError"),
        ("x = 1\0\n", "can't be parsed: SyntaxError"),
        ("x = " + "-" * 100_000 + "1\n", "can't be parsed: MemoryError"),
        ("x = " + "1 + " * 50_000 + "1\n", "can't be parsed: RecursionError"),
        ("x = [" + "'a'," * 3_001 + "]\n", "a literal with more than 3000 items"),
        ("x = {" + "".join(f"{n}: 1," for n in range(3_001)) + "}\n", "a literal with more than 3000 items"),
        ("x = 1\n" * 100_000, "larger than 500 kB"),
        ("x = 1\n" * 200_000, "larger than 1000 kB"),
    ],
)
def test_what_bandit_had_better_not_read_is_named(session: Session, source: str, reason: str) -> None:
    session.write(app__py=source)

    report = session.scan()
    assert (report.verdict, report.unscanned) == ("not scanned", (("app.py", reason),))


def test_one_unreadable_file_does_not_hide_the_others(session: Session) -> None:
    session.write(app__py=DANGER, broken__py="def (:\n", fine__py="x = 1\n")

    report = session.scan()
    assert (report.verdict, report.scanned) == ("findings", ("app.py", "fine.py"))
    assert report.unscanned == (("broken.py", "can't be parsed: SyntaxError"),)


def test_links_and_submodules_and_nested_repositories_are_not_followed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text(DANGER)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside.py").write_text(DANGER)
    (session.root / "link.py").symlink_to(tmp_path / "outside.py")
    (session.root / "linked").symlink_to(tmp_path / "folder")
    nested = Session(session.root / "nested")
    nested.write(app__py=DANGER)

    report = session.scan()
    assert (report.verdict, report.scanned) == ("not scanned", ())
    assert report.unscanned == (
        ("link.py", "symbolic link, not followed"),
        ("linked", "symbolic link, not followed"),
        ("nested/", "another repository, not followed"),
    )


def test_files_beyond_the_limit_are_named(session: Session) -> None:
    for number in range(202):
        session.put(f"m{number:03}.py", "x = 1\n")

    report = session.scan()
    assert (report.verdict, len(report.scanned)) == ("clean", 200)
    assert report.unscanned == (("m200.py", "too many files"), ("m201.py", "too many files"))


def test_without_time_nothing_is_scanned_and_that_is_said(session: Session) -> None:
    session.write(app__py=DANGER)
    started = time.monotonic()
    report = session.scan(seconds=0.01)

    assert (report.verdict, report.unscanned) == ("not scanned", (("app.py", "time limit"),))
    assert time.monotonic() - started < 5


def test_a_file_that_holds_up_bandit_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(("x = (" + "'a' + " * 900 + "'b')\n") * 20)
    (tmp_path / "fine.py").write_text(DANGER)
    answers = issues(tmp_path, ["slow.py", "fine.py"], 6.0)

    assert answers["slow.py"] == "time limit"
    assert not isinstance(answers["fine.py"], str)


def test_without_start_tree_the_comparison_is_approximate(session: Session) -> None:
    session.write(app__py=DANGER)
    session.tree = None
    report = session.scan()

    assert report.verdict == "findings"
    assert report.reason.startswith("approximate: ")


def test_without_any_start_it_is_compared_with_head(session: Session) -> None:
    session.commit = session.tree = None
    assert session.scan().reason == ("no code changed; approximate: no start commit, compared with HEAD")


def test_without_any_start_unpushed_commits_count_as_the_sessions(session: Session, tmp_path: Path) -> None:
    session.git("clone", "-q", "--bare", str(session.root), str(tmp_path / "remote"))
    session.git("remote", "add", "origin", str(tmp_path / "remote"))
    session.git("fetch", "-q")
    session.git("branch", "-u", "origin/main")
    session.write(app__py=DANGER)
    session.save()
    session.commit = session.tree = None

    report = session.scan()
    assert report.scanned == ("app.py",)
    assert report.reason == "approximate: no start commit, compared with the upstream branch"


def test_a_start_that_no_longer_exists_falls_back(session: Session) -> None:
    session.tree = "1" * 40
    session.write(app__py=DANGER)

    report = session.scan()
    assert report.scanned == ("app.py",)
    assert report.reason.startswith("approximate: ")


def test_a_repository_without_commits_is_scanned_whole(tmp_path: Path) -> None:
    session = Session(tmp_path / "new")
    session.write(app__py=DANGER)

    assert session.scan().scanned == ("app.py",)


def test_a_damaged_repository_is_not_scanned_and_says_why(session: Session) -> None:
    (session.root / ".git" / "index").write_bytes(b"no index")
    report = session.scan()

    assert report.verdict == "not scanned"
    assert report.reason.startswith("could not look: ")


def test_scanning_writes_nothing_into_the_repository(session: Session) -> None:
    session.write(app__py=DANGER)
    before = {p: p.stat().st_mtime_ns for p in session.root.rglob("*")}
    session.scan()

    assert {p: p.stat().st_mtime_ns for p in session.root.rglob("*")} == before
