from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.adapters.transcripts import read
from agent.domain.session import SessionKey
from agent.domain.transcript import Action
from tests.adapters.transcripts.files import document, only, said


def node(ident: str, parent: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
    content = {"content_type": "text", "parts": [text], **more.pop("content", {})}
    message = {
        "author": {"role": role, "name": more.pop("name", None)},
        "content": content,
        "create_time": 1.7e9,
        **more,
    }
    return {ident: {"id": ident, "parent": parent, "children": [], "message": message}}


def conversation(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    mapping: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None, "children": ["a"]}}
    for one in nodes:
        mapping |= one
    for ident, value in mapping.items():
        value["children"] = [other for other, node in mapping.items() if node["parent"] == ident]
    return {"title": "Bees", "conversation_id": "g1", "mapping": mapping, **more}


def test_chatgpt_is_read_along_the_branch_of_the_current_node(tmp_path: Path) -> None:
    tree = conversation(
        node("a", "root", "user", "Hello"),
        node("b", "a", "assistant", "Old answer"),
        node("c", "a", "assistant", "New answer"),
        current_node="c",
    )

    transcript = only(document(tmp_path / "x", [tree]))

    assert said(transcript) == [("user", "Hello"), ("assistant", "New answer")]
    assert (transcript.session, transcript.title) == (SessionKey("chatgpt", "g1"), "Bees")
    assert transcript.skipped == {"rewound branch": 1}
    assert str(transcript.started) == "2023-11-14 22:13:20+00:00"


def test_chatgpt_tools_hidden_messages_and_thoughts(tmp_path: Path) -> None:
    tree = conversation(
        node("a", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
        node("b", "a", "user", "Plot", metadata={"attachments": [{"name": "data.csv"}]}),
        node("c", "b", "assistant", "hm", content={"content_type": "thoughts"}),
        node("d", "c", "assistant", "plot()", content={"content_type": "code"}, recipient="python"),
        node("e", "d", "tool", "drawn", name="python"),
        node("f", "e", "assistant", "Here."),
    )

    transcript = only(document(tmp_path / "x", tree))

    assert said(transcript) == [("user", "Plot\n[file: data.csv]"), ("tool", "drawn"), ("assistant", "Here.")]
    assert transcript.turns[1].action == Action("run", "plot()", None)
    assert transcript.skipped == {"hidden message": 1, "thinking": 1}


def test_chatgpt_trees_that_run_in_circles_end(tmp_path: Path) -> None:
    tree = conversation(node("a", "b", "user", "Hello"), node("b", "a", "assistant", "Hi"), current_node="b")

    assert len(only(document(tmp_path / "x", tree)).turns) == 2


def test_conversations_without_turns_are_counted_on_the_next(tmp_path: Path) -> None:
    empty = conversation(node("a", "root", "user", ""))
    full = conversation(node("a", "root", "user", "Hello"), conversation_id="g2")

    [transcript] = read(document(tmp_path / "x", [empty, full]))

    assert transcript.session.id == "g2"
    assert transcript.skipped == {"empty conversation": 1}


def test_claude_ai_messages_follow_the_branch_that_was_edited_last(tmp_path: Path) -> None:
    def message(ident: str, parent: str, sender: str, text: str) -> dict[str, Any]:
        return {"uuid": ident, "parent_message_uuid": parent, "sender": sender, "text": text}

    messages = [
        message("1", "0", "human", "Hello"),
        message("2", "1", "assistant", "Hi"),
        message("3", "2", "human", "Old"),
        message("4", "2", "human", "New"),
    ]

    transcript = only(document(tmp_path / "x", {"uuid": "a", "name": "Chat", "chat_messages": messages}))

    assert said(transcript) == [("user", "Hello"), ("assistant", "Hi"), ("user", "New")]
    assert (transcript.session, transcript.title) == (SessionKey("claude-ai", "a"), "Chat")


def test_claude_ai_attachments_are_not_the_persons_words(tmp_path: Path) -> None:
    attachment = {"file_name": "cv.pdf", "extracted_content": "I prefer to work at night"}
    message = {"sender": "human", "text": "Read it", "attachments": [attachment], "files": [{"file_name": "a.png"}]}

    transcript = only(document(tmp_path / "x", [{"uuid": "a", "chat_messages": [message]}]))

    assert said(transcript) == [
        ("user", "Read it\n[file: cv.pdf]\n[file: a.png]"),
        ("tool", "I prefer to work at night"),
    ]
    assert transcript.turns[1].name == "attachment"


def test_claude_ai_blocks_keep_their_order(tmp_path: Path) -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "Looking."},
        {"type": "tool_use", "name": "web_search", "input": {"query": "bees"}},
        {"type": "tool_result", "name": "web_search", "content": [{"type": "text", "text": "Buzz"}], "is_error": False},
        {"type": "text", "text": "Found."},
    ]
    messages = [{"role": "user", "content": "Bees?"}, {"role": "assistant", "content": blocks}]

    transcript = only(document(tmp_path / "x", [{"uuid": "a", "chat_messages": messages}]))

    assert [text for _, text in said(transcript)] == ["Bees?", "Looking.", "Buzz", "Found."]
    assert transcript.turns[2].action == Action("read", "bees", True)
    assert transcript.skipped == {"thinking": 1}


def test_claude_ai_documents_are_kept_under_their_title(tmp_path: Path) -> None:
    given = {"command": "create", "id": "soup", "title": "Leek soup", "content": "# Soup\nLeeks."}
    blocks = [{"type": "tool_use", "name": "artifacts", "input": given}, {"type": "tool_result", "content": "OK"}]
    messages = [{"role": "user", "content": "Soup?"}, {"role": "assistant", "content": blocks}]

    transcript = only(document(tmp_path / "x", [{"uuid": "a", "chat_messages": messages}]))

    assert said(transcript)[1] == ("tool", "Leek soup\n# Soup\nLeeks.\nOK")
