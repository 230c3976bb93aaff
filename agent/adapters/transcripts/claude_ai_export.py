"""Claude.ai data exports: a list of conversations, or one of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.adapters.transcripts.blocks import file_mark, text_of
from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.documents import elements, shapes
from agent.adapters.transcripts.reading import (
    FileReader,
    first,
    mapping,
    rendered,
    sequence,
    string,
    timestamp,
    truth,
)
from agent.domain.transcript import Transcript


class ClaudeAiExport(FileReader):
    format = "claude_ai_export"

    def fits(self, head: bytes) -> bool:
        prefixes = ("", "item.", "conversations.item.")
        return any(f"{prefix}chat_messages" in shape for shape in shapes(head)[:1] for prefix in prefixes)

    def read(self, path: Path) -> Iterator[Transcript]:
        single: dict[str, Any] = {}
        for key, value in elements(path, self.format, {"conversations"}):
            if key in ("", "conversations"):
                yield self._conversation(path, mapping(value))
            else:
                single[key] = value
        if "chat_messages" in single:
            yield self._conversation(path, single)

    def _conversation(self, path: Path, record: dict[str, Any]) -> Transcript:
        conversation = Conversation("claude-ai", self.format, path)
        conversation.id = first(record, "uuid", "conversation_id")
        conversation.title = string(record.get("name"))
        messages = [mapping(message) for message in sequence(record.get("chat_messages"))]
        branch = _branch(messages, string(record.get("current_leaf_message_uuid")))
        if rewound := len(messages) - len(branch):
            conversation.skipped.note("rewound branch", rewound)
        for message in branch:
            _message(message, conversation)
        return conversation.transcript()


def _branch(messages: list[dict[str, Any]], leaf: str) -> list[dict[str, Any]]:
    """The messages up to the current one, without those an edit replaced; all where no parents are named."""
    by_id = {ident: message for message in messages if (ident := string(message.get("uuid")))}
    if not any(string(message.get("parent_message_uuid")) in by_id for message in messages):
        return messages
    ident = leaf if leaf in by_id else string(messages[-1].get("uuid"))
    path: dict[str, dict[str, Any]] = {}
    while ident in by_id and ident not in path:
        path[ident] = by_id[ident]
        ident = string(by_id[ident].get("parent_message_uuid"))
    return list(reversed(path.values()))


def _message(message: dict[str, Any], conversation: Conversation) -> None:
    sender = first(message, "sender", "role")
    when = timestamp(message.get("created_at"))
    if sender in ("human", "user"):
        _user(message, conversation, when)
    elif sender == "assistant":
        for block in _blocks(message):
            _assistant(block, conversation, when)
    else:
        conversation.skipped.note(sender)


def _blocks(message: dict[str, Any]) -> list[Any]:
    content = message.get("content")
    return (content if isinstance(content, list) else [content] if content else []) or [message.get("text")]


def _user(message: dict[str, Any], conversation: Conversation, when: datetime | None) -> None:
    attachments = [mapping(item) for item in sequence(message.get("attachments"))]
    files = [*attachments, *(mapping(item) for item in sequence(message.get("files")))]
    marks = [file_mark(item.get("file_name")) for item in files]
    text = text_of([block for block in _blocks(message) if block is not None], conversation.skipped)
    conversation.user("\n".join([text, *marks]), when)
    for item in attachments:
        if content := string(item.get("extracted_content")):
            conversation.tool("attachment", content, None, when)


def _assistant(block: object, conversation: Conversation, when: datetime | None) -> None:
    fields = mapping(block)
    moment = timestamp(fields.get("start_timestamp")) or when
    kind = fields.get("type")
    if kind == "tool_use":
        name, given = first(fields, "name"), fields.get("input")
        conversation.call(first(fields, "id"), name, given, moment, text=_artifact(name, mapping(given)))
    elif kind == "tool_result":
        content = fields.get("content")
        text = text_of(content, conversation.skipped) if isinstance(content, list) else rendered(content)
        failed = truth(fields.get("is_error"))
        ok = None if failed is None else not failed
        conversation.result(first(fields, "tool_use_id"), text, ok, moment, first(fields, "name"))
    elif block is not None:
        conversation.assistant(text_of(block, conversation.skipped), moment)


def _artifact(name: str, given: dict[str, Any]) -> str:
    """The document the assistant handed over beside the conversation, under its title."""
    if name != "artifacts":
        return ""
    return "\n".join(text for key in ("title", "content", "new_str") if (text := string(given.get(key))))
