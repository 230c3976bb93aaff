"""Where each host reads its hooks, and what an entry of ours looks like there: the facts that `install` goes by.

Sources: the hosts' own documentation. Timeouts are in the unit the host counts in, and generous where it lets them be:
the hook itself ends within a second.
"""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from agent.interfaces.hooks import hosts
from agent.interfaces.hooks.merging import Entry

CAPPED = 3
"""Seconds Codex grants the end of a session at most; it warns at every start of anything longer."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """One host."""

    host: str
    program: str
    """What it is called on the PATH."""
    folder: str
    """Where it keeps its things, below the home folder."""
    file: str
    """The settings file, below that."""
    variable: str = ""
    """Names another place for its folder."""
    beneath: str = ""
    """What follows where the variable points to, before the file."""
    key: str = "command"
    """Where an entry has its command line."""
    shell: bool = True
    """Whether a shell is known to read the command line. Then `exec` makes ours the host's own child, by whose life
    closer sees whether the session is still there."""
    fixed: tuple[tuple[str, str], ...] = (("type", "command"),)
    """What every entry says beside."""
    patience: tuple[str, int] = ("timeout", 10)
    """Name and value of the time an entry is given."""
    nested: bool = True
    """Whether entries stand in groups."""
    versioned: bool = False
    """Whether the file says which version of the format it is."""
    note: str = ""
    """What is left for a person to do."""

    @property
    def home(self) -> Path:
        """The host's folder, here and now."""
        named = os.environ.get(self.variable) if self.variable else None
        return Path(named, self.beneath) if named else Path.home() / self.folder

    @property
    def path(self) -> Path:
        """The settings file, absolute."""
        return (self.home / self.file).absolute()

    @property
    def present(self) -> bool:
        """Whether the host is on this machine."""
        return self.home.is_dir() or shutil.which(self.program) is not None

    @property
    def events(self) -> list[str]:
        """The events to be called at. A host that knows two spellings is asked in one."""
        names = list(hosts.EVENTS[self.host])
        return [name for name in names if name[0].islower()] or names

    def entries(self, command: list[str]) -> dict[str, Entry]:
        """What is to stand in its settings, by event. `command` runs closer; `{}` in it stands for the event."""
        return {event: self._entry(event, [event if word == "{}" else word for word in command])
                for event in self.events}  # fmt: skip

    def _entry(self, event: str, command: list[str]) -> Entry:
        line = ("exec " if self.shell else "") + shlex.join(command)
        name, most = self.patience
        if self.host == "codex" and event == "SessionEnd":
            most = CAPPED
        return {**dict(self.fixed), self.key: line, name: most}


KNOWN = {
    one.host: one
    for one in (
        Wiring("claude-code", "claude", ".claude", "settings.json", "CLAUDE_CONFIG_DIR"),
        Wiring(
            "codex", "codex", ".codex", "hooks.json", "CODEX_HOME",
            note="Codex runs new hooks only once you approved them: type /hooks in it",
        ),
        Wiring(
            "gemini-cli", "gemini", ".gemini", "settings.json", "GEMINI_CLI_HOME", ".gemini",
            fixed=(("name", "closer"), ("type", "command")), patience=("timeout", 10_000),
        ),
        Wiring("cursor", "cursor-agent", ".cursor", "hooks.json", shell=False, fixed=(), nested=False, versioned=True),
        Wiring(
            "copilot-cli", "copilot", ".copilot", "hooks/closer.json", "COPILOT_HOME", key="bash",
            patience=("timeoutSec", 10), nested=False, versioned=True,
        ),
    )
}  # fmt: skip
"""Hosts whose hooks are entries in a JSON file."""
