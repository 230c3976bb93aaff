"""Forms: code, print-outs and work are told from talk."""

from __future__ import annotations

import pytest

from agent.domain.transcript import Action, Turn
from agent.stages.reading.forms import at_work, is_code, is_printed


@pytest.mark.parametrize(
    "line",
    [
        'Return t.UTC().Format("2006-01-02 15:04:05") + "Z"',
        "// Use UTC with Z suffix (default): see the docs",
        "+// formatTimestamp formats an ISO 8601 timestamp for display",
        "/usr/bin/tar xz --warning=no-unknown-keyword -C /srv/cache",
        "npm install --save left-pad",
        "/srv/data/reports/2026-01.md",
        "total = sum(x.price for x in cart.items)",
    ],
)
def test_code_commands_and_paths_are_no_talk(line: str) -> None:
    assert is_code(line)


@pytest.mark.parametrize(
    "line",
    [
        "We store sessions in Redis.",
        "My budget is $400/month, rent & food",
        "Please always run the tests with `pytest -x`, one failure at a time is plenty",
        "don't use confirm(), just prompt() with default=y",
        "make test before every commit please",
    ],
)
def test_talk_about_code_is_talk(line: str) -> None:
    assert not is_code(line)


def test_a_page_copied_whole_is_a_print_out() -> None:
    page = ["Triggered via push 4 minutes ago", "pushed", "4b4ff54", "Status Success", "Total duration 1m 0s"]

    assert is_printed(["I get 2 warnings:", *page])
    assert not is_printed(["We deploy on Fridays.", "I like it.", "You know why.", "My team does too.", "Is it late?"])


def test_work_is_told_by_tools_and_code() -> None:
    ran = Turn("tool", "2 passed", action=Action("run", "pytest"))
    fenced = Turn("assistant", "```python\nprint(1)\n```")
    talk = [Turn("user", "I live in Lyon."), Turn("assistant", "How nice!")]

    assert at_work([*talk, ran])
    assert at_work([Turn("user", "fix `load_page()`"), fenced])
    assert not at_work(talk * 3)
