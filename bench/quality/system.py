"""closer, as the write-side benchmark sees it. Run with the benchmark's folder on the path."""

from __future__ import annotations

from writebench import System

from bench.quality.fragments import FragmentsPart
from bench.quality.subjects import SubjectsPart


class CloserSystem(SubjectsPart, FragmentsPart, System):  # type: ignore[misc]
    """Every stage a close runs, under the names the benchmark calls."""
