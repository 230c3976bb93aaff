"""Every file of a folder of real transcripts, where there is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.adapters.transcripts import read

INJECTED = ("<system-reminder>", "<command-name>", "<environment_context>", "<user_query>", "<closer-memory")


def samples() -> list[Path]:
    data = os.environ.get("CLOSER_DATA")
    root = Path(data) / "transcripts" if data else None
    if root is None or not root.is_dir():
        return []
    files = [path for path in root.rglob("*.*") if path.is_file() and "opencode" not in path.parts]
    return sorted([*files, *root.glob("opencode/*")])


@pytest.mark.skipif(not samples(), reason="CLOSER_DATA names no folder with transcripts")
@pytest.mark.parametrize("path", samples(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_is_recognised_and_read(path: Path) -> None:
    for transcript in read(path):
        assert transcript.format in path.parts
        assert transcript.turns
        assert [turn.index for turn in transcript.turns] == list(range(len(transcript.turns)))
        for turn in transcript.turns:
            assert turn.text.strip() or turn.action
            assert turn.role != "user" or not any(tag in turn.text[:200] for tag in INJECTED)
            assert turn.when is None or turn.when.tzinfo is not None
