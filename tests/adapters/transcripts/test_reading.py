from __future__ import annotations

from decimal import Decimal

import pytest

from agent.adapters.transcripts.actions import action_of
from agent.adapters.transcripts.injected import own_words
from agent.adapters.transcripts.reading import Skipped, timestamp
from agent.domain.transcript import Action


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T10:00:00Z",
        "2026-03-01 10:00:00",
        "2026-03-01T12:00:00+02:00",
        1772359200,
        1772359200000,
        Decimal(1772359200),
    ],
)
def test_moments_are_aware_and_in_utc(value: object) -> None:
    moment = timestamp(value)

    assert moment is not None
    assert moment.isoformat() == "2026-03-01T10:00:00+00:00"


@pytest.mark.parametrize("value", [None, True, "soon", "", float("nan"), float("inf"), -1e300, [], {}])
def test_what_is_no_moment_is_none(value: object) -> None:
    assert timestamp(value) is None


def test_kinds_of_skipped_records_are_few_short_and_printable() -> None:
    skipped = Skipped()
    for number in range(1_000):
        skipped.note(f"kind\x1b {number} " + "x" * 100)
    skipped.note(None)

    assert len(skipped) <= 202
    assert all(len(kind) <= 40 and kind.isprintable() for kind in skipped)
    assert skipped.total() == 1_001


@pytest.mark.parametrize(
    ("name", "arguments", "action"),
    [
        ("MultiEdit", {"file_path": "/a"}, Action("write", "/a")),
        ("mcp__files__write_file", {"path": "/a"}, Action("write", "/a")),
        ("str_replace_editor", {"command": "view", "path": "/a"}, Action("read", "/a")),
        ("str_replace_editor", {"command": "create", "path": "/a"}, Action("write", "/a")),
        ("shell", '{"command": ["ls", "a b"]}', Action("run", "ls 'a b'")),
        ("functions.exec_command", {"cmd": "ls"}, Action("run", "ls")),
        ("Grep", {"pattern": "x"}, Action("read", "x")),
        ("TodoWrite", {"todos": []}, Action("other", "")),
        ("", "not { json", Action("other", "")),
    ],
)
def test_actions_are_told_from_name_and_arguments(name: str, arguments: object, action: Action) -> None:
    assert action_of(name, arguments) == action


@pytest.mark.parametrize(
    ("host", "text", "words"),
    [
        ("claude-code", "a <b> c", "a <b> c"),
        ("claude-code", "<system-reminder>never closed", "<system-reminder>never closed"),
        ("cursor", "<user_query>one</user_query> x <user_query>two</user_query>", "one\n\ntwo"),
        ("copilot-cli", "<context>tabs</context>\n<userRequest>\nhi\n</userRequest>", "hi"),
        ("copilot-cli", "<reminderInstructions>x</reminderInstructions>hi<attachments>y</attachments>", "hi"),
        ("text", "<context>mine</context>", "<context>mine</context>"),
        ("text", "<closer-memory>theirs</closer-memory>mine", "mine"),
    ],
)
def test_only_the_persons_words_are_left(host: str, text: str, words: str) -> None:
    assert own_words(host, text) == words
