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

from agent.errors import ConfigError

TOKEN_FILE = "token"  # noqa: S105 - its name, not the token
"""Its file in the home, mode 0600: local clients read it there."""
TRIES, WHILE = 20, 60.0
"""How many wrong tokens in so many seconds are answered as such. All callers are on this machine: one count for all."""


def token_of(home: Path) -> str:
    """The token, made now if there is none. Raises ConfigError when it can't be written, or is none."""
    path = home / TOKEN_FILE
    try:
        if not path.exists():
            _make(path)
        token = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be used: {error}", hint="see that the disk has room") from error
    if not token:
        raise ConfigError(f"{path} is empty", hint="remove it; another is made")
    return token


def _make(path: Path) -> None:
    """Whole or not at all; of several that make one, the first one's stays."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink()


class Guard:
    """Knows a token by its hash, and counts what was tried instead."""

    def __init__(self, token: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hash = sha256(token.encode()).digest()
        self._clock = clock
        self._wrong: deque[float] = deque(maxlen=TRIES)

    def admits(self, given: str | None) -> bool:
        """Whether this is the token. The right one always is, whatever was tried before."""
        if not given:
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
