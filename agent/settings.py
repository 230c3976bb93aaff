"""The settings as values, and the short way to them: what was validated once is read back without a library."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Lt

from agent.home import RESOLVED, shipped

_STRICT: dict[str, str] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    mode: Literal["embedded", "server"] = "embedded"
    url: str = "http://127.0.0.1:8000"
    deadline: Annotated[float, Gt(0)] = 2.0
    budget: Annotated[float, Gt(0)] = 10.0


@dataclass(frozen=True, slots=True)
class EmbedderSettings:
    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    model: str = "all-MiniLM-L6-v2"
    folder: Path | None = None
    threads: Annotated[int, Ge(1)] = 1


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    url: str | None = None
    wait: Annotated[float, Gt(0)] = 10.0


@dataclass(frozen=True, slots=True)
class LockSettings:
    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    wait: Annotated[float, Ge(0)] = 30.0


@dataclass(frozen=True, slots=True)
class BriefSettings:
    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    characters: Annotated[int, Ge(500)] = 8_000


@dataclass(frozen=True, slots=True)
class ScanSettings:
    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    seconds: Annotated[float, Gt(0)] = 30.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    url: str | None = None
    quiet: Annotated[float, Gt(0)] = 30.0
    linger: Annotated[float, Ge(0)] = 60.0


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    digest_hour: Annotated[int, Ge(0), Lt(24)] = 9
    window: Annotated[float, Gt(0)] = 72.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one home."""

    home: Path
    vault: Path | None = None
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    embedder: EmbedderSettings = field(default_factory=EmbedderSettings)
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    lock: LockSettings = field(default_factory=LockSettings)
    brief: BriefSettings = field(default_factory=BriefSettings)
    scan: ScanSettings = field(default_factory=ScanSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    review: ReviewSettings = field(default_factory=ReviewSettings)

    @property
    def vault_path(self) -> Path:
        return self.vault or self.home / "vault"

    @property
    def engine_url(self) -> str:
        return self.worker.url or f"sqlite:///{self.home / 'engine.db'}"


def settings(home: Path, overrides: Mapping[str, Any]) -> Settings:
    """The settings of a home. Raises ConfigError listing every problem at once."""
    mark = _mark(home)
    known = _resolved(home, mark) if not overrides else None
    if known is not None:
        return known
    from agent.config import load

    found = load(home, overrides)
    if not overrides and home.is_dir():
        _resolve(found, mark)
    return found


def _mark(home: Path) -> str:
    """What the settings depend on: both files, and every variable of ours."""
    parts = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("CLOSER_")]
    files = (shipped("config.yaml"), home / "config.yaml")
    digests = [_digest(path) for path in files]
    return hashlib.sha256("\0".join([str(home), *parts, *digests]).encode("utf-8", "surrogateescape")).hexdigest()


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "none"


def _resolved(home: Path, mark: str) -> Settings | None:
    try:
        kept = json.loads((home / RESOLVED).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(kept, dict) or kept.get("mark") != mark:
        return None
    found = kept["settings"]
    return Settings(
        home=home,
        vault=Path(found["vault"]) if found["vault"] else None,
        gateway=GatewaySettings(**found["gateway"]),
        embedder=EmbedderSettings(**{**found["embedder"], "folder": _path(found["embedder"]["folder"])}),
        registry=RegistrySettings(**found["registry"]),
        lock=LockSettings(**found["lock"]),
        brief=BriefSettings(**found["brief"]),
        scan=ScanSettings(**found["scan"]),
        worker=WorkerSettings(**found["worker"]),
        review=ReviewSettings(**found["review"]),
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _resolve(found: Settings, mark: str) -> None:
    """Keep the settings for the next who asks. Where there is no room for that, they are found anew each time."""
    beside = found.home / f".{RESOLVED}.{os.getpid()}"
    try:
        beside.write_text(json.dumps({"mark": mark, "settings": asdict(found)}, default=str), "utf-8")
        beside.replace(found.home / RESOLVED)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
