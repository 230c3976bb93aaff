"""Files a host would have written."""

from __future__ import annotations

import json
from pathlib import Path

from agent.adapters.transcripts import read
from agent.domain.transcript import Transcript


def lines(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def document(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def only(path: Path, format: str | None = None) -> Transcript:
    [transcript] = read(path, format)
    return transcript


def said(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in transcript.turns]
