"""What a session holds while it runs and must let go of at its end: locks, background processes, temporary files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent.domain.session import SessionKey

ResourceKind = Literal["lock", "process", "file"]


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, named so that another that got its number later is not taken for it."""

    pid: int
    boot: str
    """Which start of the machine it belongs to."""
    started: str
    """When within that, as the system counts; empty when it could not be told."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing a session holds."""

    session: SessionKey
    kind: ResourceKind
    name: str
    """A lock's name, a file's absolute path, or what a process is for."""
    owner: Owner | None = None
    """The process itself, or the one that holds the lock."""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a resource at the end of its session."""

    resource: Resource
    outcome: str
    """`released`, `removed`, `stopped`, `killed`, `gone`, or `left: …` with the reason."""
