"""Gemini CLI chats: one JSON object, or JSON lines in which a message may be written again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.adapters.transcripts.actions import exit_code, verb_of
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
    rendered,
    sequence,
    string,
    timestamp,
)
from agent.domain.transcript import Transcript

_HEADER = ("sessionId", "projectHash")
_MODEL = ("gemini", "model", "assistant")


class GeminiCli(FileReader):
    format = "gemini_cli"

    def fits(self, head: bytes) -> bool:
        found = shapes(head)
        return any(_is_header(shape) or _is_chat(shape) for shape in found)

    def read(self, path: Path) -> Iterator[Transcript]:
        conversation = Conversation("gemini-cli", self.format, path)
        if any("messages" in shape for shape in shapes(head_of(path))):
            _take_document(path, conversation)
        else:
            _take_lines(path, conversation)
        yield conversation.transcript()


def _is_header(shape: Shape) -> bool:
    return all(key in shape for key in _HEADER)


def _is_chat(shape: Shape) -> bool:
    spoken = shape.get("messages.item.type") in ("user", *_MODEL)
    return "messages" in shape and spoken and ("sessionId" in shape or "messages.item.timestamp" in shape)


def _take_document(path: Path, conversation: Conversation) -> None:
    for key, value in elements(path, GeminiCli.format, {"messages"}):
        if key == "messages":
            _message(mapping(value), conversation)
        else:
            _header({key: value}, conversation)


def _take_lines(path: Path, conversation: Conversation) -> None:
    latest = _latest(json_lines(path, GeminiCli.format, Skipped()))
    for number, record in json_lines(path, GeminiCli.format, conversation.skipped):
        if "$set" in record:
            _header(mapping(record["$set"]), conversation)
        elif "$rewindTo" in record:
            continue
        elif not string(record.get("type")):
            _header(record, conversation)
        elif number in latest:
            _message(record, conversation)
        else:
            conversation.skipped.note("rewritten message")


def _latest(records: Iterable[tuple[int, dict[str, Any]]]) -> set[int]:
    """Lines that hold the last word on their message: it is written again when it changes, or rewound."""
    places: dict[str, int] = {}
    for number, record in records:
        if "$rewindTo" in record:
            idents = list(places)
            target = string(record["$rewindTo"])
            for ident in idents[idents.index(target) if target in places else 0 :]:
                del places[ident]
        elif string(record.get("type")):
            places[string(record.get("id")) or f"line {number}"] = number
    return set(places.values())


def _header(fields: dict[str, Any], conversation: Conversation) -> None:
    conversation.id = conversation.id or string(fields.get("sessionId"))
    conversation.title = string(fields.get("summary")) or conversation.title


def _message(message: dict[str, Any], conversation: Conversation) -> None:
    kind = first(message, "type")
    when = timestamp(message.get("timestamp"))
    content = message.get("content")
    text = text_of(content or message.get("parts"), conversation.skipped)
    if kind == "user":
        conversation.user(text, when)
    elif kind in _MODEL:
        if thoughts := len(sequence(message.get("thoughts"))):
            conversation.skipped.note("thinking", thoughts)
        conversation.assistant(text, when)
        for call in sequence(message.get("toolCalls")):
            _tool(mapping(call), conversation, when)
    else:
        conversation.skipped.note(kind)


def _tool(call: dict[str, Any], conversation: Conversation, when: datetime | None) -> None:
    ident = first(call, "id") or "call"
    name = first(call, "name", "displayName")
    moment = timestamp(call.get("timestamp")) or when
    conversation.call(ident, name, call.get("args"), moment)
    result = call.get("result")
    status = call.get("status")
    if result is None and "resultDisplay" not in call and status not in ("error", "cancelled"):
        return
    text = _output(result, conversation.skipped) or string(call.get("resultDisplay"))
    conversation.result(ident, text, _ok(name, status, text), moment)


def _output(result: object, skipped: Skipped) -> str:
    parts = result if isinstance(result, list) else [result]
    return "\n".join(text for part in parts if (text := _part(part, skipped)))


def _part(part: object, skipped: Skipped) -> str:
    answer = mapping(mapping(part).get("functionResponse"))
    if not answer:
        return text_of(part, skipped) if part is not None else ""
    response = answer.get("response")
    return first(mapping(response), "output", "error", "content") or rendered(response)


def _ok(name: str, status: object, text: str) -> bool | None:
    """A shell command that ran counts as a success to the host, whatever its exit code."""
    code = exit_code(text) if verb_of(name) == "run" else None
    if code is not None:
        return code == 0
    return {"success": True, "error": False, "cancelled": False}.get(string(status))
