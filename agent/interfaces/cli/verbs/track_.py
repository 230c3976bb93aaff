"""`closer track`"""

from __future__ import annotations

import os

import click

from agent.interfaces.cli.output import answer, as_json


@click.command(short_help="Note what a session holds, to be let go of at its close.")
@click.argument("session", metavar="HOST:ID")
@click.option("--process", type=click.IntRange(min=2), metavar="PID", help="A background process, to be stopped.")
@click.option("--file", type=click.Path(), metavar="PATH", help="A temporary file or empty folder, to be removed.")
@click.option("--lock", metavar="NAME", help="A lock, to be released.")
@click.option("--holder", type=click.IntRange(min=2), metavar="PID", help="Who holds the lock (default: the caller).")
@as_json
@click.pass_obj
def command(
    home: str | None,
    session: str,
    process: int | None,
    file: str | None,
    lock: str | None,
    holder: int | None,
    json_: bool,
) -> None:
    """Note a process, a file or a lock that SESSION holds. Its close lets go of them and says so in the log."""
    from agent.closer import Closer

    if process is None and file is None and lock is None:
        raise click.UsageError("say what the session holds: --process, --file or --lock")
    with Closer.at(home) as closer:
        closer.track(session, process=process, file=file, lock=lock, holder=holder or os.getppid())
        answer(json_, {"session": session}, lambda: f"noted for {session}")
