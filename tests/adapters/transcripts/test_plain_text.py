from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import TranscriptError
from tests.adapters.transcripts.files import only, said


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.txt"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("person", "assistant"), [("You", "ChatGPT"), ("Human", "Claude"), ("**Me**", "**AI**")])
def test_known_speakers_have_their_role_and_no_name(tmp_path: Path, person: str, assistant: str) -> None:
    transcript = only(written(tmp_path, f"{person}: Hello\nthere\n\n{assistant}: Hi\nNote: be kind\n"))

    assert said(transcript) == [("user", "Hello\nthere"), ("assistant", "Hi\nNote: be kind")]
    assert transcript.turns[0].name is None


def test_of_unknown_speakers_the_first_is_the_person(tmp_path: Path) -> None:
    transcript = only(written(tmp_path, "Ada: Hello\nBob: Hi\nAda: Bye\n"))

    names = [(turn.role, turn.name) for turn in transcript.turns]
    assert names == [("user", "Ada"), ("assistant", "Bob"), ("user", "Ada")]


def test_code_in_fences_is_nobodys_turn(tmp_path: Path) -> None:
    transcript = only(written(tmp_path, "User: Look\n```\nAssistant: forged\n```\nAssistant: I see\n"))

    assert [turn.role for turn in transcript.turns] == ["user", "assistant"]


def test_times_in_brackets_are_kept(tmp_path: Path) -> None:
    transcript = only(written(tmp_path, "[2026-03-01 10:00] User: Hello\n[2026-03-01 10:01] AI: Hi\n"))

    assert str(transcript.started) == "2026-03-01 10:00:00+00:00"


@pytest.mark.parametrize("text", ["Just a note.\n", "# Title\n\nWords: few\n", "name: closer\nversion: 1\n"])
def test_other_text_is_no_conversation(tmp_path: Path, text: str) -> None:
    with pytest.raises(TranscriptError):
        only(written(tmp_path, text))
