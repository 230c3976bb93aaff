"""Connect closer to hosts and disconnect it: first what would change in their files, as values, then the change.

Nothing that isn't ours is rewritten, and disconnecting gives back the bytes there were.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.errors import ConfigError
from agent.interfaces.hooks import launcher, merging, opencode, settings_file, wiring
from agent.interfaces.hooks.displaced import Displaced, displaced, remember
from agent.interfaces.hooks.merging import Traces
from agent.interfaces.hooks.wiring import Wiring

HOSTS = (*wiring.KNOWN, opencode.HOST)


@dataclass(frozen=True, slots=True)
class Change:
    """What would be done to one file."""

    host: str
    path: Path
    """As the host knows it; it may be a link to the file that is written."""
    before: bytes | None
    after: bytes | None
    """None: no file."""
    displaced: Displaced | None = None
    """What to know for the way back, or on it."""
    note: str = ""
    """What is left for a person to do."""

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def diff(self) -> str:
        """The change as a unified diff, secrets taken out: settings hold keys."""
        from agent.adapters.redactor import SpanRedactor

        old, new = ((side or b"").decode("utf-8", "replace").splitlines() for side in (self.before, self.after))
        lines = difflib.unified_diff(old, new, str(self.path), str(self.path), n=2, lineterm="")
        return SpanRedactor().redact("\n".join(lines)).text


def connecting(hosts: Sequence[str], home: Path) -> list[Change]:
    """What it takes to connect hosts to the closer of a home. Raises ConfigError when a host's file isn't what it
    should be; nothing has been changed then."""
    return [_plugged(home) if host == opencode.HOST else _connected(wiring.KNOWN[host], home) for host in hosts]


def disconnecting(hosts: Sequence[str], home: Path) -> list[Change]:
    """What it takes to take closer out of hosts. Raises as `connecting` does."""
    return [_unplugged(home) if host == opencode.HOST else _disconnected(wiring.KNOWN[host], home) for host in hosts]


def connect(change: Change, home: Path, when: datetime) -> Path | None:
    """Make a change of `connecting`, and give the path of the copy of what was there before. What the host then runs
    is this very closer, also where its settings were right already.

    Raises Busy when somebody else changed the file in the meantime, ConfigError when it can't be written.
    """
    launcher.write(home)
    if not change.changed or change.after is None:
        return None
    remember(home, change.path, change.displaced)
    return settings_file.write(change.path, change.before, change.after, when)


def disconnect(change: Change, home: Path, when: datetime) -> Path | None:
    """Make a change of `disconnecting`. Gives and raises what `connect` does."""
    copy = None
    if change.after is not None and change.changed:
        copy = settings_file.write(change.path, change.before, change.after, when)
    elif change.changed:
        made = change.displaced.made if change.displaced else ()
        settings_file.remove(change.path, change.before, tuple(map(Path, made[1:])))
    remember(home, change.path, None)
    return copy


def command(host: str, home: Path) -> list[str]:
    """What a host is to run; `{}` stands for the event."""
    return [str(launcher.path(home)), host, "{}"]


def usual_home() -> Path:
    """The home that is found where none of our variables is set."""
    from platformdirs import user_data_path

    return user_data_path("closer", appauthor=False)


def _connected(host: Wiring, home: Path) -> Change:
    path, wanted = host.path, host.entries(command(host.host, home))
    before = settings_file.read(path)
    mark, text = settings_file.text_of(path, before)
    try:
        found = merging.entries(text, host.host)
        if sorted(found, key=str) == sorted(wanted.items(), key=str):
            return Change(host.host, path, before, before)
        known = displaced(home, path) or _assumed(host) if found else Displaced(made=_missing(path))
        text, traces = merging.connect(
            merging.disconnect(text, host.host, known.traces), wanted, nested=host.nested, versioned=host.versioned
        )
    except ValueError as error:
        raise _unfit(path, error) from error
    return Change(host.host, path, before, (mark + text).encode(), Displaced(traces, known.made), host.note)


def _disconnected(host: Wiring, home: Path) -> Change:
    path, before = host.path, settings_file.read(host.path)
    mark, text = settings_file.text_of(path, before)
    known = displaced(home, path) or _assumed(host)
    try:
        if not merging.entries(text, host.host):
            return Change(host.host, path, before, before)
        text = merging.disconnect(text, host.host, known.traces)
    except ValueError as error:
        raise _unfit(path, error) from error
    gone = not text.strip() and str(path) in known.made
    return Change(host.host, path, before, None if gone else (mark + text).encode(), known)


def _plugged(home: Path) -> Change:
    path = opencode.path()
    before, after = settings_file.read(path), opencode.shim(command(opencode.HOST, home), home)
    if before is not None and not opencode.is_ours(before):
        raise ConfigError(f"{path} is somebody else's", hint="move it away, then try again")
    known = displaced(home, path) if before is not None else None
    return Change(opencode.HOST, path, before, after, known or Displaced(made=_missing(path)), opencode.NOTE)


def _unplugged(home: Path) -> Change:
    path = opencode.path()
    before = settings_file.read(path)
    ours = before is not None and opencode.is_ours(before)
    return Change(opencode.HOST, path, before, None if ours else before, displaced(home, path))


def _assumed(host: Wiring) -> Displaced:
    """Of a file of which nothing is remembered. One that bears our name was made by us."""
    if host.path.stem != "closer":
        return Displaced()
    return Displaced(Traces({"": ""}, version=True), (str(host.path),))


def _missing(path: Path) -> tuple[str, ...]:
    """The file and the folders around it, from the inside out, as far as they aren't there."""
    return tuple(str(one) for one in (path, *path.parents) if not one.exists())


def _unfit(path: Path, error: ValueError) -> ConfigError:
    if isinstance(error, merging.Unfit):
        return ConfigError(f"{path} has no place for hooks: {error}", hint="see that host's documentation of its hooks")
    told = f"{path} is not plain JSON ({error}), so it can't be changed without losing something"
    return ConfigError(told, hint="take out comments and trailing commas, then try again")
