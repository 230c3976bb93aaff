"""What backfills have seen: a line for each conversation and each finished source, in a file of the home.

It only saves time. Without it everything is read again, and each close finds that it is done.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from agent.domain.transcript import Transcript
from agent.interfaces.backfill.histories import Source

FILE = "backfill.jsonl"
_PIECE = 1 << 20


class Ledger:
    """Of one home."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._known: dict[str, dict[str, Any]] = {}
        if self._path.exists():
            for line in self._path.read_bytes().splitlines():
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            told = json.loads(line)
            self._known[told["name"]] = told
        except (ValueError, TypeError, KeyError):
            return  # torn when a process was killed: what it told of is looked at again

    def finished(self, source: Source) -> bool:
        """Whether all of a source was seen to and it hasn't changed since."""
        known = self._known.get(str(source.path))
        if known is None or known.get("size") != source.size:
            return False
        if known.get("changed") == source.changed:
            return True
        return bool(known.get("digest")) and known["digest"] == _digest(source.path)

    def finish(self, source: Source) -> None:
        facts = {"size": source.size, "changed": source.changed, "digest": _digest(source.path)}
        self._write({"name": str(source.path), **facts})

    def closed(self, talk: Transcript) -> bool:
        """Whether this very conversation was seen to."""
        return self._known.get(str(talk.session), {}).get("digest") == _said(talk)

    def close(self, talk: Transcript) -> None:
        self._write({"name": str(talk.session), "digest": _said(talk)})

    def _write(self, told: dict[str, Any]) -> None:
        self._known[told["name"]] = told
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"\n{json.dumps(told)}")


def _digest(path: Path) -> str:
    """Of a file's bytes; none of a folder's."""
    if path.is_dir():
        return ""
    made = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            made.update(piece)
    return made.hexdigest()


def _said(talk: Transcript) -> str:
    """Of the turns as they were read, secrets and all: nothing can be told from it."""
    made = hashlib.sha256()
    for turn in talk.turns:
        made.update(json.dumps([turn.role, turn.text, turn.name, str(turn.when)]).encode())
    return made.hexdigest()
