"""OpenCode has no hooks that run a command: a small plugin of ours, in the folder of its plugins, runs ours."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from agent.interfaces.hooks.places import same_folder

HOST = "opencode"
PROGRAM = "opencode"
KEPT = "opencode"
"""Folder of a home that holds what the plugin kept, one folder a session."""
NOTE = "restart OpenCode: it reads plugins at its start"
_SHIM = Path(__file__).with_suffix(".js")
_COMMAND, _KEPT = 'const COMMAND = ["closer"]', 'const KEPT = "."'
_FIRST = "// Tells closer of OpenCode's sessions."


def folder() -> Path:
    """OpenCode's settings folder, here and now."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "opencode").absolute()


def data() -> Path:
    """Where OpenCode keeps what was said, here and now."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share", "opencode").absolute()


def path() -> Path:
    """Where the plugin goes."""
    return folder() / "plugins" / "closer.js"


def shim(command: list[str], home: Path) -> bytes:
    """The plugin: it keeps what was said below the home, and runs the command, `{}` in it being the event."""
    command_line, kept = f"const COMMAND = {json.dumps(command)}", f"const KEPT = {json.dumps(str(home / KEPT))}"
    return _SHIM.read_text("utf-8").replace(_COMMAND, command_line).replace(_KEPT, kept).encode()


def let_go(home: Path, transcript: Path) -> None:
    """Remove what our plugin kept of a session; of anything else nothing. For when it is in the vault: until then it is
    the only copy, and it holds what was said as it was said."""
    if not same_folder(transcript.parent, home / KEPT):
        return
    # Out of the way first: the plugin, which may go on writing, then begins anew.
    if transcript.is_dir():
        transcript.rename(transcript.with_name(f".{transcript.name}.{os.getpid()}"))
    for gone in transcript.parent.glob(".*"):
        shutil.rmtree(gone, ignore_errors=True)  # what can't be removed now is tried again at the next close


def is_ours(content: bytes) -> bool:
    return content.startswith(_FIRST.encode())


def command_of(content: bytes) -> list[str]:
    """What a plugin of ours runs; nothing when it isn't one."""
    start = _COMMAND.partition("[")[0]
    line = next((line for line in content.decode("utf-8", "replace").splitlines() if line.startswith(start)), "")
    try:
        found = json.loads(line.removeprefix(start) or "[]")
    except ValueError:
        return []
    return [str(word) for word in found] if is_ours(content) else []
