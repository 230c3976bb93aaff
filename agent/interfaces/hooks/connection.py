"""How a host is connected to closer, by its own settings: read, never changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import ConfigError
from agent.interfaces.hooks import codex_trust, install, launcher, merging, opencode, places, settings_file, wiring


@dataclass(frozen=True, slots=True)
class Connection:
    """What a host's own settings say of us."""

    commands: list[list[str]]
    """What it runs, one for each event."""
    missing: Sequence[str] = ()
    """Events at which it should run something and doesn't, where it does at others."""
    off: str = ""
    """The setting that switches all hooks off."""
    plugin: bool = False
    """Whether it runs them through a plugin of ours."""
    untrusted: Sequence[str] = ()
    """Events at which it won't run ours before a person approves it."""


def of(host: str) -> Connection:
    """How a host is connected. Raises ConfigError when its file can't be read as settings."""
    if host == opencode.HOST:
        words = opencode.command_of(settings_file.read(opencode.path()) or b"")
        return Connection([words] if words else [])
    wired = wiring.KNOWN[host]
    _, text = settings_file.text_of(wired.path, settings_file.read(wired.path))
    try:
        found = merging.entries(text, host)
    except ValueError as error:
        raise ConfigError(f"{wired.path} is not plain JSON ({error})", hint="mend it") from error
    held = json.loads(text) if text.strip() else {}
    settings = held if isinstance(held, dict) else {}
    missing = [event for event in wired.events if event not in dict(found)] if found else []
    commands = [merging.command_of(entry) for _, entry in found]
    if host == codex_trust.HOST:
        chosen = codex_trust.config(wired.path)
        off = "features.hooks" if codex_trust.switched_off(chosen) else ""
        return Connection(commands, missing, off, untrusted=codex_trust.untrusted(wired.path, settings, chosen))
    return Connection(commands, missing, _off(host, settings), host == "claude-code" and _plugged(settings))


def home_of(words: list[str]) -> Path:
    """The home that a command of ours writes to, as it will be found there: our variables may not be set."""
    if words and launcher.is_one(words[0]):
        return launcher.home_of(words[0])
    return Path(places.home(words)) if "--home" in words[:-1] else install.usual_home()


def _plugged(settings: dict[str, Any]) -> bool:
    """Whether Claude Code runs closer's plugin, whatever marketplace it came from."""
    plugins = settings.get("enabledPlugins")
    return isinstance(plugins, dict) and any(on is True and name.startswith("closer@") for name, on in plugins.items())


def _off(host: str, settings: dict[str, Any]) -> str:
    if host == "claude-code" and settings.get("disableAllHooks") is True:
        return "disableAllHooks"
    hooks = settings.get("hooksConfig")
    if host == "gemini-cli" and isinstance(hooks, dict) and hooks.get("enabled") is False:
        return "hooksConfig.enabled"
    return ""
