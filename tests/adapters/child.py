"""A process of its own, running the code under test."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import agent


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Run Python code with `sys.argv[1:]` as given; its output can be read and its input written to."""
    places = [str(Path(agent.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def output(code: str, *arguments: object) -> str:
    """What the code printed; it must end well."""
    process = start(code, *arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out
