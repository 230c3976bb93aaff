"""Another program's file: read it, change it in one step, keep a copy of what it was."""

from __future__ import annotations

import os
from datetime import datetime
from itertools import count
from pathlib import Path

from agent.errors import Busy, ConfigError

BOM = "\ufeff"
MODE = 0o600
"""Of a file that wasn't there before."""


def read(path: Path) -> bytes | None:
    """The content; None when there is no file. Raises ConfigError when it can't be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _denied(path, error) from error


def text_of(path: Path, content: bytes | None) -> tuple[str, str]:
    """The mark some editors begin a file with, and the text. Raises ConfigError when it isn't UTF-8."""
    try:
        text = (content or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: {error}", hint="save it as UTF-8") from error
    return (BOM, text[1:]) if text.startswith(BOM) else ("", text)


def write(path: Path, before: bytes | None, after: bytes, when: datetime) -> Path | None:
    """Replace the content, all of it or nothing, and give the path of the copy of what was there. A link stays one: the
    file it leads to is replaced, with the mode it had.

    Raises Busy when the content is not `before` any more, ConfigError when it can't be written.
    """
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = MODE if before is None else target.stat().st_mode & 0o7777
        copy = None if before is None else _copied(path, before, mode, when)
        beside = target.with_name(f".{target.name}.closer-{os.getpid()}")
        try:
            _written(beside, after, mode)
            _unchanged(path, before)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        _settle(target.parent)
    except OSError as error:
        raise _denied(target, error) from error
    return copy


def remove(path: Path, before: bytes | None, folders: tuple[Path, ...]) -> None:
    """Take the file away, a link to it not, and then those of the folders that hold nothing more. Raises as `write`
    does."""
    try:
        _unchanged(path, before)
        os.unlink(os.path.realpath(path))
        for folder in folders:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    except OSError as error:
        raise _denied(path, error) from error


def _copied(path: Path, content: bytes, mode: int, when: datetime) -> Path:
    """A copy beside, under a name that wasn't taken."""
    first = f"{path.name}.closer-backup-{when:%Y%m%dT%H%M%S}"
    for n in count(1):
        copy = path.with_name(first if n == 1 else f"{first}-{n}")
        try:
            _written(copy, content, mode)
        except FileExistsError:
            continue
        return copy
    raise AssertionError("counting ended")


def _written(path: Path, content: bytes, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _unchanged(path: Path, before: bytes | None) -> None:
    if read(path) != before:
        raise Busy(f"{path} was changed by somebody else just now", hint="try again")


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _denied(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path}: {error.strerror or error}", hint="see whose file it is, and what its mode allows")
