"""Simple systems to compare with: what a few lines reach. A tool that doesn't beat them writes badly."""

from __future__ import annotations

from bench.writeside.anchors import deciding, extracting, grouping, naming, redacting, summarising
from bench.writeside.protocol import System

ANCHORS: dict[str, dict[str, type[System]]] = {
    "segment": {"MiniLM depth": grouping.DepthCut},
    "cluster": {"agglomerative, smoothed": grouping.Agglomerative, "HDBSCAN": grouping.Hdbscan},
    "extract": {
        "all user sentences": extracting.Sentences,
        "longest user sentences": extracting.Longest,
        "regex": extracting.Regex,
    },
    "decide": {
        "exact text": deciding.Exact,
        "cosine .92": deciding.Cosine,
        "cosine, guarded": deciding.Guarded,
        "cosine band": deciding.Band,
    },
    "summarise": {
        "lead": summarising.Lead,
        "longest sentences": summarising.Longest,
        "MiniLM MMR": summarising.Relevance,
        "oracle (ceiling)": summarising.Oracle,
    },
    "title": {"first words": naming.FirstWords, "MiniLM phrase": naming.NearestPhrase},
    "redact": {"patterns": redacting.Patterns, "entropy": redacting.Entropy},
    "assign": {"word overlap": naming.Overlap, "MiniLM": naming.Nearest},
}
"""By metric and name."""
