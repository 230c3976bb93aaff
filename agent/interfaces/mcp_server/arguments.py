"""What the tools take: types whose schema tells a model what is meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from agent.domain.session import SessionKey
from agent.domain.transcript import Role, Turn
from agent.errors import UsageError

HOST = "mcp"
"""The host of sessions that have no other."""

SESSION = r"^[A-Za-z0-9][A-Za-z0-9._:/@+#=-]{0,199}$"
SCOPE = r"^(global|[a-z0-9-]{1,80}-[0-9a-f]{8})$"
"""As `agent.closing.scope` makes them."""

SessionName = Annotated[
    str,
    Field(
        description="The session, as `open` gave it; in a host that has ids of its own, `host:id`.",
        pattern=SESSION,
    ),
]
ScopeName = Annotated[
    str,
    Field(
        description="`global`, or a project's scope as `open` gave it.",
        pattern=SCOPE,
    ),
]
Statement = Annotated[str, Field(description="One statement, in the user's words.", min_length=1, max_length=4_000)]
Question = Annotated[str, Field(description="What you want to know, in words.", min_length=1, max_length=4_000)]
Count = Annotated[int, Field(description="How many passages at most.", ge=1, le=50)]
Folder = Annotated[str, Field(description="The folder the conversation works in, absolute.", max_length=4_000)]
File = Annotated[str, Field(description="The conversation's transcript on this machine, absolute.", max_length=4_000)]
What = Annotated[str, Field(description="A statement's id, or its exact text.", min_length=1, max_length=4_000)]
JobName = Annotated[str, Field(description="A job that `close` gave.", pattern=r"^[A-Za-z0-9-]{1,60}$")]


@dataclass(frozen=True)
class Said:
    """One thing said by one party."""

    role: Annotated[Role, Field(description="Who said it: user, assistant, tool or system.")]
    text: Annotated[str, Field(description="What was said, verbatim.")]
    when: Annotated[datetime | None, Field(description="When, if known (ISO 8601).")] = None

    def turn(self) -> Turn:
        return Turn(self.role, self.text, when=self.when.astimezone() if self.when else None)


Turns = Annotated[
    list[Said],
    Field(
        description="The conversation's turns in order: all, or those since they were last handed over.", min_length=1
    ),
]


def key_of(name: str) -> SessionKey:
    """A session by name; one without a host belongs to this door."""
    return SessionKey.parse(name) if ":" in name else SessionKey(HOST, name)


def folder_of(name: str | None) -> str | None:
    """A folder's path. Raises UsageError unless it says where it begins."""
    if name is None or Path(name).expanduser().is_absolute():
        return name and str(Path(name).expanduser())
    raise UsageError(f"{name} is no absolute path", hint="name the folder from the root of the file system")


def file_of(name: str) -> Path:
    """A transcript's path. Raises UsageError when there is no such file."""
    path = Path(name).expanduser()
    if not path.is_absolute():
        raise UsageError(f"{name} is no absolute path", hint="name the transcript from the root of the file system")
    if not path.is_file():
        raise UsageError(f"there is no file {name}", hint="pass `turns` where no transcript is on this machine")
    return path
