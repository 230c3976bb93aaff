"""What is measured on the project's own labelled data, each by a command of its own, and how far labellers agree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMMANDS = (
    ("Conversations: what is kept (the third that nothing was trained on)", ("bench.quality.statements", "held")),
    ("Conversations: two labellers", ("bench.quality.agreement_statements",)),
    ("Sessions: slots of a summary (the half that nothing was trained on)", ("bench.quality.slots", "--half", "held")),
    ("Sessions: two labellers", ("bench.quality.agreement",)),
)


def sections(data: Path) -> list[str]:
    """The output of each command under its title."""
    lines = ["## Own data", ""]
    for title, words in COMMANDS:
        environment = {**os.environ, "WB_DATA": str(data), "CLOSER_DATA": str(data)}
        done = subprocess.run(
            [sys.executable, "-m", *words], env=environment, capture_output=True, text=True, check=True
        )
        lines += [f"### {title}", "", f"`python -m {' '.join(words)}`", "", *_shown(done.stdout), ""]
    return lines


def _shown(text: str) -> list[str]:
    """Tables as they are, anything else as it was printed."""
    return [text.strip()] if text.lstrip().startswith("|") else ["```", text.strip("\n"), "```"]
