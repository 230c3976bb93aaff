"""OpenAI chat messages: a list, an object with `messages`, or many of either; as JSON or as JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.adapters.transcripts.blocks import text_of
from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.documents import Shape, elements, shapes
from agent.adapters.transcripts.reading import (
    FileReader,
    Skipped,
    first,
    head_of,
    json_lines,
    mapping,
    sequence,
    string,
    timestamp,
)
from agent.domain.transcript import Transcript

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_TIMES = ("timestamp", "created_at", "create_time", "date")
_PREFIXES = ("", "messages.item.", "item.", "item.item.", "item.messages.item.")


class OpenAiMessages(FileReader):
    format = "openai_messages"

    def fits(self, head: bytes) -> bool:
        return any(_is_message(shape, prefix) for shape in shapes(head) for prefix in _PREFIXES)

    def read(self, path: Path) -> Iterator[Transcript]:
        skipped = Skipped()
        loose: Conversation | None = None
        for record in _records(path, skipped):
            messages = record if isinstance(record, list) else mapping(record).get("messages")
            if isinstance(messages, list):
                yield self._whole(path, mapping(record), messages, skipped)
            elif isinstance(record, dict):
                loose = loose or self._conversation(path, skipped)
                _message(record, loose)
            else:
                skipped.note(type(record).__name__)
        if loose:
            loose.skipped.update(skipped)
            yield loose.transcript()

    def _whole(self, path: Path, record: dict[str, Any], messages: list[Any], skipped: Skipped) -> Transcript:
        conversation = self._conversation(path, skipped)
        conversation.id = first(record, "conversation_id", "session_id", "id")
        conversation.title = first(record, "title", "name")
        for message in messages:
            _message(mapping(message), conversation)
        return conversation.transcript()

    def _conversation(self, path: Path, skipped: Skipped) -> Conversation:
        """A new conversation, which takes over what was skipped before it."""
        conversation = Conversation("openai", self.format, path)
        conversation.skipped.update(skipped)
        skipped.clear()
        return conversation


def _is_message(shape: Shape, prefix: str) -> bool:
    said = any(f"{prefix}{key}" in shape for key in ("content", "tool_calls"))
    return shape.get(f"{prefix}role") in _ROLES and said and f"{prefix}message" not in shape


def _records(path: Path, skipped: Skipped) -> Iterator[Any]:
    """The items of a JSON list, the one object of a JSON file, or the objects of JSON lines."""
    head = head_of(path)
    if head.lstrip().startswith(b"["):
        yield from (value for _, value in elements(path, OpenAiMessages.format))
    elif _is_lines(head):
        yield from (record for _, record in json_lines(path, OpenAiMessages.format, skipped))
    else:
        yield dict(elements(path, OpenAiMessages.format))


def _is_lines(head: bytes) -> bool:
    """A line that holds a whole object, as opposed to the first line of an indented one."""
    line, newline, _ = head.strip().partition(b"\n")
    return not newline or line.rstrip().endswith(b"}")


def _message(message: dict[str, Any], conversation: Conversation) -> None:
    role = first(message, "role")
    when = timestamp(next((message[key] for key in _TIMES if key in message), None))
    text = text_of(message.get("content"), conversation.skipped)
    if role == "user":
        conversation.user(text, when, first(message, "name") or None)
    elif role == "assistant":
        if message.get("reasoning_content"):
            conversation.skipped.note("thinking")
        conversation.assistant(text or string(message.get("refusal")), when, first(message, "name") or None)
        _calls(message, conversation)
    elif role in ("tool", "function"):
        name = first(message, "name")
        conversation.result(first(message, "tool_call_id") or name, text, None, when, name)
    elif role in ("system", "developer"):
        conversation.system(text, when)
    else:
        conversation.skipped.note(role)


def _calls(message: dict[str, Any], conversation: Conversation) -> None:
    for item in sequence(message.get("tool_calls")):
        function = mapping(mapping(item).get("function"))
        name = first(function, "name") or first(mapping(item), "name")
        arguments = function.get("arguments", mapping(item).get("arguments"))
        conversation.call(first(mapping(item), "id") or name, name, arguments)
    if legacy := mapping(message.get("function_call")):
        conversation.call(first(legacy, "name"), first(legacy, "name"), legacy.get("arguments"))
