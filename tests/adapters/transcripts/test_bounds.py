"""Large and hostile input."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from agent.adapters.transcripts import READERS, read
from agent.adapters.transcripts.conversation import (
    SPEECH_LIMIT,
    TOOL_LIMIT,
    TOTAL_LIMIT,
    Conversation,
)
from agent.errors import TranscriptError
from tests.adapters.transcripts.files import document, lines, only, said
from tests.adapters.transcripts.test_markdown_formats import AIDER, SPECSTORY

MEASURE = """
import resource, sys
from pathlib import Path
from agent.adapters.transcripts import read
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
turns = sum(len(t.turns) for t in read(Path(sys.argv[1])))
print(turns, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def measured(path: Path) -> tuple[int, int]:
    """Turns read, and megabytes of memory that took, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True)
    turns, megabytes = done.stdout.split()
    return int(turns), int(megabytes)


def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    with path.open("w") as file:
        for number in range(300):
            call = {"type": "tool_use", "id": str(number), "name": "Bash", "input": {"command": "make"}}
            result = {"type": "tool_result", "tool_use_id": str(number), "content": "x" * 200_000}
            for kind, block in (("assistant", call), ("user", result)):
                record = {"type": kind, "sessionId": "s", "message": {"content": [block]}}
                file.write(json.dumps(record) + "\n")

    turns, megabytes = measured(path)

    assert path.stat().st_size > 60_000_000
    assert turns == 300
    assert megabytes < 40


def test_a_line_of_many_megabytes_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with path.open("w") as file:
        file.write('{"role": "user", "content": "Hello"}\n{"role": "user", "content": "')
        file.writelines("x" * 1_000_000 for _ in range(60))
        file.write('"}\n{"role": "assistant", "content": "Hi"}\n')

    assert said(only(path)) == [("user", "Hello"), ("assistant", "Hi")]
    assert only(path).skipped == {"oversized line": 1}
    assert measured(path)[1] < 60


def test_exports_are_read_one_conversation_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    chat = {"uuid": "a", "chat_messages": [{"sender": "human", "text": "Hello " + "x" * 100_000}]}
    with path.open("w") as file:
        file.write("[" + ",".join(json.dumps({**chat, "uuid": str(number)}) for number in range(600)) + "]")

    turns, megabytes = measured(path)

    assert turns == 600
    assert megabytes < 40


def test_long_texts_keep_their_beginning_and_end_and_say_what_is_missing(tmp_path: Path) -> None:
    text = "a" * 100_000 + "z" * 100_000
    path = lines(tmp_path / "x", {"role": "user", "content": text}, {"role": "tool", "content": text})

    transcript = only(path)
    speech, output = (turn.text for turn in transcript.turns)

    assert transcript.shortened == 2
    assert speech.startswith("aaa")
    assert speech.endswith("zzz")
    assert "[… 140,000 characters left out …]" in speech
    assert "[… 196,000 characters left out …]" in output
    assert len(speech) < SPEECH_LIMIT + 100
    assert len(output) < TOOL_LIMIT + 100


def test_a_conversation_keeps_a_bounded_text_and_shortens_tools_first() -> None:
    conversation = Conversation("text", "plain_text", Path("x"))
    conversation.user("u" * SPEECH_LIMIT)
    for _ in range(TOTAL_LIMIT // TOOL_LIMIT + 10):
        conversation.tool("t", "x" * TOOL_LIMIT, None)

    transcript = conversation.transcript()

    assert sum(len(turn.text) for turn in transcript.turns) < TOTAL_LIMIT
    assert len(transcript.turns[0].text) == SPEECH_LIMIT
    assert len(transcript.turns[1].text) < 300
    assert transcript.shortened > 3_000


def test_speech_is_bounded_when_there_are_no_tools_to_shorten() -> None:
    conversation = Conversation("text", "plain_text", Path("x"))
    for _ in range(2 * TOTAL_LIMIT // SPEECH_LIMIT):
        conversation.assistant("x" * SPEECH_LIMIT)

    assert sum(len(turn.text) for turn in conversation.transcript().turns) < TOTAL_LIMIT


HOSTILE: list[object] = [
    None, 7, -1.5e300, 10**40, True, "", "\ud800", "2026-99-99", [], {}, [[]], [None, 3, {"type": ["x"]}],
    {"type": "text", "text": 5}, {"type": "tool_use", "input": 3}, {"type": "tool_result", "content": {"a": [1]}},
    json.loads("[" * 90 + "]" * 90),
]  # fmt: skip
PLACES = ("type", "role", "content", "message", "payload", "data", "uuid", "parentUuid", "sessionId", "timestamp", "id")


@pytest.mark.parametrize("reader", READERS[1:], ids=lambda reader: reader.format)
def test_wrong_types_anywhere_are_counted_or_explained(reader: object, tmp_path: Path) -> None:
    format = reader.format  # type: ignore[attr-defined]
    for place in PLACES:
        for value in HOSTILE:
            inner = {"role": "user", "type": "message", "content": [{"type": "text", "text": "Hello"}], place: value}
            records = [
                {"type": kind, "message": inner, "payload": inner, "data": inner, "role": "user", place: value}
                for kind in ("user", "assistant", "response_item", "user.message", "gemini")
            ]
            tree = {"mapping": {"a": {"message": inner, place: value}}, "chat_messages": records, "messages": records}
            for path in (lines(tmp_path / "l", *records), document(tmp_path / "d", [tree, value, records])):
                with suppress(TranscriptError):
                    for transcript in read(path, format):
                        assert str(transcript).encode()
                        assert all(len(kind) <= 40 and kind.isprintable() for kind in transcript.skipped)


def test_nan_surrogates_and_deep_nesting_in_lines_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(
        '{"role": "user", "content": "a\\ud800b", "timestamp": NaN}\n'
        '{"role": "user", "content": ' + "[" * 100_000 + "]" * 100_000 + "}\n"
        '{"role": "assistant", "content": "Hi", "timestamp": 1e999}\n'
        '{"role": "evil\\u0007\\u202ename' + "x" * 100 + '", "content": "?"}\n'
    )

    transcript = only(path)

    assert said(transcript) == [("user", "a?b"), ("assistant", "Hi")]
    assert transcript.skipped == {"deeply nested line": 1, ("evil name" + "x" * 100)[:40]: 1}


def test_a_document_nested_without_end_is_read_without_recursion(tmp_path: Path) -> None:
    path = tmp_path / "x"
    deep = "[" * 50_000 + "]" * 50_000
    path.write_text('[{"uuid": "a", "chat_messages": [{"sender": "human", "text": "Hello", "x": ' + deep + "}]}]")

    assert said(only(path)) == [("user", "Hello")]


def test_many_unclosed_tags_take_no_time(tmp_path: Path) -> None:
    text = "<system-reminder>" * 50_000 + "words"
    path = lines(tmp_path / "x", {"type": "user", "message": {"content": text}})

    assert only(path).turns[0].text.endswith("words")


@pytest.mark.parametrize(("text", "format"), [(AIDER, "aider_markdown"), (SPECSTORY, "specstory_markdown")])
def test_a_markdown_history_torn_at_any_line_says_nothing_it_did_not_say_whole(
    tmp_path: Path, text: str, format: str
) -> None:
    path = tmp_path / "x"

    def spoken(part: str) -> list[tuple[str, str]]:
        path.write_text(part)
        return [turn for transcript in read(path, format) for turn in said(transcript) if turn[0] == "user"]

    whole = [words for _, words in spoken(text)]
    for ending in (match.end() for match in re.finditer("\n", text)):
        if text[:ending].strip():
            assert all(any(known.startswith(words) for known in whole) for _, words in spoken(text[:ending]))
