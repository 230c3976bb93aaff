"""Measure, print, and keep the table in `bench/RESULTS.md` between its marks."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from agent.adapters.embedder import open_embedder
from bench.results import keep
from bench.speed import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, help="folder that has the exported model, or is to have it")
    parser.add_argument("--notes", type=int, nargs="*", default=[1_000, 20_000, 100_000])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="closer-models-") as folder:
        models = chosen.models or Path(os.environ.get("CLOSER_MODELS", folder))
        open_embedder("all-MiniLM-L6-v2", models, 1).embed(["export"])
        table = "\n".join([*_processes(models), *_closes(models), *_commits(chosen.notes)])
    print(table)
    keep("speed", table)


def _processes(models: Path) -> list[str]:
    """Whole processes, against a bare interpreter."""
    closer = str(Path(sys.executable).with_name("closer"))
    bare = measure.process([sys.executable, "-S", "-E", "-c", "pass"])
    with tempfile.TemporaryDirectory(prefix="closer-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "models").symlink_to(models)
        environment = {"CLOSER_HOME": str(home)}
        measure.process([closer, "remember", "We deploy on Tuesdays"], 1, **environment)
        # Its home has no vault, so that no worker is woken: that one is counted as a close.
        hook = [closer, "hook", "claude-code", "SessionEnd", "--home", f"{folder}/elsewhere"]
        rows = [
            ("`closer hook` by the console script", measure.process(hook, 15, b'{"session_id": "s", "cwd": "/tmp"}')),
            ("`closer --version`", measure.process([closer, "--version"], **environment)),
            (
                "`closer recall --keyword`",
                measure.process([closer, "recall", "--keyword", "when deploy"], **environment),
            ),
            (
                "`closer recall` (with vectors)",
                measure.process([closer, "recall", "when deploy"], **environment),
            ),
            (
                "`closer remember`",
                measure.process([closer, "remember", "We deploy on Tuesdays"], **environment),
            ),
        ]
    lines = [
        "### Whole processes, cold",
        "",
        "| | CPU s | wall s | x bare interpreter (CPU) |",
        "|---|---|---|---|",
    ]
    lines += [f"| bare interpreter (`-S -E -c pass`) | {bare.cpu:.3f} | {bare.wall:.3f} | 1.0 |"]
    lines += [f"| {name} | {c.cpu:.3f} | {c.wall:.3f} | {c.cpu / bare.cpu:.1f} |" for name, c in rows]
    return [*lines, ""]


def _closes(models: Path) -> list[str]:
    lines = [
        "### Closing a session",
        "",
        "`embedding` is the yardstick: the same passages, embedded once by the same runtime, in the same run.",
        "",
        "| turns | | CPU s | wall s | ratio |",
        "|---|---|---|---|---|",
    ]
    steps: list[str] = []
    for turns in (20, 200):
        found = measure.alone("bench.speed.closing", str(turns), str(models))
        bare, warm = found["embedding"], found["warm"]
        lines += [
            f"| {turns} | embedding the passages | {bare.cpu:.2f} | {bare.wall:.2f} | 1.00 |",
            f"| {turns} | close, warm | {warm.cpu:.2f} | {warm.wall:.2f} | {warm.cpu / bare.cpu:.2f} (CPU) |",
            f"| {turns} | planning, vectors known | {found['analysis'].cpu:.2f} | {found['analysis'].wall:.2f} | |",
            f"| {turns} | close, cold process | {found['cold'].cpu:.2f} | {found['cold'].wall:.2f} | |",
            f"| {turns} | the same again, unchanged | {found['again'].cpu:.3f} | {found['again'].wall:.3f} | "
            f"{found['again'].cpu / warm.cpu:.1%} of the first |",
            f"| {turns} | recall, warm, p50 | | {found['recall p50'].wall:.3f} | |",
            f"| {turns} | recall, warm, p95 | | {found['recall p95'].wall:.3f} | |",
            f"| {turns} | peak memory | {max(c.peak_mb for c in found.values()):.0f} MB | | |",
        ]
        steps.append(
            f"Steps of the {turns}-turn close, ms: "
            + ", ".join(f"{k[5:]} {c.wall * 1000:.0f}" for k, c in found.items() if k.startswith("step "))
            + "."
        )
    return [*lines, "", *steps, ""]


def _commits(sizes: list[int]) -> list[str]:
    lines = [
        "### Committing ten notes",
        "",
        "| notes in the vault | closer, CPU ms | git add + commit, CPU ms |",
        "|---|---|---|",
    ]
    first: measure.Cost | None = None
    for size in sizes:
        found = measure.alone("bench.speed.committing", str(size))
        ours, first = found["closer"], first or found["closer"]
        lines.append(
            f"| {size:,} | {ours.cpu * 1000:.0f} ({ours.cpu / first.cpu:.2f} of the first row) | "
            f"{found['git'].cpu * 1000:.0f} |"
        )
    return lines


if __name__ == "__main__":
    main()
