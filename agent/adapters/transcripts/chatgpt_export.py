"""ChatGPT data exports: conversations whose messages form a tree, followed to the current node."""

from __future__ import annotations

from collections.abc import Iterator
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
)
from agent.domain.transcript import Transcript

_THINKING = ("thoughts", "reasoning_recap")
_CONTEXT = ("user_editable_context", "model_editable_context")


class ChatGptExport(FileReader):
    format = "chatgpt_export"

    def fits(self, head: bytes) -> bool:
        prefixes = ("", "item.", "conversations.item.")
        return any(f"{prefix}mapping" in shape for shape in shapes(head)[:1] for prefix in prefixes)

    def read(self, path: Path) -> Iterator[Transcript]:
        single: dict[str, Any] = {}
        for key, value in elements(path, self.format, {"conversations"}):
            if key in ("", "conversations"):
                yield self._conversation(path, mapping(value))
            else:
                single[key] = value
        if "mapping" in single:
            yield self._conversation(path, single)

    def _conversation(self, path: Path, record: dict[str, Any]) -> Transcript:
        conversation = Conversation("chatgpt", self.format, path)
        conversation.id = first(record, "conversation_id", "id")
        conversation.title = string(record.get("title"))
        nodes = mapping(record.get("mapping"))
        branch = _branch(nodes, string(record.get("current_node")))
        for ident in branch:
            _message(mapping(mapping(nodes[ident]).get("message")), conversation)
        others = nodes.keys() - set(branch)
        if rewound := sum(bool(mapping(nodes[ident]).get("message")) for ident in others):
            conversation.skipped.note("rewound branch", rewound)
        return conversation.transcript()


def _branch(nodes: dict[str, Any], current: str) -> list[str]:
    """Ids from the root to the current node; where none is named, to the leaf that was written last."""
    leaves = [ident for ident, node in nodes.items() if not sequence(mapping(node).get("children"))]
    ident = current if current in nodes else (leaves or list(nodes) or [""])[-1]
    path: dict[str, None] = {}
    while ident in nodes and ident not in path:
        path[ident] = None
        ident = string(mapping(nodes[ident]).get("parent"))
    return list(reversed(path))


def _message(message: dict[str, Any], conversation: Conversation) -> None:
    if not message:
        return
    content = mapping(message.get("content"))
    kind = first(content, "content_type") or "text"
    metadata = mapping(message.get("metadata"))
    if kind in _THINKING:
        conversation.skipped.note("thinking")
    elif kind in _CONTEXT:
        conversation.skipped.note(kind)
    elif metadata.get("is_visually_hidden_from_conversation") is True:
        conversation.skipped.note("hidden message")
    else:
        _spoken(message, content, metadata, conversation)


def _spoken(
    message: dict[str, Any], content: dict[str, Any], metadata: dict[str, Any], conversation: Conversation
) -> None:
    author = mapping(message.get("author"))
    role = author.get("role")
    when = timestamp(message.get("create_time"))
    recipient = first(message, "recipient") or "all"
    text = _text(content, conversation)
    if role == "user":
        files = [file_mark(mapping(item).get("name")) for item in sequence(metadata.get("attachments"))]
        conversation.user("\n".join([text, *files]), when)
    elif role == "assistant" and recipient != "all":
        conversation.call(recipient, recipient, text, when)
    elif role == "assistant":
        conversation.assistant(text, when)
    elif role == "tool":
        name = first(author, "name")
        conversation.result(name, text, _ok(content, metadata), when, name)
    elif role == "system" and text.strip():
        conversation.system(text, when)
    elif role != "system":
        conversation.skipped.note(role)


def _text(content: dict[str, Any], conversation: Conversation) -> str:
    parts = content.get("parts")
    if isinstance(parts, list):
        return text_of(parts, conversation.skipped)
    return first(content, "text", "result", "content") or rendered(content.get("text"))


def _ok(content: dict[str, Any], metadata: dict[str, Any]) -> bool | None:
    if content.get("content_type") == "system_error":
        return False
    status = mapping(metadata.get("aggregate_result")).get("status")
    return {"success": True, "failed_with_in_kernel_exception": False}.get(string(status))
