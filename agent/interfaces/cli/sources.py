"""What a command was given to read: a file, or what comes in on stdin."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KEY = re.compile(r"[a-z][a-z0-9-]*:\S+\Z")


def is_file(source: str) -> bool:
    """Whether an argument names a file rather than a session (`host:id`)."""
    return source == "-" or Path(source).exists() or not _KEY.match(source)


@contextmanager
def transcript_file(source: str) -> Iterator[Path]:
    """The file to read; stdin is put into a private temporary one, because a reader may need two passes."""
    if source != "-":
        yield Path(source)
        return
    with tempfile.TemporaryDirectory(prefix="closer-") as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as file:
            while part := sys.stdin.buffer.read(1 << 20):
                file.write(part)
        yield path
