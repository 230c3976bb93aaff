"""Where hosts keep the transcripts of old sessions. Finds them; reads of them no more than the time they end at."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.adapters.transcripts.reading import timestamp
from agent.errors import UsageError
from agent.interfaces.hooks import opencode, wiring

TAIL = 64 * 1024
"""Bytes of a file's end in which its last time is looked for."""
HELPERS = ("subagents", "agent-", b'"source":{"subagent"')
"""By what hosts tell apart what their assistant's helpers said: a folder, the beginning of a file's name, a record."""
_MOMENT = re.compile(rb'"timestamp"\s*:\s*"([^"\\]{10,40})"')


@dataclass(frozen=True, slots=True)
class History:
    """How one host keeps its transcripts."""

    names: tuple[str, ...]
    """Patterns of the files' names."""
    folders: tuple[str, ...] = ()
    """Where they are, below the host's own folder; none where only a person knows."""
    within: str = ""
    """A folder that all of them are in."""


HISTORIES: dict[str, History] = {
    "claude-code": History(("*.jsonl",), ("projects",)),
    "codex": History(("rollout-*.jsonl*",), ("sessions", "archived_sessions")),
    "gemini-cli": History(("session-*.json", "session-*.jsonl"), ("tmp",), "chats"),
    "cursor": History(("*.jsonl",), ("projects",), "agent-transcripts"),
    "copilot-cli": History(("*.jsonl",), ("session-state",)),
    "opencode": History(()),
    "specstory": History(("*.md",)),
    "aider": History((".aider.chat.history.md",)),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A transcript on disk: a file, or a folder that is one."""

    path: Path
    size: int
    """Bytes of a file; files of a folder."""
    changed: int
    """Nanoseconds of the epoch."""

    def ended(self) -> datetime:
        """When its conversation ended: by what it says itself at its end, else by when it was last written."""
        written = datetime.fromtimestamp(self.changed / 1e9, UTC)
        if self.path.is_dir():
            return written
        with self.path.open("rb") as file:
            file.seek(max(self.size - TAIL, 0))
            told = [timestamp(text.decode("ascii", "replace")) for text in _MOMENT.findall(file.read(TAIL))]
        return next((moment for moment in reversed(told) if moment), written)

    @property
    def a_helpers(self) -> bool:
        """Whether Codex says that this is no conversation of a person's."""
        if not self.path.name.startswith("rollout-"):
            return False
        try:
            with self.path.open("rb") as file:
                return HELPERS[2] in file.read(TAIL).partition(b"\n")[0]
        except OSError:
            return False  # whoever reads it in earnest will say why it can't be


def sources(host: str, folder: Path | None = None) -> list[Source]:
    """All transcripts of a host, below a folder instead of where it keeps them when one is named.

    Raises UsageError where nobody but a person knows the folder, or it isn't there.
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="name the one that holds the transcripts")
    if host == opencode.HOST:
        return _storage(folder or opencode.data())
    known = HISTORIES[host]
    if folder is None and not known.folders:
        raise UsageError(f"{host} keeps its transcripts in each project", hint="name a folder with --path")
    roots = [folder] if folder is not None else [wiring.KNOWN[host].home / name for name in known.folders]
    paths = {path for root in roots for path in _below(root, known)}
    found = [one for path in sorted(paths) if (one := _source(path)) is not None]
    return [one for one in found if not one.a_helpers]


def _below(root: Path, known: History) -> Iterator[Path]:
    folder, beginning, _ = HELPERS
    for name in known.names:
        for path in root.rglob(name):
            parents = path.relative_to(root).parts[:-1]
            theirs = not known.within or known.within in path.parts[:-1]
            if theirs and folder not in parents and not path.name.startswith(beginning):
                yield path


def _source(path: Path) -> Source | None:
    try:
        told = path.stat()
    except FileNotFoundError:
        return None  # deleted meanwhile: hosts tidy up
    return Source(path, told.st_size, told.st_mtime_ns) if path.is_file() else None


def _storage(folder: Path) -> list[Source]:
    """OpenCode's storage, many small files that are read together."""
    root = next((place for place in (folder, folder / "storage") if (place / "session").is_dir()), None)
    if root is None and (folder / "opencode.db").exists():
        raise UsageError(f"{folder} holds a database, which closer doesn't read", hint="newer sessions come by hooks")
    if root is None:
        return []
    count = newest = 0
    for parent, _, names in os.walk(root):
        for name in names:
            if found := _source(Path(parent, name)):
                count, newest = count + 1, max(newest, found.changed)
    return [Source(root, count, newest)]
