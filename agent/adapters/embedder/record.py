"""What an export left behind: which model, how close to the reference, and whether it may serve."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.ports import EmbedderStamp

_FILE = "export.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    version: str
    dimension: int
    tokens: int
    """How many tokens of a text the model reads, special ones included."""
    pad: int
    """Id of the token that fills a row."""
    opset: int
    parity: float | None = None
    """Least cosine to the reference over the probe texts; None when it didn't come to that."""
    refused: str = ""
    """Why the reference has to serve instead; empty when the export may."""

    @property
    def stamp(self) -> EmbedderStamp:
        return EmbedderStamp(self.name, self.version, self.dimension)


def read(folder: Path) -> Record | None:
    """The record in a folder; None when there is none that this version of closer understands."""
    try:
        fields = json.loads((folder / _FILE).read_bytes())
        return Record(**fields) if fields.pop("format") == _FORMAT else None
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write(folder: Path, record: Record) -> None:
    (folder / _FILE).write_text(json.dumps({"format": _FORMAT, **asdict(record)}, indent=2) + "\n", "utf-8")


def set_aside(folder: Path) -> None:
    """Make the folder count as not exported, so that the next to open it exports anew."""
    with suppress(FileNotFoundError):  # another process was first
        (folder / _FILE).replace(folder / f"{_FILE}.damaged")
