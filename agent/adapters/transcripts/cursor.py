"""Cursor agent transcripts: JSON lines of messages, without times, ids or tool results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent.adapters.transcripts.blocks import text_of
from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.documents import shapes
from agent.adapters.transcripts.reading import FileReader, first, json_lines, mapping, string
from agent.domain.transcript import Transcript

_WITHHELD = "[REDACTED]"
"""What Cursor writes in place of reasoning."""


class Cursor(FileReader):
    format = "cursor"

    def fits(self, head: bytes) -> bool:
        return any(
            shape.get("role") in ("user", "assistant") and "type" not in shape and "message.content" in shape
            for shape in shapes(head)
        )

    def read(self, path: Path) -> Iterator[Transcript]:
        conversation = Conversation("cursor", self.format, path)
        for _, record in json_lines(path, self.format, conversation.skipped):
            content = mapping(record.get("message")).get("content")
            if record.get("role") == "user":
                conversation.user(text_of(content, conversation.skipped))
            elif record.get("role") == "assistant":
                for block in content if isinstance(content, list) else [content]:
                    _assistant(block, conversation)
            else:
                conversation.skipped.note(first(record, "role", "type"))
        yield conversation.transcript()


def _assistant(block: object, conversation: Conversation) -> None:
    fields = mapping(block)
    if fields.get("type") == "tool_use":
        conversation.call(first(fields, "id"), first(fields, "name"), fields.get("input"))
    elif string(fields.get("text")).strip() == _WITHHELD:
        conversation.skipped.note("thinking")
    elif block is not None:
        conversation.assistant(text_of(block, conversation.skipped))
