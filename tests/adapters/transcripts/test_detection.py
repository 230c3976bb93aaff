from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.adapters.transcripts import FORMATS, READERS, read
from agent.errors import TranscriptError, UsageError
from tests.adapters.transcripts.files import lines, only, said

TEXT = [{"type": "text", "text": "Hello"}]


@pytest.mark.parametrize(
    ("record", "format"),
    [
        ({"role": "user", "message": {"content": TEXT}}, "cursor"),
        ({"role": "user", "content": TEXT}, "openai_messages"),
        ({"type": "user", "message": {"role": "user", "content": TEXT}}, "claude_code"),
        ({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}, "codex_cli"),
        ({"type": "user.message", "data": {"content": "Hello"}}, "copilot_cli"),
    ],
)
def test_lines_that_look_alike_are_told_apart(tmp_path: Path, record: dict[str, object], format: str) -> None:
    transcript = only(lines(tmp_path / "misleading.md", record))

    assert transcript.format == format
    assert said(transcript) == [("user", "Hello")]
    assert transcript.source == str(tmp_path / "misleading.md")


def test_a_first_line_longer_than_the_head_is_recognised(tmp_path: Path) -> None:
    message = {"role": "user", "content": "x" * 200_000}
    first = {"type": "user", "message": message, "sessionId": "s"}
    last = {"parentUuid": None, "message": message, "type": "user"}

    assert only(lines(tmp_path / "x", first)).format == "claude_code"
    assert only(lines(tmp_path / "x", last)).format == "claude_code"
    assert only(lines(tmp_path / "x", message)).format == "openai_messages"


@pytest.mark.parametrize(
    ("content", "why", "line"),
    [
        (b"", "empty", 1),
        (b"\xef\xbb\xbf \n\n", "empty", 1),
        (b"PK\x03\x04\n\x00\x00\x01", "binary", 2),
        (b"\n\nonly words\n", "no transcript format fits", 3),
        (b'{"some": "json"}', "no transcript format fits", 1),
        (b"[" * 100_000, "no transcript format fits", 1),
    ],
)
def test_what_fits_no_format_is_one_clear_error(tmp_path: Path, content: bytes, why: str, line: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)

    with pytest.raises(TranscriptError, match=why) as caught:
        read(path)

    assert (caught.value.path, caught.value.line, caught.value.tried) == (str(path), line, FORMATS)
    assert str(path) in caught.value.message
    assert "claude_code" in caught.value.hint


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="No such file"):
        read(tmp_path / "none")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(TranscriptError, match="not a regular file"):
        read(tmp_path / "pipe")


def test_a_format_can_be_named(tmp_path: Path) -> None:
    path = lines(tmp_path / "x", {"role": "user", "content": "Hello"})

    assert only(path, "openai-messages").format == "openai_messages"
    with pytest.raises(UsageError):
        read(path, "morse")


def test_every_reader_has_a_format_of_its_own() -> None:
    assert len({reader.format for reader in READERS}) == len(READERS) == 12


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b'\xef\xbb\xbf{"role": "user", "content": "Hello"}\r\n{"role": "assistant", "content": "Hi"}\r\n')

    assert said(only(path)) == [("user", "Hello"), ("assistant", "Hi")]


@pytest.mark.parametrize(
    "torn", [b'{"role": "user", "cont', b'{"role": "us{"role": "user", "content": "x"}\n', b"\0\0\0"]
)
def test_a_torn_line_is_passed_over(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(b'{"role": "user", "content": "Hello"}\n' + torn)

    transcript = only(path)

    assert said(transcript) == [("user", "Hello")]
    assert transcript.skipped == ({"torn line": 1} if torn.strip(b"\0") else {})


def test_a_line_that_is_no_json_line_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b'{"role": "user", "content": "Hello"}\nwhat?\n{"role": "user", "content": "x"}\n')

    with pytest.raises(TranscriptError, match="line 2") as caught:
        list(read(path))

    assert caught.value.line == 2


def test_a_broken_document_gives_what_came_before_and_then_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('[\n{"uuid": "a", "chat_messages": [{"sender": "human", "text": "Hello"}]},\n{"uuid": ?}\n]')

    transcripts = read(path)

    assert said(next(transcripts)) == [("user", "Hello")]
    with pytest.raises(TranscriptError) as caught:
        next(transcripts)
    assert caught.value.line == 3
