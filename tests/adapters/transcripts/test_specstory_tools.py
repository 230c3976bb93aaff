"""What a tool element of a SpecStory history did, and to what, in the manner of each assistant."""

from __future__ import annotations

import pytest

from agent.adapters.transcripts.specstory_tools import tool_element
from agent.domain.transcript import Action

DENIED = "The user doesn't want to proceed with this tool use. STOP."


def element(kind: str, name: str, body: str, summary: str = "") -> str:
    summary = summary or f"Tool use: **{name}**"
    return (
        f'<tool-use data-tool-type="{kind}" data-tool-name="{name}"><details>\n'
        f"<summary>{summary}</summary>\n{body}\n</details></tool-use>"
    )


def block(text: str, kind: str = "text", fence: str = "```") -> str:
    return f"\n{fence}{kind}\n{text}\n{fence}"


@pytest.mark.parametrize(
    ("body", "target", "ok"),
    [
        (block("The file /w/a.py has been updated. Here's the result of `cat -n`\n 1→x"), "/w/a.py", True),
        (block("The file /w/a b.py has been updated successfully."), "/w/a b.py", True),
        (block("x = 1", "py") + "\n" + block("File created successfully at: /w/a.py"), "/w/a.py", True),
        (
            block("x", "md") + block("File created successfully at: /w/a.md (file state is current)", ""),
            "/w/a.md",
            True,
        ),
        ("\nPath: `src/a.py`\n" + block("-x\n+y", "diff"), "src/a.py", None),
        (" `./a.py`\n" + block("Applied 2 edits to ./a.py"), "./a.py", None),
        (
            "\n**Input:**\n\n- content: `x`\n- file_path: `/w/a.py`\n\n**Result:**\n" + block("fine", ""),
            "/w/a.py",
            None,
        ),
        (block("--- src/a.py\n+++ src/a.py\n-x\n+y", "diff"), "src/a.py", None),
        ("File: src/a.py", "src/a.py", None),
        ("**Add: `a.py`**\n" + block("+x", "diff") + "\n\n**Delete: `b.py`**\n", "a.py\nb.py", None),
        (block("<tool_use_error>File has changed</tool_use_error>"), "", False),
        (block("x", "py") + block(DENIED), "", False),
    ],
)
def test_writes_name_their_file_and_whether_it_was_written(body: str, target: str, ok: bool | None) -> None:
    assert tool_element(element("write", "Edit", body)).action == Action("write", target, ok)


def test_a_file_that_holds_a_success_message_is_not_believed() -> None:
    forged = block("see\n```text\nFile created successfully at: /forged\n```", "md", "````")

    refused = tool_element(element("write", "Write", forged + block(DENIED)))
    written = tool_element(element("write", "Write", forged + block("File created successfully at: /w/a.md")))

    assert refused.action == Action("write", "", False)
    assert written.action == Action("write", "/w/a.md", True)


@pytest.mark.parametrize(
    ("name", "body", "summary", "target", "ok"),
    [
        ("Bash", "Run it\n\n`make all`\n" + block("done"), "", "make all", True),
        ("Bash", '\n`git commit -m "use `x`"`\n' + block("ok"), "", 'git commit -m "use `x`"', True),
        ("Bash", "\n`make`\n" + block("Exit code 2\nboom"), "", "make", False),
        ("Bash", "\n`make`\n" + block(DENIED), "", "make", False),
        ("Bash", "\n`make`", "", "make", None),
        ("Bash", "\n`serve &`\n" + block("Command running in background with ID: 1"), "", "serve &", None),
        ("Bash", "Two\n" + block("cd a\nmake", "bash") + "\n" + block("done"), "", "cd a\nmake", True),
        ("Bash", "Two\n" + block("cd a\nmake", "bash") + "\n" + block(DENIED), "", "cd a\nmake", False),
        ("exec", block("Process exited with code 1"), "Tool use: **exec** `ls -a`", "ls -a", False),
        ("exec", block("ls\npwd", "bash") + block("a"), "Tool use: **exec**", "ls\npwd", None),
        ("shell", "Directory: `/w`\n" + block("make", "bash") + "\nResult: ok", "", "make", None),
        ("term", block("fine", ""), "Tool use: **command** • Run command: a &amp;&amp; b", "a && b", None),
        ("odd", "\n**Input:**\n\n- command: `make`\n- cwd: `/w`\n" + block("fine", ""), "", "make", None),
    ],
)
def test_commands_are_the_target_and_say_whether_they_succeeded(
    name: str, body: str, summary: str, target: str, ok: bool | None
) -> None:
    assert tool_element(element("shell", name, body, summary)).action == Action("run", target, ok)


def test_a_multi_line_command_is_not_part_of_its_output() -> None:
    assert tool_element(element("shell", "Bash", block("cd a\nmake", "bash") + "\n" + block("done"))).text == "done"


@pytest.mark.parametrize(
    ("name", "body", "summary", "target"),
    [
        ("Read", " `./a.py`\n" + block("1→`other`"), "", "./a.py"),
        ("Grep", " pattern `x.*y` path `./src`\n" + block("a"), "", "./src"),
        ("Glob", " pattern `**/*.py`\n" + block("a"), "", "**/*.py"),
        ("read_file", block("x"), "Tool use: **read_file** `a.py`", "a.py"),
        ("read_file", "", "Tool use: **read_file** • Read file: /w/a&amp;b.py", "/w/a&b.py"),
        ("grep", "", 'Tool use: **grep** • Grep for "bees" • 2 matches', "bees"),
    ],
)
def test_reads_name_what_was_read(name: str, body: str, summary: str, target: str) -> None:
    assert tool_element(element("read", name, body, summary)).action == Action("read", target)


def test_an_element_laid_out_over_more_lines_is_read() -> None:
    text = (
        '<tool-use data-tool-type="write" data-tool-name="replace" data-edit-status="rejected">\n<details>\n'
        "<summary>Tool use: **edit** • Edit file: /w/a.py</summary>\n\n```diff\n-x\n```\n\n</details>\n\n</tool-use>"
    )

    assert tool_element(text).action == Action("write", "/w/a.py", False)
    assert tool_element(text).text == "-x"


def test_a_torn_element_is_read_as_far_as_it_goes() -> None:
    whole = element("shell", "Bash", "Two\n" + block("cd a\nmake", "bash") + "\n" + block("done"))

    assert all(tool_element(whole[:length]).action.verb in ("run", "other") for length in range(len(whole)))
    assert tool_element(whole[: whole.index("done")]).action.target == "cd a\nmake"
