"""`closer checkpoint`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json


@click.command(short_help="Take in new turns of a running session.")
@click.argument("session", metavar="HOST:ID")
@click.argument("turns", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@as_json
@click.pass_obj
def command(home: str | None, session: str, turns: str, json_: bool) -> None:
    """Add the turns in FILE (any transcript format; `-` reads stdin) to a running session, and write preferences,
    corrections and facts about entities at once. The close finds them and adds only the rest."""
    from agent.adapters.transcripts import read
    from agent.interfaces.cli.receipts import shown
    from agent.interfaces.cli.sources import transcript_file
    from agent.interfaces.memory import asked

    with transcript_file(turns) as path:
        said = list(read(path))
    new = [turn for one in said for turn in one.turns]
    cwd = next((one.cwd for one in said if one.cwd), None)
    receipt = asked(home, lambda memory: memory.checkpoint(session, new, cwd), twice=False)
    answer(json_, receipt, lambda: shown(receipt))
