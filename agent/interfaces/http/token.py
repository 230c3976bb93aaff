"""The bearer token of a home: made once, readable by its owner alone."""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

TOKEN_FILE = "token"  # noqa: S105 - its name, not the token
"""Its file in the home, mode 0600: local clients read it there."""


def token_of(home: Path) -> str:
    """The token, made now if there is none."""
    path = home / TOKEN_FILE
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
    return path.read_text("ascii").strip()


class Guard:
    """Knows a token by its hash."""

    def __init__(self, token: str) -> None:
        self._hash = sha256(token.encode()).digest()

    def admits(self, authorization: str | None) -> bool:
        """Whether an `Authorization` header carries the token."""
        scheme, _, given = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(sha256(given.strip().encode()).digest(), self._hash)
