"""Settings: the shipped `config.yaml`, then the home's, then the environment. Every problem is listed at once.

Loading them costs a settings library, so `resolve` leaves the little that a fast path needs as JSON in the home.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from agent.errors import ConfigError
from agent.home import RESOLVED, shipped


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GatewaySettings(_Part):
    mode: Literal["embedded", "server"] = "embedded"
    url: str = "http://127.0.0.1:8000"
    deadline: float = Field(default=2.0, gt=0)
    budget: float = Field(default=10.0, gt=0)


class EmbedderSettings(_Part):
    model: str = "all-MiniLM-L6-v2"
    folder: Path | None = None
    threads: int = Field(default=1, ge=1)


class RegistrySettings(_Part):
    url: str | None = None


class LockSettings(_Part):
    wait: float = Field(default=30.0, ge=0)


class BriefSettings(_Part):
    characters: int = Field(default=8_000, ge=500)


class ScanSettings(_Part):
    seconds: float = Field(default=30.0, gt=0)


class Settings(BaseSettings):
    """All settings. Paths are absolute."""

    model_config = SettingsConfigDict(env_prefix="CLOSER_", env_nested_delimiter="__", extra="ignore")

    home: Path = Path()
    vault: Path | None = None
    gateway: GatewaySettings = Field(default_factory=GatewaySettings)
    embedder: EmbedderSettings = Field(default_factory=EmbedderSettings)
    registry: RegistrySettings = Field(default_factory=RegistrySettings)
    lock: LockSettings = Field(default_factory=LockSettings)
    brief: BriefSettings = Field(default_factory=BriefSettings)
    scan: ScanSettings = Field(default_factory=ScanSettings)

    @property
    def vault_path(self) -> Path:
        return self.vault or self.home / "vault"


def load(home: Path, overrides: dict[str, object] | None = None) -> Settings:
    """The settings of a home. Raises ConfigError listing every problem at once."""
    files = [shipped("config.yaml"), home / "config.yaml"]

    class Layered(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            layers = YamlConfigSettingsSource(settings_cls, yaml_file=files, deep_merge=True)
            return init_settings, env_settings, layers

    try:
        settings = Layered(**{**(overrides or {}), "home": home.absolute()})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "\n".join(f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(
            f"the configuration has {error.error_count()} problem(s):\n{problems}",
            hint=f"mend {home / 'config.yaml'} or the CLOSER_ variables",
        ) from error
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{home / 'config.yaml'} can't be read: {error}", hint="it must be YAML") from error
    return settings


def resolve(settings: Settings) -> None:
    """Leave what the fast path needs beside the home's other files."""
    facts = {
        "vault": str(settings.vault_path),
        "gateway": settings.gateway.mode,
        "brief_characters": settings.brief.characters,
    }
    beside = settings.home / f".{RESOLVED}.{os.getpid()}"
    beside.write_text(json.dumps(facts), "utf-8")
    beside.replace(settings.home / RESOLVED)
