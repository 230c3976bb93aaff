"""`closer remember`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json


@click.command(short_help="Store one statement at once.")
@click.argument("statement", nargs=-1, required=True)
@click.option("--session", metavar="HOST:ID", help="The session it was said in.")
@click.option("--scope", metavar="NAME", help="The project it holds in (default: the session's, else everywhere).")
@as_json
@click.pass_obj
def command(home: str | None, statement: tuple[str, ...], session: str | None, scope: str | None, json_: bool) -> None:
    """Store one statement in vault and gateway, in a commit of its own."""
    from agent.interfaces.cli.receipts import shown
    from agent.interfaces.memory import asked

    # The same words from the same session are stored once.
    receipt = asked(home, lambda memory: memory.remember(" ".join(statement), session, scope))
    answer(json_, receipt, lambda: shown(receipt))
