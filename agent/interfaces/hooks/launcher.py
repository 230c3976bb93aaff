"""The small program that hosts run: the hook, for one home, by a Python that loads nothing else.

It lies in the home and keeps its place there, so that a host's settings, and what a person approved in them, stay as
they are when closer moves. It says nothing and ends with 0 even when closer is gone: some hosts take 2, with which
Python ends when a script is missing, for an order to stop.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from agent.errors import ConfigError

NAME = "closer-hook"
_LINE = 120
"""Characters that every system takes as a script's first line."""
_TEXT = '''\
"""What assistants run at their hooks, for the closer whose home this is in. `closer install` writes it."""

import sys

sys.path.append({root!r})
try:
    from agent.interfaces.hooks.hook import main
except ImportError:  # closer is gone or was moved: `closer doctor` tells a person, and no host is held up
    sys.exit()
main([*sys.argv[1:], "--home", {home!r}])
'''


def path(home: Path) -> Path:
    return home / "bin" / NAME


def is_one(program: str) -> bool:
    return os.path.basename(program) == NAME


def home_of(program: str) -> Path:
    """The home whose launcher this is."""
    return Path(program).parents[1]


def current(home: Path) -> bool:
    """Whether the home's launcher runs this very closer."""
    try:
        return path(home).read_text("utf-8") == _text(home)
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def write(home: Path) -> None:
    """Make the home's launcher run this very closer. Raises ConfigError when it can't be written."""
    if current(home):
        return
    target = path(home)
    beside = target.with_name(f".{NAME}.{os.getpid()}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.write_text(_text(home), "utf-8")
        beside.chmod(0o700)
        beside.replace(target)
    except OSError as error:
        raise ConfigError(f"{target}: {error.strerror or error}", hint="see whose folder it is") from error


def _text(home: Path) -> str:
    root = Path(__file__).absolute().parents[3]
    return introduction(sys.executable) + _TEXT.format(root=str(root), home=str(home))


def introduction(python: str) -> str:
    """-I: what lies around, and what variables say, is no part of closer. -S: nor is any installed package."""
    line = f"#!{python} -IS\n"
    if len(line) <= _LINE and not any(c.isspace() for c in python):
        return line
    return f"#!/bin/sh\n'''exec' {shlex.quote(python)} -IS \"$0\" \"$@\"\n' '''\n"
