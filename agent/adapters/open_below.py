"""Opens a file of a folder we don't trust, without leaving the folder."""

from __future__ import annotations

import os
from pathlib import Path


def open_below(root: Path, path: str) -> int:
    """A descriptor of `root/path` for reading, following no symbolic link below the root.

    Doesn't wait for the writer of a FIFO. Raises OSError: ELOOP when the last part is a link, ENOTDIR (ELOOP
    on some platforms) when a part before it is.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        *parents, name = path.split("/")
        for part in parents:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
