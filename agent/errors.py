"""Everything that can go wrong and that we can explain. Anything else is a bug.

CloserError
├── UsageError            the call itself is off                           exit 2
├── ConfigError           settings, home or vault can't be used            exit 3
│   └── VaultError        the vault isn't a repository we may write
├── TranscriptError       input that can't be read as a transcript         exit 1
├── NeedsReview           a person's edit stands in the way                exit 4
├── Unavailable           a backend didn't answer                          exit 5
│   ├── GatewayOffline    refused, hung, dripping, broken
│   └── EmbedderUnavailable  the model's files are missing or damaged
├── EmbedderMismatch      the gateway holds vectors of another model       exit 3
├── Busy                  another process owns the home; try again         exit 75
└── VaultMoved            the vault's branch moved while we were writing   (retried inside)

Each carries facts as attributes and a `hint`: what to do next.
"""

from __future__ import annotations


class CloserError(Exception):
    """Base of every error closer raises on purpose.

    `code` is stable and goes into JSON; `hint` tells the reader what to do next.
    """

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CloserError):
    code = "usage"
    exit_code = 2


class ConfigError(CloserError):
    code = "config"
    exit_code = 3


class VaultError(ConfigError):
    code = "vault"


class EmbedderMismatch(ConfigError):
    code = "embedder_mismatch"


class TranscriptError(CloserError):
    """Input that no reader accepts, or that breaks half-way."""

    code = "transcript"

    def __init__(self, message: str, *, path: str = "", line: int | None = None, tried: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=f"formats tried: {', '.join(tried)}" if tried else "")
        self.path = path
        self.line = line
        self.tried = tried


class NeedsReview(CloserError):
    code = "needs_review"
    exit_code = 4


class Unavailable(CloserError):
    code = "unavailable"
    exit_code = 5


class GatewayOffline(Unavailable):
    code = "gateway_offline"


class EmbedderUnavailable(Unavailable):
    code = "embedder_unavailable"


class Busy(CloserError):
    code = "busy"
    exit_code = 75


class VaultMoved(CloserError):
    """The compare-and-swap of the vault's branch found another commit."""

    code = "vault_moved"

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"the vault moved from {expected[:12]} to {found[:12]}")
        self.expected = expected
        self.found = found
