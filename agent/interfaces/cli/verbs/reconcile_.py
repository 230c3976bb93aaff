"""`closer reconcile`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import as_json
from agent.interfaces.cli.repairs import repair


@click.command(short_help="Bring the gateway to the vault's state.")
@as_json
@click.pass_obj
def command(home: str | None, json_: bool) -> None:
    """Send what waits, compare every id, content and vector between vault and gateway, repair, and compare again."""
    repair(home, json_, lambda closer: closer.reconcile())
