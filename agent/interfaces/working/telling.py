"""What a worker tells whoever looks after it: one line of JSON each, on stderr, which is the home's `worker.log`."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

from agent.domain.markdown import iso

Level = Literal["info", "warning", "error"]


def tell(level: Level, event: str, **facts: object) -> None:
    """Write a line. On a disk that is full it is lost, and nothing else is."""
    line = {"at": iso(datetime.now(UTC)), "level": level, "event": event, **facts}
    with suppress(OSError):
        sys.stderr.write(json.dumps(line, default=str) + "\n")
        sys.stderr.flush()
