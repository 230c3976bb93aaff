from __future__ import annotations

from pathlib import Path

import pytest

from agent.adapters.transcripts import read
from agent.domain.transcript import Action
from tests.adapters.transcripts.files import document, lines, only, said

ASKED = {"role": "user", "content": "Hello"}
ANSWERED = {"role": "assistant", "content": "Hi"}
TURNS = [("user", "Hello"), ("assistant", "Hi")]


@pytest.mark.parametrize(
    "value",
    [
        [ASKED, ANSWERED],
        {"messages": [ASKED, ANSWERED]},
        [{"messages": [ASKED, ANSWERED]}],
        [[ASKED, ANSWERED]],
    ],
)
def test_documents_of_every_shape_are_read(tmp_path: Path, value: object) -> None:
    assert said(only(document(tmp_path / "x", value))) == TURNS


def test_a_pretty_printed_object_is_one_conversation(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('{\n "id": "o1",\n "messages": [\n  {"role": "user", "content": "Hello"}\n ]\n}\n')

    assert str(only(path).session) == "openai:o1"


def test_lines_are_messages_or_conversations(tmp_path: Path) -> None:
    messages = lines(tmp_path / "a", ASKED, ANSWERED)
    conversations = lines(tmp_path / "b", {"id": "1", "messages": [ASKED]}, {"id": "2", "messages": [ASKED, ANSWERED]})

    assert said(only(messages)) == TURNS
    assert [str(t.session) for t in read(conversations)] == ["openai:1", "openai:2"]


def test_calls_meet_their_results(tmp_path: Path) -> None:
    call = {"id": "c", "function": {"name": "read_file", "arguments": '{"path": "a.py"}'}}
    path = document(
        tmp_path / "x",
        [
            {"role": "system", "content": "Be kind"},
            ASKED,
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "print()"}]},
        ],
    )

    transcript = only(path)

    assert said(transcript) == [("system", "Be kind"), ("user", "Hello"), ("tool", "print()")]
    assert transcript.turns[2].action == Action("read", "a.py", None)


def test_a_conversation_that_grew_keeps_its_id_and_equal_ones_differ(tmp_path: Path) -> None:
    short = only(document(tmp_path / "a", [ASKED]))
    long = only(document(tmp_path / "b", [ASKED, ANSWERED]))
    twice = list(read(document(tmp_path / "c", [[ASKED], [ASKED]])))

    assert short.session == long.session == twice[0].session
    assert twice[1].session.id == f"{short.session.id}-2"
