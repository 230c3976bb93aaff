"""Load settings: the shipped `config.yaml`, then the home's, then the environment. Every problem is listed at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from agent.errors import ConfigError
from agent.home import shipped
from agent.settings import (
    BriefSettings,
    EmbedderSettings,
    GatewaySettings,
    LockSettings,
    RegistrySettings,
    ReviewSettings,
    ScanSettings,
    Settings,
    WorkerSettings,
)


class _Layered(BaseSettings):
    """`Settings` with its layers. The home is given, never read from a file."""

    model_config = SettingsConfigDict(env_prefix="CLOSER_", env_nested_delimiter="__", extra="forbid")

    home: Path
    vault: Path | None = None
    gateway: GatewaySettings = Field(default_factory=GatewaySettings)
    embedder: EmbedderSettings = Field(default_factory=EmbedderSettings)
    registry: RegistrySettings = Field(default_factory=RegistrySettings)
    lock: LockSettings = Field(default_factory=LockSettings)
    brief: BriefSettings = Field(default_factory=BriefSettings)
    scan: ScanSettings = Field(default_factory=ScanSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    review: ReviewSettings = Field(default_factory=ReviewSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        home = Path(init_settings()["home"])
        files = [shipped("config.yaml"), home / "config.yaml"]
        layers = YamlConfigSettingsSource(settings_cls, yaml_file=files, deep_merge=True)
        return init_settings, env_settings, layers


def load(home: Path, overrides: Mapping[str, Any]) -> Settings:
    """The settings of a home. Raises ConfigError listing every problem at once."""
    try:
        found = _Layered(**{**overrides, "home": home.absolute()})
    except ValidationError as error:
        problems = "\n".join(f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(
            f"the configuration has {error.error_count()} problem(s):\n{problems}",
            hint=f"mend {home / 'config.yaml'} or the CLOSER_ variables",
        ) from error
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise ConfigError(f"{home / 'config.yaml'} can't be read: {error}", hint="it must be YAML") from error
    known = Settings(**{f.name: getattr(found, f.name) for f in fields(Settings)})
    embedder = replace(known.embedder, folder=_in(known.home, known.embedder.folder))
    return replace(known, vault=_in(known.home, known.vault), embedder=embedder)


def _in(home: Path, folder: Path | None) -> Path | None:
    """A folder as every process of the home finds it, wherever it was started."""
    return home / folder.expanduser() if folder else None
