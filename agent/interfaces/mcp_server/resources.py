"""What an assistant may read: the brief, the index, and single notes, all at the vault's last commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TypeVar

from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

from agent.bootstrap import House
from agent.closing import follow
from agent.domain.fence import fenced
from agent.domain.layout import MEMORY, OURS, TOMBSTONES
from agent.domain.session import Scope, SessionKey
from agent.errors import Busy, CloserError
from agent.interfaces.mcp_server.arguments import SCOPE
from agent.interfaces.mcp_server.desk import Desk, explained
from agent.opening.brief import brief

T = TypeVar("T")
DEFAULT = "default"
"""The scope of the folder the server was started in."""
LARGEST = 256 * 1024
"""Bytes of a note that is handed out whole."""


class Resources:
    """Read-only views of one home."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def default(self) -> str:
        """The brief for the folder the server works in."""
        return await self.brief(DEFAULT)

    async def brief(self, scope: str) -> str:
        """What a session that begins in this scope should know. `default`: the folder the server works in."""
        if scope == DEFAULT:
            folder = str(Path.cwd())
            with _explaining():
                return str((await self._desk.ask(lambda memory: memory.brief(folder)))["text"])
        expect(SCOPE, scope, "scope")
        return await self._do(lambda house: _brief(house, scope))

    async def index(self) -> str:
        """MEMORY.md, the vault's index: one line a note."""
        return await self.note(MEMORY)

    async def note(self, path: str) -> str:
        """A note by its path in the vault, as `recall` names it."""
        if not _ours(path):
            raise MCPError(INVALID_PARAMS, f"no note can be at {path!r}")
        content = await self._do(lambda house: house.vault.read([path]).get(path))
        if content is None:
            raise MCPError(INVALID_PARAMS, f"there is no note {path}")
        if len(content) > LARGEST:
            told = f"{path} has {len(content)} bytes, more than are handed out: `recall` finds its parts"
            raise MCPError(INVALID_PARAMS, told)
        return fenced(content.decode("utf-8", "replace"))

    async def _do(self, work: Callable[[House], T]) -> T:
        with _explaining():
            return await self._desk.do(lambda house, _: work(house))


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except CloserError as error:
        raise MCPError(INTERNAL_ERROR, explained(error)) from error


def expect(pattern: str, text: str, what: str) -> None:
    """Raises MCPError unless the text fits: for what the SDK doesn't check against a schema."""
    if not re.fullmatch(pattern, text):
        raise MCPError(INVALID_PARAMS, f"{text!r} is no {what}")


def _brief(house: House, scope: str) -> str:
    with suppress(Busy), house.lock.hold(1.0):
        follow.catch_up(house)
    return brief(house, SessionKey("closer", "next"), Scope(scope)).text


def _ours(path: str) -> bool:
    """Whether a path is one that notes have. It is looked up in git's tree, where no path leads out of the vault."""
    parts = PurePosixPath(path).parts
    return (
        path.isprintable()
        and "\\" not in path
        and "/".join(parts) == path
        and ".." not in parts
        and parts[0] != TOMBSTONES
        and OURS.match(path) is not None
    )
