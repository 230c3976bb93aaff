"""An engine in a process of its own, which notes what it does in a file."""

from __future__ import annotations

import subprocess
import textwrap
from pathlib import Path

from tests.adapters import child

VAULT, HOME = "0123abcd", "/home/ann/closer"
PRELUDE = """
    import json, os, sys, time
    from datetime import UTC, datetime
    from agent.adapters.engine import DbosEngine
    from agent.domain.request import Request
    from agent.domain.session import SessionKey
    from agent.errors import TranscriptError, Unavailable

    url, log, home, vault = sys.argv[1], open(sys.argv[2], "a", buffering=1), sys.argv[3], sys.argv[4]

    def request(ident):
        reason = "unseen" if "unseen" in ident else "x"
        return Request(ident, "end", SessionKey("test", ident), datetime(2026, 3, 2, tzinfo=UTC), reason=reason)

    def handler(asked):
        log.write(f"begin {asked.id}\\n")
        handle(asked)
        log.write(f"end {asked.id}\\n")
        return {}

    def able(asked):
        return asked.reason != "unseen"

    def started(interval=0.02, grace=1.0):
        return DbosEngine(url, handler, vault, home, able=able, interval=interval, grace=grace)

    def idle(engine):
        while engine.busy():
            time.sleep(0.05)

"""


def start(code: str, url: str, log: Path, home: str = HOME, vault: str = VAULT) -> subprocess.Popen[str]:
    """Run code that defines `handle(asked)`; a request's begin and end are lines of the log."""
    return child.start(textwrap.dedent(PRELUDE) + textwrap.dedent(code), url, log, home, vault)
