"""`closer rebuild`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import as_json
from agent.interfaces.cli.repairs import repair


@click.command(short_help="Make gateway and catalogue anew.")
@as_json
@click.pass_obj
def command(home: str | None, json_: bool) -> None:
    """Drop gateway and catalogue and make them anew from the vault alone."""
    repair(home, json_, lambda closer: closer.rebuild())
