from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.domain.session import SessionKey
from agent.domain.transcript import Action
from tests.adapters.transcripts.files import lines, only, said

META = {"type": "session_meta", "payload": {"id": "c1", "cwd": "/work"}, "timestamp": "2026-03-01T10:00:00Z"}


def item(**payload: Any) -> dict[str, Any]:
    return {"type": "response_item", "timestamp": "2026-03-01T10:00:01Z", "payload": payload}


def spoken(role: str, *texts: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return item(type="message", role=role, content=[{"type": kind, "text": text} for text in texts])


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "event_msg", "payload": {"type": kind, **more}}


def test_the_second_stream_is_not_read_twice(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x",
        META,
        event("user_message", message="Hello"),
        spoken("user", "Hello"),
        spoken("assistant", "Hi"),
        event("agent_message", message="Hi"),
    )

    transcript = only(path)

    assert said(transcript) == [("user", "Hello"), ("assistant", "Hi")]
    assert (transcript.session, transcript.cwd) == (SessionKey("codex", "c1"), "/work")


def test_a_file_with_nothing_but_events_is_read_from_them(tmp_path: Path) -> None:
    path = lines(tmp_path / "x", META, event("user_message", message="Hello"), event("agent_message", message="Hi"))

    assert said(only(path)) == [("user", "Hello"), ("assistant", "Hi")]


def test_injected_blocks_and_developer_messages_are_not_the_persons(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x",
        META,
        spoken("developer", "Obey"),
        spoken("user", "# AGENTS.md instructions for /work\n\n<INSTRUCTIONS>Use tabs</INSTRUCTIONS>"),
        spoken("user", "<environment_context><cwd>/work</cwd></environment_context>", "Fix it"),
        spoken("user", "# Context from my IDE setup:\n\n## Open tabs:\n- a\n\n## My request for Codex:\nAnd this"),
    )

    transcript = only(path)

    assert said(transcript) == [("user", "Fix it"), ("user", "And this")]
    assert transcript.skipped == {"developer": 1, "injected": 1}


@pytest.mark.parametrize(
    ("output", "text", "ok"),
    [
        ('{"output": "boom", "metadata": {"exit_code": 2}}', "boom", False),
        ("Exit code: 0\nWall time: 1\nOutput:\nfine", "Exit code: 0\nWall time: 1\nOutput:\nfine", True),
        ('{"printed": "by the tool"}', '{"printed": "by the tool"}', None),
        ([{"type": "input_text", "text": "parts"}], "parts", None),
        ({"content": "old", "success": False}, "old", False),
    ],
)
def test_outputs_tell_their_text_and_exit_code(tmp_path: Path, output: object, text: str, ok: bool | None) -> None:
    given = '{"command": ["bash", "-lc", "make test"]}'
    path = lines(
        tmp_path / "x",
        META,
        spoken("user", "Test"),
        item(type="function_call", name="shell", arguments=given, call_id="1"),
        item(type="function_call_output", call_id="1", output=output),
    )

    turn = only(path).turns[1]

    assert (turn.text, turn.action) == (text, Action("run", "make test", ok))


PATCH = "*** Begin Patch\n*** Update File: src/a.py\n@@\n-x\n+y\n*** Add File: b.py\n+z\n*** End Patch"


@pytest.mark.parametrize(
    "call",
    [
        item(type="custom_tool_call", name="apply_patch", input=PATCH, call_id="1"),
        item(type="function_call", name="shell", arguments={"command": ["apply_patch", PATCH]}, call_id="1"),
    ],
)
def test_a_patch_writes_every_file_it_names(tmp_path: Path, call: dict[str, Any]) -> None:
    path = lines(tmp_path / "x", META, spoken("user", "Patch"), call)

    assert only(path).turns[1].action == Action("write", "src/a.py\nb.py", None)


@pytest.mark.parametrize(
    ("patch", "files"),
    [
        ("*** Delete File: old.py\n*** Add File: new.py\n+x", "new.py"),
        ("*** Delete File: old.py", "old.py"),
        ("*** Update File: a.py\n*** Move to: b.py\n@@\n-x\n+++ y", "b.py"),
        ("--- a/x.py\n+++ b/x.py\n@@\n-1\n+2\n--- a/y.py\n+++ /dev/null", "x.py"),
    ],
)
def test_a_patch_names_the_files_it_leaves_behind(tmp_path: Path, patch: str, files: str) -> None:
    call = item(type="custom_tool_call", name="apply_patch", input=patch, call_id="1")

    assert only(lines(tmp_path / "x", META, spoken("user", "Go"), call)).turns[1].action == Action("write", files)


def test_the_text_of_a_patch_is_kept_before_its_output(tmp_path: Path) -> None:
    call = item(type="custom_tool_call", name="apply_patch", input=PATCH, call_id="1")
    done = item(type="custom_tool_call_output", call_id="1", output="Success")

    assert only(lines(tmp_path / "x", META, spoken("user", "Go"), call, done)).turns[1].text == f"{PATCH}\nSuccess"


def test_a_compactions_summary_is_nobodys_words_and_reasoning_is_counted(tmp_path: Path) -> None:
    compacted = [{"type": "compacted", "payload": {"message": text}} for text in ("They spoke of bees", "")]
    path = lines(tmp_path / "x", META, spoken("user", "Bees"), item(type="reasoning", summary=[]), *compacted)

    transcript = only(path)

    assert said(transcript) == [("user", "Bees"), ("system", "They spoke of bees")]
    assert transcript.skipped == {"thinking": 1, "compacted": 1}


def test_turns_that_were_rolled_back_are_gone(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x",
        META,
        spoken("user", "Keep"),
        spoken("user", "Undo"),
        spoken("assistant", "Done"),
        event("thread_rolled_back", num_turns=1),
        spoken("assistant", "Kept"),
    )

    transcript = only(path)

    assert said(transcript) == [("user", "Keep"), ("assistant", "Kept")]
    assert transcript.skipped["rewound branch"] == 2


def test_bare_items_of_old_versions_are_read(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x",
        {"id": "old1", "timestamp": "2025-05-01T10:00:00Z", "instructions": None},
        {"record_type": "state"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]},
    )

    transcript = only(path)

    assert (transcript.format, transcript.session.id) == ("codex_cli", "old1")
    assert said(transcript) == [("user", "Hello"), ("assistant", "Hi")]
