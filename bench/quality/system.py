"""closer, as a write-side benchmark sees it."""

from __future__ import annotations

from bench.quality.fragments import FragmentsPart
from bench.quality.redaction import RedactionPart
from bench.quality.subjects import SubjectsPart
from bench.quality.summaries import SummariesPart
from bench.writeside.protocol import System


class CloserSystem(SubjectsPart, SummariesPart, FragmentsPart, RedactionPart, System):
    """Every stage a close runs, under the names the benchmark calls."""
