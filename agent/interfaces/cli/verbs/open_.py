"""`closer open`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json


@click.command(short_help="Begin a session.")
@click.argument("session", metavar="HOST:ID")
@click.option("--cwd", default=".", metavar="FOLDER", help="The folder the session works in (default: this one).")
@as_json
@click.pass_obj
def command(home: str | None, session: str, cwd: str, json_: bool) -> None:
    """Register a session that begins, with the state of its code, and print its brief."""
    from pathlib import Path

    from agent.interfaces.memory import asked

    brief = asked(home, lambda memory: memory.open(session, str(Path(cwd).absolute())))
    answer(json_, brief, lambda: str(brief["text"]))
