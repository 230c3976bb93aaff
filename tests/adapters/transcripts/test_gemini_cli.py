from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.domain.session import SessionKey
from agent.domain.transcript import Action
from tests.adapters.transcripts.files import document, lines, only, said

HEADER = {"sessionId": "g1", "projectHash": "h", "startTime": "2026-03-01T10:00:00Z"}


def message(ident: str, kind: str, content: object, **more: Any) -> dict[str, Any]:
    return {"id": ident, "type": kind, "content": content, "timestamp": "2026-03-01T10:00:01Z", **more}


def shell(command: str, output: str, status: str = "success") -> dict[str, Any]:
    result = [{"functionResponse": {"response": {"output": output}}}]
    return {
        "id": command,
        "name": "run_shell_command",
        "args": {"command": command},
        "status": status,
        "result": result,
    }


def test_a_document_is_read_whatever_the_order_of_its_keys(tmp_path: Path) -> None:
    said_and_done = message("2", "gemini", "Listing.", toolCalls=[shell("ls", "a\nExit Code: 1\n")], thoughts=[{}])
    path = document(tmp_path / "x", {"messages": [message("1", "user", "List"), said_and_done], **HEADER})

    transcript = only(path)

    assert transcript.session == SessionKey("gemini-cli", "g1")
    assert [turn.role for turn in transcript.turns] == ["user", "assistant", "tool"]
    assert transcript.turns[2].action == Action("run", "ls", False)
    assert transcript.skipped == {"thinking": 1}


def test_a_message_that_is_written_again_counts_once(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x",
        HEADER,
        message("1", "user", [{"text": "List"}]),
        message("2", "gemini", "", toolCalls=[{"id": "c", "name": "run_shell_command", "args": {"command": "ls"}}]),
        {"$set": {"summary": "Listing"}},
        message("2", "gemini", "", toolCalls=[shell("ls", "a.txt")]),
    )

    transcript = only(path)

    assert said(transcript) == [("user", "List"), ("tool", "a.txt")]
    assert (transcript.title, transcript.skipped["rewritten message"]) == ("Listing", 1)


def test_a_rewind_takes_messages_back(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x",
        HEADER,
        message("1", "user", "Keep"),
        message("2", "user", "Undo"),
        {"$rewindTo": "2"},
        message("3", "user", "Instead"),
    )

    assert said(only(path)) == [("user", "Keep"), ("user", "Instead")]


def test_context_the_client_sends_is_not_the_persons(tmp_path: Path) -> None:
    preamble = "This is the Gemini CLI. We are setting up the context for our chat.\nToday's date is Monday."
    referenced = "Explain @a.py\n--- Content from referenced files ---\nI prefer tabs\n--- End of content ---"
    path = document(
        tmp_path / "x", {**HEADER, "messages": [message("1", "user", preamble), message("2", "user", referenced)]}
    )

    assert said(only(path)) == [("user", "Explain @a.py")]
