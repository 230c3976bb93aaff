"""What Codex was told to trust. It runs a hook only once a person approved it in this very form, and skips it without a
word otherwise. Read, never written: to approve is the person's.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agent.errors import ConfigError
from agent.interfaces.hooks import merging, settings_file

HOST = "codex"
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def config(hooks: Path) -> dict[str, Any]:
    """Codex's own settings, which lie beside its hooks. Raises ConfigError when they can't be read."""
    path = hooks.with_name("config.toml")
    _, text = settings_file.text_of(path, settings_file.read(path))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML ({error})", hint="mend it: Codex doesn't start with it either") from error


def switched_off(settings: Mapping[str, Any]) -> bool:
    """Whether hooks are off altogether."""
    return _table(settings, "features").get("hooks") is False


def untrusted(hooks: Path, held: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    """The events at which our entry is not run: not approved, approved in another form, or switched off.

    `held`: what the hooks' file holds.
    """
    state = _table(_table(settings, "hooks"), "state")
    found = []
    for event, place, handler in _ours(held):
        known = next((_table(state, key) for key in keys(hooks, event, place) if key in state), {})
        if known.get("trusted_hash") != fingerprint(event, handler) or known.get("enabled") is False:
            found.append(event)
    return found


def keys(hooks: Path, event: str, place: str) -> list[str]:
    """By what Codex may know an entry: its file as it is called, or as it is called in the end."""
    return [f"{path}:{_snake(event)}:{place}" for path in dict.fromkeys((hooks, hooks.resolve()))]


def _ours(held: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Event, place and text of our entries: the place is that of the group and that in it."""
    for event, groups in _table(held, "hooks").items():
        for g, group in enumerate(groups if isinstance(groups, list) else ()):
            handlers = group.get("hooks") if isinstance(group, dict) else None
            for h, handler in enumerate(handlers if isinstance(handlers, list) else ()):
                if isinstance(handler, dict) and merging.is_ours(merging.command_of(handler), HOST):
                    yield event, f"{g}:{h}", handler


def fingerprint(event: str, handler: Mapping[str, Any]) -> str:
    """As Codex makes it of an entry: of its event, command and time limit."""
    told = {"type": "command", "command": handler.get("command"), "timeout": handler.get("timeout"), "async": False}
    text = json.dumps({"event_name": _snake(event), "hooks": [told]}, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False)  # fmt: skip
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _snake(event: str) -> str:
    return _HUMP.sub("_", event).lower()


def _table(held: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = held.get(name)
    return found if isinstance(found, dict) else {}
