"""`closer forget`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json


@click.command(short_help="Forget a statement for good.")
@click.argument("what", nargs=-1, required=True, metavar="ID|TEXT")
@as_json
@click.pass_obj
def command(home: str | None, what: tuple[str, ...], json_: bool) -> None:
    """Forget a statement, by its id or its exact text: its note goes, its words are struck from the notes that
    quote them, and it is not learned again. Earlier commits still hold it: git keeps history."""
    from agent.interfaces.cli.receipts import shown
    from agent.interfaces.memory import asked

    receipt = asked(home, lambda memory: memory.forget(" ".join(what)), twice=False)
    answer(json_, receipt, lambda: shown(receipt))
