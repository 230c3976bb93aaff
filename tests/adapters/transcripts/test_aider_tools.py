"""What Aider's own lines tell: edits, commits taken back, commands the person had it run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.adapters.transcripts import read
from agent.domain.transcript import Action, Transcript
from tests.adapters.transcripts.files import said

START = "# aider chat started at 2026-03-01 10:00:00\n\n"


def chat(folder: Path, text: str) -> Transcript:
    """A history in which `$` marks the line breaks Aider writes."""
    path = folder / "x.md"
    path.write_text(START + text.replace("$\n", "  \n"))
    [transcript] = read(path)
    return transcript


def test_edits_of_one_answer_name_every_file_once(tmp_path: Path) -> None:
    told = "> Applied edit to a.py$\n> Applied edit to lib/b.py$\n> Applied edit to a.py$\n> Commit 12ab34c fix: x$\n"

    transcript = chat(tmp_path, "#### fix it$\n" + told)

    assert transcript.turns[1].action == Action("write", "a.py\nlib/b.py", True)


def test_commits_taken_back_are_named_by_their_hash(tmp_path: Path) -> None:
    transcript = chat(
        tmp_path,
        "#### fix it$\n> Applied edit to a.py$\n> Commit 12ab34c fix: x$\n\n"
        "#### /undo$\n> Removed: 12ab34c fix: x$\n> HEAD is: 99ff00e feat: y$\n\n"
        "#### /undo$\n> The last commit was not made by aider in this chat session.$\n",
    )

    assert [turn.action for turn in transcript.turns[1:]] == [
        Action("write", "a.py", True),
        Action("run", "/undo 12ab34c", True),
        Action("other", ""),
    ]
    assert transcript.skipped == {"command": 2}


def test_commands_the_person_had_run_name_their_command(tmp_path: Path) -> None:
    transcript = chat(
        tmp_path,
        "#### hello$\n\n#### /run make all$\n> done$\n\n#### !ls -a$\n> a.py$\n\n#### /git diff$\n> nothing$\n\n"
        "#### /test pytest -q$\n> 3 passed$\n\n#### /commit$\n> Commit 12ab34c x$\n\n"
        "#### /add a.py$\n> Added a.py to the chat$\n",
    )

    assert [turn.action.target for turn in transcript.turns if turn.action] == [
        "make all", "ls -a", "git diff", "pytest -q", "/commit", "",
    ]  # fmt: skip


def test_a_command_is_not_held_against_a_later_tool(tmp_path: Path) -> None:
    transcript = chat(tmp_path, "#### /run true$\n\n#### fix it$\n> Tokens: 1$\n")

    assert transcript.turns[1].action == Action("other", "")


def test_output_of_many_lines_is_the_tools_though_only_its_first_line_is_marked(tmp_path: Path) -> None:
    transcript = chat(
        tmp_path,
        "#### /test pytest$\n> ==== session starts ====\ncollected 2 items\n\n    def test_x():\n    \n"
        "I always use tabs\n==== 1 failed ====$\n> Tokens: 1$\n\nThe test is wrong.\n\n> a quote\nof mine\n",
    )

    assert said(transcript) == [
        (
            "tool",
            "==== session starts ====\ncollected 2 items\n\n    def test_x():\n\n"
            "I always use tabs\n==== 1 failed ====\nTokens: 1",
        ),
        ("assistant", "The test is wrong.\n\n> a quote\nof mine"),
    ]
    assert transcript.turns[0].action == Action("run", "pytest")


def test_an_answer_that_begins_with_a_quote_is_the_assistants(tmp_path: Path) -> None:
    transcript = chat(tmp_path, "#### what does it say?$\n\n> Be kind\n\nThat is all.\n\n#### thanks$\n")

    assert said(transcript)[1] == ("assistant", "> Be kind\n\nThat is all.")


def test_instructions_given_with_an_output_are_the_persons(tmp_path: Path) -> None:
    transcript = chat(
        tmp_path,
        "#### /run pytest$\n> == starts ==\n1 failed$\n> Add the output to the chat?\n"
        "(y/n/instructions) the mock is wrong$\n> == starts ==$\n> 1 failed$\n\nI see.\n",
    )

    assert [role for role, _ in said(transcript)] == ["tool", "user", "tool", "assistant"]
    assert said(transcript)[1] == ("user", "the mock is wrong")


def test_a_plain_answer_to_an_offer_and_a_quoted_offer_are_not_speech(tmp_path: Path) -> None:
    transcript = chat(
        tmp_path,
        "#### /run cat old.md$\n> first line\n> Add the output to the chat?\n(y/n/instructions) use spaces\nend$\n"
        "> Add the output to the chat?\n(y/n/instructions) n$\n",
    )

    assert [role for role, _ in said(transcript)] == ["tool"]


def test_what_aider_asks_of_itself_and_an_empty_line_are_not_the_persons(tmp_path: Path) -> None:
    asked = "#### # Fix any errors below, if possible.$\n#### $\n#### ## Running: lint a.py$\n"

    transcript = chat(tmp_path, f"#### hello$\n\nHi\n\n{asked}\nFixed.\n\n#### <blank>$\n> Tokens: 1$\n")

    assert [role for role, _ in said(transcript)] == ["user", "assistant", "assistant", "tool"]
    assert transcript.skipped == {"injected": 1, "blank": 1}


@pytest.mark.parametrize("opening", ["/add app.py", "<blank>"])
def test_a_chat_that_begins_with_what_is_no_turn_keeps_its_date(tmp_path: Path, opening: str) -> None:
    transcript = chat(tmp_path, f"#### {opening}$\n\n#### rename it$\n")

    [turn] = transcript.turns
    assert (turn.text, turn.when) == ("rename it", datetime(2026, 3, 1, 10, tzinfo=UTC))
    assert transcript.ended == turn.when
