"""closer: the memory-commit agent. `Closer` is the one facade; every door goes through it."""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["Closer", "Transcript", "Turn", "__version__"]

TYPE_CHECKING = False
"""Type checkers read it as true. Importing `typing` for it would double what a hook costs."""
if TYPE_CHECKING:
    from typing import Any

    from agent.closer import Closer
    from agent.domain.transcript import Transcript, Turn


def __getattr__(name: str) -> Any:
    """Import lazily: a hook that asks for the version must not load a database."""
    if name == "Closer":
        from agent.closer import Closer

        return Closer
    if name in ("Turn", "Transcript"):
        from agent.domain import transcript

        return getattr(transcript, name)
    raise AttributeError(name)
