"""Claude Code sessions: JSON lines that form a tree of messages, or the web export of the same records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.adapters.transcripts.blocks import text_of
from agent.adapters.transcripts.conversation import COMPACTION, Conversation
from agent.adapters.transcripts.documents import elements, shapes
from agent.adapters.transcripts.reading import (
    FileReader,
    Skipped,
    first,
    head_of,
    json_lines,
    mapping,
    names,
    rendered,
    sequence,
    string,
    timestamp,
    truth,
)
from agent.domain.transcript import Transcript

Records = Callable[[Skipped, Callable[[int], bool]], Iterable[tuple[int, dict[str, Any]]]]
"""Reads the numbered records again, only those wanted."""

_SPEAKERS = ("user", "human", "assistant")
_SAID = ("prompt", "result", "assistant", "queued", COMPACTION)
"""Kinds of records that hold turns."""
_TITLES = {"custom-title": "customTitle", "ai-title": "aiTitle", "summary": "summary"}
"""Records that name the session, the most telling first."""
_OWN_RECORDS = names("summary file-history-snapshot queue-operation permission-mode mode progress attachment")
_SAID_WHEN_REJECTING = "the user said:"


class ClaudeCode(FileReader):
    format = "claude_code"

    def fits(self, head: bytes) -> bool:
        return any(_is_record(shape) or "loglines.item.type" in shape for shape in shapes(head))

    def read(self, path: Path) -> Iterator[Transcript]:
        records = _loglines(path) if _is_web_export(path) else _lines(path)
        yield _transcript(path, records)


def _is_record(shape: dict[str, object]) -> bool:
    kind = shape.get("type")
    if kind in _SPEAKERS or (kind is None and "parentUuid" in shape):
        return "message" in shape or "message.content" in shape
    return kind in _OWN_RECORDS and ("sessionId" in shape or "leafUuid" in shape or "snapshot" in shape)


def _is_web_export(path: Path) -> bool:
    return any("loglines" in shape for shape in shapes(head_of(path)))


def _lines(path: Path) -> Records:
    return lambda skipped, wanted: json_lines(path, ClaudeCode.format, skipped, wanted)


def _loglines(path: Path) -> Records:
    def records(_: Skipped, wanted: Callable[[int], bool]) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, (key, value) in enumerate(elements(path, ClaudeCode.format, {"loglines"})):
            if key == "loglines" and isinstance(value, dict) and wanted(number):
                yield number, value

    return records


@dataclass(slots=True)
class _Line:
    """What the index keeps of a record: enough to follow the branch without its text."""

    number: int
    parent: int | None
    """Place in the index of the record before it on its branch; None at a beginning."""
    kind: str
    message: str
    """Id of the assistant message it is a piece of."""
    linked: bool


@dataclass(slots=True)
class _Index:
    """The first pass: every record's place in the tree, and what the file says about the session."""

    lines: list[_Line] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    session: str = ""
    skipped: Skipped = field(default_factory=Skipped)

    def add(self, number: int, record: dict[str, Any]) -> None:
        kind = _kind(record)
        if kind in _SAID:
            self.session = string(record.get("sessionId")) or self.session
        else:
            self.skipped.note(kind)
        if title := string(record.get(_TITLES.get(kind, ""))):
            self.titles[kind] = title
        self.lines.append(
            _Line(
                number,
                self._parent(record, kind),
                kind,
                string(mapping(record.get("message")).get("id")),
                isinstance(record.get("parentUuid"), str),
            )
        )
        if uuid := string(record.get("uuid")):
            self.places[uuid] = len(self.lines) - 1

    def _parent(self, record: dict[str, Any], kind: str) -> int | None:
        """The record named as parent; else the one before, except for a prompt that says it has none."""
        before = len(self.lines) - 1 if self.lines else None
        logical = string(record.get("logicalParentUuid"))
        if "parentUuid" in record and record["parentUuid"] is None and not logical and kind == "prompt":
            return None
        return self.places.get(logical or string(record.get("parentUuid")), before)

    def branch(self) -> set[int]:
        """Numbers of the records on the latest message's branch.

        Tools that run side by side answer on side branches, and so do further pieces of one assistant
        message: they belong to it too.
        """
        if not any(line.linked for line in self.lines):
            return {line.number for line in self.lines}
        on: set[int] = set()
        said = [at for at, line in enumerate(self.lines) if line.kind in ("prompt", "assistant", "result")]
        at = said[-1] if said else None
        while at is not None:
            on.add(at)
            at = self.lines[at].parent
        messages = {self.lines[at].message for at in on} - {""}
        for at, line in enumerate(self.lines):
            if line.message in messages or (line.kind == "result" and line.parent in on):
                on.add(at)
        return {self.lines[at].number for at in on}


def _kind(record: dict[str, Any]) -> str:
    kind = first(record, "type") or "unknown"
    if record.get("isSidechain") is True:
        return "sidechain"
    if kind == "attachment" and mapping(record.get("attachment")).get("type") == "queued_command":
        return "queued"
    if kind not in _SPEAKERS:
        return kind
    if kind == "assistant":
        return "assistant"
    if record.get("isCompactSummary") is True:
        return COMPACTION
    content = sequence(mapping(record.get("message")).get("content"))
    return "result" if any(mapping(block).get("type") == "tool_result" for block in content) else "prompt"


def _transcript(path: Path, records: Records) -> Transcript:
    index = _Index()
    for number, record in records(index.skipped, lambda _: True):
        index.add(number, record)
    branch = index.branch()
    said = {line.number for line in index.lines if line.kind in _SAID}
    if rewound := len(said - branch):
        index.skipped.note("rewound branch", rewound)

    conversation = Conversation("claude-code", ClaudeCode.format, path)
    conversation.skipped = index.skipped
    conversation.id = index.session
    conversation.title = next((index.titles[kind] for kind in _TITLES if kind in index.titles), "")
    wanted = branch & said
    for _, record in records(Skipped(), wanted.__contains__):
        conversation.cwd = conversation.cwd or string(record.get("cwd"))
        _take(record, conversation)
    return conversation.transcript()


def _take(record: dict[str, Any], conversation: Conversation) -> None:
    match _kind(record):
        case "assistant":
            _assistant(record, conversation)
        case "queued":
            _queued(record, conversation)
        case kind if kind == COMPACTION:
            content = mapping(record.get("message")).get("content")
            conversation.compaction(text_of(content, conversation.skipped), timestamp(record.get("timestamp")))
        case _:
            _user(record, conversation)


def _assistant(record: dict[str, Any], conversation: Conversation) -> None:
    message = mapping(record.get("message"))
    if record.get("isApiErrorMessage") is True or message.get("model") == "<synthetic>":
        conversation.skipped.note("synthetic message")
        return
    when = timestamp(record.get("timestamp"))
    content = message.get("content")
    ident = string(message.get("id"))
    for block in content if isinstance(content, list) else [content]:
        fields = mapping(block)
        if fields.get("type") in ("tool_use", "server_tool_use"):
            conversation.call(string(fields.get("id")), string(fields.get("name")), fields.get("input"), when)
        else:
            conversation.assistant(text_of(block, conversation.skipped), when, message=ident)


def _user(record: dict[str, Any], conversation: Conversation) -> None:
    when = timestamp(record.get("timestamp"))
    content = mapping(record.get("message")).get("content")
    blocks = content if isinstance(content, list) else [content]
    results = [block for block in blocks if mapping(block).get("type") == "tool_result"]
    for block in results:
        _result(block, record, conversation)
    if record.get("isMeta") is True:
        conversation.skipped.note("meta")
        return
    words = [block for block in blocks if block is not None and block not in results]
    text = text_of(words, conversation.skipped)
    if string(record.get("planContent")):
        conversation.tool("plan", text, None, when)
    else:
        conversation.user(text, when)


def _result(block: Any, record: dict[str, Any], conversation: Conversation) -> None:
    when = timestamp(record.get("timestamp"))
    content = block.get("content")
    text = text_of(content, conversation.skipped) if isinstance(content, str | list) else rendered(content)
    ok = truth(block.get("is_error"))
    if ok is None:
        ok = truth(mapping(record.get("toolUseResult")).get("is_error"))
    conversation.result(string(block.get("tool_use_id")), text, None if ok is None else not ok, when)
    # Only the host writes this field. A tool's output could hold the same sentence, but never vouch for it.
    if record.get("toolDenialKind") == "user-rejected" and _SAID_WHEN_REJECTING in text:
        conversation.user(text.partition(_SAID_WHEN_REJECTING)[2], when)


def _queued(record: dict[str, Any], conversation: Conversation) -> None:
    """What a person typed while the assistant was at work; other senders use the same queue."""
    attachment = mapping(record.get("attachment"))
    if attachment.get("commandMode", "prompt") != "prompt" or record.get("isMeta") is True:
        conversation.skipped.note("queued command")
        return
    prompt = text_of(attachment.get("prompt"), conversation.skipped)
    conversation.user(prompt, timestamp(record.get("timestamp")))
