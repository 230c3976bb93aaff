"""`closer uninstall`"""

from __future__ import annotations

import click

from agent.interfaces.cli.host_changes import carry_out
from agent.interfaces.cli.output import as_json
from agent.interfaces.hooks.install import HOSTS, disconnect, disconnecting


@click.command(short_help="Take closer's hooks out of assistants again.", epilog=f"Hosts: {', '.join(HOSTS)}.")
@click.argument("hosts", metavar="HOST...", nargs=-1, required=True, type=click.Choice(HOSTS))
@click.option("--dry-run", is_flag=True, help="Show what would be changed, and change nothing.")
@as_json
@click.pass_obj
def command(home: str | None, hosts: tuple[str, ...], dry_run: bool, json_: bool) -> None:
    """Take closer's hooks out of each HOST's settings, and nothing else. What closer keeps stays."""
    carry_out(home, hosts, dry_run, json_, disconnecting, disconnect)
