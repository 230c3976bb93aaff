"""Keeps a bench's tables in `RESULTS.md`, between the marks of its section."""

from __future__ import annotations

import os
import platform
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"


def keep(section: str, tables: str) -> None:
    """Replace what stands between `<!-- section -->` and `<!-- /section -->`, saying where it was measured."""
    begin, end = f"<!-- {section} -->", f"<!-- /{section} -->"
    before, rest = RESULTS.read_text("utf-8").split(begin, 1)
    after = rest.split(end, 1)[1]
    where = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    RESULTS.write_text(f"{before}{begin}\n\nMeasured on {where}.\n\n{tables}\n\n{end}{after}", "utf-8")
