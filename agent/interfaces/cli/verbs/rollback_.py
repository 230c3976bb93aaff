"""`closer rollback`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json


@click.command(short_help="Take back all that a session wrote.")
@click.argument("session", metavar="HOST:ID")
@as_json
@click.pass_obj
def command(home: str | None, session: str, json_: bool) -> None:
    """Take back all that a session wrote, in one commit. What it superseded stands again."""
    from agent.closer import Closer
    from agent.interfaces.cli.receipts import shown

    with Closer.at(home) as closer:
        receipt = closer.rollback(session).as_json()
        answer(json_, receipt, lambda: shown(receipt))
