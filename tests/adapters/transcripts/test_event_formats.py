"""Cursor, Copilot and OpenCode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.adapters.transcripts import read
from agent.domain.session import SessionKey
from agent.domain.transcript import Action
from agent.errors import TranscriptError
from tests.adapters.transcripts.files import document, lines, only, said


def test_cursor_takes_the_query_out_of_its_wrapping(tmp_path: Path) -> None:
    wrapped = "<attached_files>I like tabs</attached_files><user_query>\nList files\n</user_query>"
    path = lines(
        tmp_path / "x",
        {"role": "user", "message": {"content": [{"type": "text", "text": wrapped}]}},
        {
            "role": "assistant",
            "message": {
                "content": [
                    {"type": "text", "text": "[REDACTED]"},
                    {"type": "tool_use", "name": "Shell", "input": {"command": "ls"}},
                ]
            },
        },
    )

    transcript = only(path)

    assert said(transcript) == [("user", "List files"), ("tool", "")]
    assert transcript.turns[1].action == Action("run", "ls", None)
    assert transcript.skipped == {"thinking": 1}


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": kind, "data": data, "id": "e", "timestamp": "2026-03-01T10:00:00Z", "parentId": None}


def test_copilot_reads_each_call_once_and_no_subagent(tmp_path: Path) -> None:
    request = {"toolCallId": "1", "name": "shell", "arguments": '{"command": "ls"}'}
    path = lines(
        tmp_path / "x",
        event("session.start", sessionId="p1", context={"cwd": "/work"}),
        event("user.message", content="List", transformedContent="<context>x</context>List"),
        event("assistant.message", content="Listing.", toolRequests=[request]),
        event("tool.execution_start", toolCallId="1", toolName="shell", arguments={"command": "ls"}),
        event("assistant.message", content="Sub", parentToolCallId="1"),
        event("tool.execution_complete", toolCallId="1", success=False, result={"content": "denied"}),
    )

    transcript = only(path)

    assert said(transcript) == [("user", "List"), ("assistant", "Listing."), ("tool", "denied")]
    assert transcript.turns[2].action == Action("run", "ls", False)
    assert (transcript.session, transcript.cwd) == (SessionKey("copilot-cli", "p1"), "/work")
    assert transcript.skipped == {"sidechain": 1}


def storage(root: Path) -> Path:
    session = {"id": "s1", "title": "Bees", "directory": "/work", "time": {"created": 1730000000000}}
    for folder in ("session/p", "message/s1", "part/m1", "part/m2"):
        (root / folder).mkdir(parents=True)
    document(root / "session/p/s1.json", session)
    document(root / "session/p/s2.json", {"id": "s2", "parentID": "s1"})
    document(root / "message/s1/b.json", {"id": "m1", "role": "user", "time": {"created": 1730000001000}})
    document(root / "message/s1/a.json", {"id": "m2", "role": "assistant", "time": {"created": 1730000002000}})
    document(root / "part/m1/1.json", {"type": "text", "text": "List"})
    document(root / "part/m1/2.json", {"type": "text", "text": "Called the Read tool", "synthetic": True})
    state = {"status": "completed", "input": {"command": "ls"}, "output": "a", "metadata": {"exit": 1}}
    document(root / "part/m2/1.json", {"type": "tool", "callID": "c", "tool": "bash", "state": state})
    document(root / "part/m2/2.json", {"type": "text", "text": "One"})
    return root


@pytest.mark.parametrize("place", ["", "storage"])
def test_opencode_is_read_from_its_folder(tmp_path: Path, place: str) -> None:
    storage(tmp_path / place)

    transcript = only(tmp_path)

    assert said(transcript) == [("user", "List"), ("tool", "a"), ("assistant", "One")]
    assert transcript.turns[1].action == Action("run", "ls", False)
    assert (str(transcript.session), transcript.title, transcript.cwd) == ("opencode:s1", "Bees", "/work")
    assert transcript.skipped["injected"] == 1


@pytest.mark.parametrize("ident", ["../part/m1", "..", "a\0b", "\ud800", "x" * 300, 5, None])
def test_an_id_leads_nowhere_outside_the_storage(tmp_path: Path, ident: object) -> None:
    root = storage(tmp_path)
    (root / "session/p/s1.json").unlink()
    document(root / "session/p/s9.json", {"id": ident})

    assert list(read(root)) == []


def test_another_folder_is_no_transcript(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError):
        only(tmp_path)
