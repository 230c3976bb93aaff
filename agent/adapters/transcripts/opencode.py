"""OpenCode storage: a folder of sessions, their messages and the parts of those, each in its own file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.adapters.transcripts.blocks import IMAGE, file_mark, text_of
from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.reading import (
    LINE_LIMIT,
    Skipped,
    first,
    mapping,
    opened,
    rendered,
    timestamp,
    unreadable,
)
from agent.domain.transcript import Transcript

_FOLDERS = ("session", "message", "part")
_NAME_LIMIT = 200


class OpenCode:
    format = "opencode"

    def recognises(self, path: Path, head: bytes) -> bool:
        return not head and _storage(path) is not None

    def read(self, path: Path) -> Iterator[Transcript]:
        storage = _storage(path)
        if storage is None:
            raise unreadable(path, "holds no OpenCode sessions", tried=(self.format,))
        skipped = Skipped()
        for session in _by_time(storage.glob("session/*/*.json"), skipped):
            if first(session, "parentID"):
                skipped.note("sidechain")
                continue
            conversation = Conversation("opencode", self.format, path)
            conversation.skipped.update(skipped)
            skipped.clear()
            _session(storage, session, conversation)
            yield conversation.transcript()


def _storage(path: Path) -> Path | None:
    places = (path, path / "storage")
    return next((p for p in places if all((p / folder).is_dir() for folder in _FOLDERS)), None)


def _session(storage: Path, session: dict[str, Any], conversation: Conversation) -> None:
    conversation.id = first(session, "id")
    conversation.title = first(session, "title")
    conversation.cwd = first(session, "directory")
    for message in _by_time(_inside(storage / "message", conversation.id), conversation.skipped):
        if message.get("summary") is True:
            conversation.skipped.note("compaction summary")
            continue
        for file in sorted(_inside(storage / "part", first(message, "id"))):
            if part := _object(file, conversation.skipped):
                _part(part, message, conversation)


def _part(part: dict[str, Any], message: dict[str, Any], conversation: Conversation) -> None:
    kind = first(part, "type")
    when = _moment(part, "start") or _moment(message, "created")
    if kind == "tool":
        _tool(part, conversation, when)
    elif kind == "reasoning":
        conversation.skipped.note("thinking")
    elif kind not in ("text", "file"):
        conversation.skipped.note(kind)
    elif part.get("synthetic") is True or part.get("ignored") is True:
        conversation.skipped.note("injected")
    else:
        text = _file(part) if kind == "file" else text_of(part, conversation.skipped)
        _speech(message, text, conversation, when)


def _speech(message: dict[str, Any], text: str, conversation: Conversation, when: datetime | None) -> None:
    role = message.get("role")
    if role == "user":
        conversation.user(text, when)
    elif role == "assistant":
        conversation.assistant(text, when, message=first(message, "id"))
    else:
        conversation.skipped.note(role)


def _file(part: dict[str, Any]) -> str:
    return IMAGE if first(part, "mime").startswith("image/") else file_mark(first(part, "filename", "url"))


def _tool(part: dict[str, Any], conversation: Conversation, when: datetime | None) -> None:
    state = mapping(part.get("state"))
    ident = first(part, "callID", "id") or "call"
    conversation.call(ident, first(part, "tool"), state.get("input"), when)
    status = state.get("status")
    if status in ("completed", "error"):
        exit_code = mapping(state.get("metadata")).get("exit")
        ok = exit_code == 0 if isinstance(exit_code, int) else status == "completed"
        text = rendered(state.get("output")) or rendered(state.get("error"))
        conversation.result(ident, text, ok, _moment(state, "end") or when)


def _moment(record: dict[str, Any], key: str) -> datetime | None:
    return timestamp(mapping(record.get("time")).get(key))


def _inside(folder: Path, name: str) -> Iterator[Path]:
    """The JSON files of the subfolder that an id names, and of no other place an id could lead to."""
    if not name or name != Path(name).name or not name.isprintable() or len(name) > _NAME_LIMIT:
        return iter(())
    return (folder / name).glob("*.json")


def _by_time(files: Iterator[Path], skipped: Skipped) -> Iterator[dict[str, Any]]:
    """Records in the order of their creation. They are small: what they hold lies in files of its own."""
    records = [(_object(file, skipped), file.name) for file in files]
    dated = [(_moment(record, "created"), name, record) for record, name in records if record]
    dated.sort(key=lambda one: (one[0].timestamp() if one[0] else 0.0, one[1]))
    return (record for _, _, record in dated)


def _object(path: Path, skipped: Skipped) -> dict[str, Any]:
    with opened(path) as file:
        content = file.read(LINE_LIMIT + 1)
    if len(content) > LINE_LIMIT:
        skipped.note("oversized file")
        return {}
    try:
        value = json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        skipped.note("torn file")
        return {}
    if not isinstance(value, dict):
        skipped.note(type(value).__name__)
    return mapping(value)
