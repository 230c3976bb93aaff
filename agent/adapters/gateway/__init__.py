"""The gateway: Chroma behind the `Gateway` port, in a folder of its own or behind a URL."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from agent.adapters.gateway.chroma import ChromaGateway
from agent.adapters.gateway.connection import Chroma
from agent.ports import EmbedderStamp

Mode = Literal["embedded", "server"]


def open_gateway(
    mode: Mode, where: Path | str, vault_id: str, stamp: EmbedderStamp, *, deadline: float = 2.0
) -> ChromaGateway:
    """The gateway of one vault: `where` is a folder in embedded mode, a URL in server mode.

    Opens nothing yet. `deadline` is the total time in seconds one question may take; a batch of writes gets
    twice that. Raises ConfigError for a URL that can't be one.
    """
    return ChromaGateway(_chroma(mode, where), vault_id, stamp, deadline=deadline)


def _chroma(mode: Mode, where: Path | str) -> Chroma:
    if mode == "server":
        from agent.adapters.gateway.server import ServerChroma

        return ServerChroma(str(where))
    from agent.adapters.gateway.embedded import EmbeddedChroma

    return EmbeddedChroma(Path(where))
