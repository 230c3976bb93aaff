"""Copilot CLI sessions: JSON lines of events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.adapters.transcripts.blocks import file_mark, text_of
from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.documents import shapes
from agent.adapters.transcripts.reading import (
    FileReader,
    first,
    json_lines,
    mapping,
    rendered,
    sequence,
    string,
    timestamp,
    truth,
)
from agent.domain.transcript import Transcript

_EVENTS = ("session.start", "session.resume", "user.message", "assistant.message", "tool.execution_start")


class CopilotCli(FileReader):
    format = "copilot_cli"

    def fits(self, head: bytes) -> bool:
        return any(shape.get("type") in _EVENTS and "data" in shape for shape in shapes(head))

    def read(self, path: Path) -> Iterator[Transcript]:
        conversation = Conversation("copilot-cli", self.format, path)
        for _, event in json_lines(path, self.format, conversation.skipped):
            _take(event, mapping(event.get("data")), conversation)
        yield conversation.transcript()


def _take(event: dict[str, Any], data: dict[str, Any], conversation: Conversation) -> None:
    when = timestamp(event.get("timestamp"))
    kind = first(event, "type")
    if data.get("parentToolCallId"):
        conversation.skipped.note("sidechain")
        return
    match kind:
        case "session.start":
            conversation.id = conversation.id or string(data.get("sessionId"))
            conversation.cwd = conversation.cwd or string(mapping(data.get("context")).get("cwd"))
        case "session.title_changed":
            conversation.title = string(data.get("title"))
        case "user.message":
            files = [mapping(item) for item in sequence(data.get("attachments"))]
            marks = [file_mark(first(item, "displayName", "path")) for item in files]
            text = text_of(data.get("content"), conversation.skipped)
            conversation.user("\n".join([text, *marks]), when)
        case "assistant.message":
            if first(data, "reasoningText", "reasoningOpaque"):
                conversation.skipped.note("thinking")
            conversation.assistant(text_of(data.get("content"), conversation.skipped), when)
            for request in sequence(data.get("toolRequests")):
                fields = mapping(request)
                ident, name = first(fields, "toolCallId"), first(fields, "name")
                conversation.call(ident, name, fields.get("arguments"), when)
        case "tool.execution_start":
            ident = first(data, "toolCallId")
            if not conversation.is_open(ident):
                conversation.call(ident, first(data, "toolName"), data.get("arguments"), when)
        case "tool.execution_complete":
            text = _output(data, conversation)
            ok = truth(data.get("success"))
            conversation.result(first(data, "toolCallId"), text, ok, when, first(data, "toolName"))
        case "assistant.reasoning":
            conversation.skipped.note("thinking")
        case _:
            conversation.skipped.note(kind)


def _output(data: dict[str, Any], conversation: Conversation) -> str:
    result = data.get("result")
    content = mapping(result).get("content")
    if isinstance(content, list):
        return text_of(content, conversation.skipped)
    error = data.get("error")
    return string(content) or rendered(result) or first(mapping(error), "message") or rendered(error)
