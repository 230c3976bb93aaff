"""`closer install`"""

from __future__ import annotations

import click

from agent.interfaces.cli.host_changes import carry_out
from agent.interfaces.cli.output import as_json
from agent.interfaces.hooks.install import HOSTS, connect, connecting


@click.command(short_help="Have assistants call closer by themselves.", epilog=f"Hosts: {', '.join(HOSTS)}.")
@click.argument("hosts", metavar="HOST...", nargs=-1, required=True, type=click.Choice(HOSTS))
@click.option("--dry-run", is_flag=True, help="Show what would be changed, and change nothing.")
@as_json
@click.pass_obj
def command(home: str | None, hosts: tuple[str, ...], dry_run: bool, json_: bool) -> None:
    """Put closer's hooks into each HOST's own settings, beside all that is there. A copy of the file is kept beside it,
    and `closer uninstall` gives back what was there before."""
    from agent.home import RESOLVED, home_folder

    carry_out(home, hosts, dry_run, json_, connecting, connect)
    folder = home_folder(home)
    if not (folder / "vault").is_dir() and not (folder / RESOLVED).exists():
        click.echo("closer has no vault yet: run `closer init`, or requests wait until you do", err=True)
