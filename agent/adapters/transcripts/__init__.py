"""Transcripts in the native formats of many assistants, recognised by their content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from agent.adapters.transcripts.aider_markdown import AiderMarkdown
from agent.adapters.transcripts.chatgpt_export import ChatGptExport
from agent.adapters.transcripts.claude_ai_export import ClaudeAiExport
from agent.adapters.transcripts.claude_code import ClaudeCode
from agent.adapters.transcripts.codex_cli import CodexCli
from agent.adapters.transcripts.copilot_cli import CopilotCli
from agent.adapters.transcripts.cursor import Cursor
from agent.adapters.transcripts.gemini_cli import GeminiCli
from agent.adapters.transcripts.openai_messages import OpenAiMessages
from agent.adapters.transcripts.opencode import OpenCode
from agent.adapters.transcripts.plain_text import PlainText
from agent.adapters.transcripts.reading import Skipped, head_of, unreadable
from agent.adapters.transcripts.specstory_markdown import SpecStoryMarkdown
from agent.domain.session import SessionKey
from agent.domain.transcript import Transcript
from agent.errors import UsageError
from agent.ports import TranscriptReader

READERS: tuple[TranscriptReader, ...] = (
    OpenCode(),
    ClaudeCode(),
    CodexCli(),
    CopilotCli(),
    GeminiCli(),
    Cursor(),
    ChatGptExport(),
    ClaudeAiExport(),
    OpenAiMessages(),
    SpecStoryMarkdown(),
    AiderMarkdown(),
    PlainText(),
)
"""In the order they are asked: what is unmistakable first, what any text could be last."""

FORMATS = tuple(reader.format for reader in READERS)


def read(path: Path, format: str | None = None) -> Iterator[Transcript]:
    """Every conversation in `path` that holds a turn.

    Raises TranscriptError at once when the path can't be read or no format fits, and while iterating when the
    content breaks half-way.
    """
    head = _head(path)
    return _distinct(_reader(path, head, format).read(path))


def _head(path: Path) -> bytes:
    """The beginning of a file that may be a transcript; empty for a folder."""
    if path.is_dir():
        return b""
    if path.exists() and not path.is_file():
        raise unreadable(path, "not a regular file", tried=FORMATS)
    head = head_of(path)
    if not head.strip():
        raise unreadable(path, "the file is empty", line=1, tried=FORMATS)
    if b"\0" in head.rstrip(b"\0"):
        line = head.partition(b"\0")[0].count(b"\n") + 1
        raise unreadable(path, "binary content, not a transcript", line=line, tried=FORMATS)
    return head


def _reader(path: Path, head: bytes, format: str | None) -> TranscriptReader:
    if format is not None:
        named = {reader.format: reader for reader in READERS}.get(format.replace("-", "_"))
        if named is None:
            raise UsageError(f"unknown transcript format: {format}", hint=f"formats: {', '.join(FORMATS)}")
        return named
    fitting = next((reader for reader in READERS if reader.recognises(path, head)), None)
    if fitting is None:
        line = None if path.is_dir() else head[: len(head) - len(head.lstrip())].count(b"\n") + 1
        raise unreadable(path, "no transcript format fits", line=line, tried=FORMATS)
    return fitting


def _distinct(transcripts: Iterator[Transcript]) -> Iterator[Transcript]:
    """Conversations that hold a turn, each under its own key. Those without one are counted on the next."""
    keys: Counter[str] = Counter()
    passed = Skipped()
    for transcript in transcripts:
        if not transcript.turns:
            passed.update(transcript.skipped)
            passed.note("empty conversation")
            continue
        key = transcript.session
        keys[str(key)] += 1
        if keys[str(key)] > 1:
            key = SessionKey(key.host, f"{key.id}-{keys[str(key)]}")
        passed.update(transcript.skipped)
        yield replace(transcript, session=key, skipped=dict(passed))
        passed.clear()
