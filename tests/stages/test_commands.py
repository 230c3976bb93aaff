"""A command line says what it left behind."""

from __future__ import annotations

import pytest

from agent.stages.summarising.commands import read


@pytest.mark.parametrize(
    ("command", "output", "ok", "text"),
    [
        ("cd shop && pytest -q", "14 passed in 0.3s", True, "Tests pass: `pytest -q` (14 passed in 0.3s)"),
        ("pytest -q", "1 failed, 13 passed in 0.3s", None, "Tests fail: `pytest -q` (1 failed, 13 passed in 0.3s)"),
        ('git commit -m "Ring the bell twice"', "", True, "Committed: Ring the bell twice"),
        ("git commit -am 'Ring once' && git push", "", True, "Committed (pushed): Ring once"),
        ("alembic upgrade head", "", True, "Ran: `alembic upgrade head`"),
        ("rm -rf old_bells", "", True, "Deleted `old_bells`"),
        ("git mv bell.py gong.py", "", True, "Moved `bell.py` to `gong.py`"),
        (
            "terraform apply",
            "Error: AccessDenied: not authorized",
            False,
            "Failed: `terraform apply` (Error: AccessDenied: not authorized)",
        ),
    ],
)
def test_what_leaves_an_effect_or_a_proof_is_told(command: str, output: str, ok: bool | None, text: str) -> None:
    assert [ran.text for ran in read(command, output, ok)] == [text]


@pytest.mark.parametrize(
    "command",
    [
        "ls -la",
        "git status",
        "git log --oneline",
        "cat build.txt",
        "pip install flask",
        "sh install.sh --dry-run",
        "cd x",
    ],
)
def test_looking_around_and_preparing_is_not(command: str) -> None:
    assert read(command, "", True) == []


def test_a_run_whose_exit_was_not_recorded_is_judged_by_its_output() -> None:
    [good] = read("make build", "built in 3 s", None)
    [bad] = read("make build", "error: no rule to make target", None)

    assert (good.ok, bad.ok) == (True, False)


def test_several_files_moved_at_once_are_one_line() -> None:
    [ran] = read("cd x && mv a.md A.md && mv b.md B.md && mv c.md C.md", "", True)

    assert ran.text == "Moved 3 files: `a.md` to `A.md`, `b.md` to `B.md` and 1 more"
    assert ran.paths == ("a.md", "b.md", "c.md")


def test_what_a_person_stopped_neither_worked_nor_failed() -> None:
    assert read("make deploy", "The user doesn't want to proceed with this tool use.", False) == []


def test_repeats_of_a_run_share_a_mark() -> None:
    [first], [again] = read("pytest -q", "", True), read("pytest tests/bells", "", True)

    assert first.same == again.same


def test_a_check_whose_exit_is_another_commands_is_judged_by_its_output() -> None:
    [ran] = read("golangci-lint run main.go 2>&1 | head -30", "main.go:3: unused\n2 issues:\n* unused: 2", True)

    assert not ran.ok


def test_a_trial_build_leaves_no_effect() -> None:
    assert read("goreleaser build --snapshot --clean", "build succeeded", True) == []
    assert read("goreleaser release --skip=publish", "release succeeded", True) == []
