"""Codex CLI rollouts: JSON lines that hold the conversation as response items, and again as screen events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.adapters.transcripts.actions import arguments_of, exit_code
from agent.adapters.transcripts.blocks import IMAGE, text_of
from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.documents import shapes
from agent.adapters.transcripts.injected import own_words
from agent.adapters.transcripts.reading import (
    FileReader,
    Skipped,
    first,
    json_lines,
    mapping,
    names,
    rendered,
    sequence,
    string,
    timestamp,
)
from agent.domain.transcript import Transcript

Moment = datetime | None

_WRAPPERS = ("session_meta", "response_item", "event_msg", "turn_context", "compacted")
_BARE = names(
    """message reasoning function_call function_call_output local_shell_call custom_tool_call
    custom_tool_call_output web_search_call"""
)
_CALLS = names("function_call custom_tool_call tool_call local_shell_call tool_search_call web_search_call")
_RESULTS = names("function_call_output custom_tool_call_output tool_result tool_search_output")


class CodexCli(FileReader):
    format = "codex_cli"

    def fits(self, head: bytes) -> bool:
        return any(_is_wrapped(shape) or _is_bare(shape) for shape in shapes(head))

    def read(self, path: Path) -> Iterator[Transcript]:
        conversation = Conversation("codex", self.format, path)
        from_events = not _has_spoken_items(path)
        for _, record in json_lines(path, self.format, conversation.skipped):
            _take(record, conversation, from_events)
        yield conversation.transcript()


def _is_wrapped(shape: dict[str, object]) -> bool:
    return shape.get("type") in _WRAPPERS and any(path.startswith("payload") for path in shape)


def _is_bare(shape: dict[str, object]) -> bool:
    kind = shape.get("type")
    spoken = str(shape.get("content.item.type")) in ("input_text", "output_text")
    return (kind == "message" and spoken) or (kind in _BARE - {"message"} and "call_id" in shape)


def _has_spoken_items(path: Path) -> bool:
    return any(_is_spoken(record) for _, record in json_lines(path, CodexCli.format, Skipped()))


def _is_spoken(record: dict[str, Any]) -> bool:
    item = mapping(record.get("payload")) if "payload" in record else record
    return record.get("type") != "event_msg" and item.get("role") in ("user", "assistant")


def _take(record: dict[str, Any], conversation: Conversation, from_events: bool) -> None:
    kind = first(record, "type")
    payload = mapping(record.get("payload"))
    when = timestamp(record.get("timestamp"))
    if kind == "session_meta":
        _header(payload, conversation)
    elif kind == "turn_context":
        conversation.cwd = conversation.cwd or string(payload.get("cwd"))
    elif kind == "response_item":
        _item(payload, conversation, when)
    elif kind == "event_msg":
        _event(payload, conversation, when, from_events)
    elif kind == "compacted" and string(payload.get("message")).strip():
        conversation.compaction(string(payload.get("message")), when)
    elif kind in _BARE:
        _item(record, conversation, when)
    elif not kind and string(record.get("id")) and "timestamp" in record:
        _header(record, conversation)
    else:
        conversation.skipped.note(kind or first(record, "record_type"))


def _header(payload: dict[str, Any], conversation: Conversation) -> None:
    """A forked session repeats the header of the one it came from: the first is its own."""
    conversation.id = conversation.id or first(payload, "id", "session_id")
    conversation.cwd = conversation.cwd or string(payload.get("cwd"))


def _item(item: dict[str, Any], conversation: Conversation, when: Moment) -> None:
    kind = first(item, "type") or ("message" if "role" in item else "")
    if kind == "message":
        _message(item, conversation, when)
    elif kind in _CALLS:
        _call(kind, item, conversation, when)
    elif kind in _RESULTS:
        _result(item, conversation, when)
    elif kind == "image_generation_call":
        conversation.call(string(item.get("id")), "image_generation", None, when, text=IMAGE)
    else:
        conversation.skipped.note("thinking" if kind == "reasoning" else kind)


def _message(item: dict[str, Any], conversation: Conversation, when: Moment) -> None:
    role = item.get("role")
    if role == "assistant":
        conversation.assistant(text_of(item.get("content"), conversation.skipped), when)
    elif role == "user":
        _user(item.get("content"), conversation, when)
    else:
        conversation.skipped.note(role)


def _user(content: object, conversation: Conversation, when: Moment) -> None:
    """Injected passages come as blocks of their own, beside the person's or instead of them."""
    blocks = content if isinstance(content, list) else [content]
    texts = [text_of(block, conversation.skipped) for block in blocks if block is not None]
    words = [text for text in texts if own_words(conversation.host, text)]
    conversation.user("\n".join(words or texts), when)


def _call(kind: str, item: dict[str, Any], conversation: Conversation, when: Moment) -> None:
    name = first(item, "name") or first(mapping(item.get("function")), "name") or kind
    if namespace := first(item, "namespace"):
        name = f"{namespace}.{name}"
    given = next((item[key] for key in ("arguments", "input", "action") if item.get(key)), None)
    ident = first(item, "call_id") or ("" if kind == "tool_call" else first(item, "id"))
    conversation.call(ident, name, given, when, text=_patch(name, given))


def _patch(name: str, given: object) -> str:
    return first(arguments_of(given), "input", "patch") if name.endswith("apply_patch") else ""


def _result(item: dict[str, Any], conversation: Conversation, when: Moment) -> None:
    output = next((item[key] for key in ("output", "result", "tools") if item.get(key) is not None), "")
    text, ok = _output(output, conversation.skipped)
    conversation.result(first(item, "call_id"), text, ok, when, first(item, "name"))


def _output(output: object, skipped: Skipped) -> tuple[str, bool | None]:
    """The text of a tool's output and whether it succeeded: an exit code is beside the text or before it."""
    fields = _unwrapped(output) if isinstance(output, str) else mapping(output)
    if not fields:
        text = text_of(output, skipped)
        code = exit_code(text)
        return text, None if code is None else code == 0
    if "type" in fields:
        return text_of(fields, skipped), None
    parts = (_part(fields.get(key), skipped) for key in ("output", "content", "stdout", "stderr"))
    text = "\n".join(part for part in parts if part)
    code = mapping(fields.get("metadata")).get("exit_code", fields.get("exitCode", fields.get("exit_code")))
    if isinstance(code, int):
        return text, code == 0
    success = fields.get("success")
    return text or rendered(fields), success if isinstance(success, bool) else None


def _unwrapped(text: str) -> dict[str, Any]:
    """The host's own wrapping of a tool's output, as opposed to JSON that a tool printed."""
    fields = arguments_of(text)
    return fields if "output" in fields and "metadata" in fields else {}


def _part(value: object, skipped: Skipped) -> str:
    return text_of(value, skipped) if isinstance(value, str | list) else rendered(value)


def _event(payload: dict[str, Any], conversation: Conversation, when: Moment, spoken: bool) -> None:
    kind = first(payload, "type")
    if kind == "thread_rolled_back" and isinstance(payload.get("num_turns"), int):
        conversation.rewind(payload["num_turns"])
    elif kind == "thread_name_updated":
        conversation.title = first(payload, "thread_name", "name")
    elif kind == "user_message" and spoken:
        images = [IMAGE] * len(sequence(payload.get("images")))
        conversation.user("\n".join([string(payload.get("message")), *images]), when)
    elif kind == "agent_message" and spoken:
        conversation.assistant(string(payload.get("message")), when)
    else:
        conversation.skipped.note(f"event {kind}")
