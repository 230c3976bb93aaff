"""`closer backfill`"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.interfaces.backfill.histories import HISTORIES, Source, sources
from agent.interfaces.cli.output import answer, as_json, safe

if TYPE_CHECKING:
    from agent.interfaces.backfill.run import Tally

Step = Callable[[int, Source], None]
"""Told of each transcript, with its number, when it is begun."""
SHOWN = 50


@click.command(short_help="Close the old conversations a host has kept.", epilog=f"Hosts: {', '.join(HISTORIES)}.")
@click.argument("host", type=click.Choice(list(HISTORIES)))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only what ended that day or later.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many; the next run does the rest.")
@click.option(
    "--path", type=click.Path(path_type=Path), metavar="FOLDER", help="Where they are, if not where HOST has them."
)
@click.option("--dry-run", is_flag=True, help="List what would be closed; write nothing.")
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    host: str,
    since: datetime | None,
    limit: int | None,
    path: Path | None,
    dry_run: bool,
    json_: bool,
) -> None:
    """Close the conversations that HOST has kept, the oldest first, each under its own date. Stop it whenever you like:
    the next run goes on. What may still be going on is left alone. Exit code 1 when one failed."""
    from agent.home import home_folder
    from agent.interfaces.backfill.ledger import Ledger
    from agent.interfaces.backfill.run import Backfill, Tally, closer_of_the_past, due

    now, first = datetime.now(UTC), since.date() if since else None
    ledger = Ledger(home_folder(ctx.obj))
    wanted, passed = due(sources(host, path), ledger, first, now)
    wanted = wanted[:limit]
    if dry_run:
        facts = [{"path": str(one.path), "bytes": one.size, "ended": one.ended().isoformat()} for one in wanted]
        answer(json_, facts, lambda: _listed(wanted))
        return
    tally = Tally(passed)
    if wanted:
        with closer_of_the_past(ctx.obj) as closer, _steps(len(wanted)) as begin:
            run = Backfill(closer, ledger, first, now)
            for number, source in enumerate(wanted, 1):
                begin(number, source)
                tally.results += run.close(source)
    answer(json_, tally.as_json(), lambda: _summary(tally))
    if tally.failures:
        ctx.exit(1)


@contextmanager
def _steps(total: int) -> Iterator[Step]:
    """A bar on a terminal, else a line for each, both on stderr."""
    if not sys.stderr.isatty():
        yield lambda number, source: click.echo(safe(f"{number}/{total} {source.path}"), err=True)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total)
        yield lambda number, source: bar.update(task, completed=number - 1, description=escape(safe(source.path.name)))
        bar.update(task, completed=total, description="")


def _listed(wanted: Sequence[Source]) -> str:
    lines = [f"{one.ended():%Y-%m-%d}  {one.path}" for one in wanted]
    return "\n".join([*lines, f"{len(wanted)} to close; nothing was written"])


def _summary(tally: Tally) -> str:
    lines = [f"{name:<11}{count:>6}" for name, count in tally.counts.items()]
    lines += [f"  {failure.source}: {failure.why}" for failure in tally.failures[:SHOWN]]
    if len(tally.failures) > SHOWN:
        lines.append(f"  and {len(tally.failures) - SHOWN} more")
    return "\n".join(lines)
