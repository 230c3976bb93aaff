"""The bearer token of a home: made once, readable by its owner alone."""

from __future__ import annotations

import hmac
import os
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

TOKEN_FILE = "token"  # noqa: S105 - its name, not the token
"""Its file in the home, mode 0600: local clients read it there."""
TRIES, WHILE = 20, 60.0
"""How many wrong tokens in so many seconds are answered as such. All callers are on this machine: one count for all."""


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
    """Knows a token by its hash, and counts what was tried instead."""

    def __init__(self, token: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hash = sha256(token.encode()).digest()
        self._clock = clock
        self._wrong: deque[float] = deque(maxlen=TRIES)

    def admits(self, given: str | None) -> bool:
        """Whether this is the token. The right one always is, whatever was tried before."""
        if given is None:
            return False
        right = hmac.compare_digest(sha256(given.encode()).digest(), self._hash)
        if not right and not self.wait():
            self._wrong.append(self._clock())
        return right

    def wait(self) -> int:
        """Seconds until another wrong token is looked at as one; 0 while there weren't too many."""
        if len(self._wrong) < TRIES:
            return 0
        return max(0, round(self._wrong[0] + WHILE - self._clock() + 0.5))


def bearer(authorization: str | None) -> str | None:
    """The token in an `Authorization` header; None when there is none."""
    scheme, _, given = (authorization or "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" and given.strip() else None
