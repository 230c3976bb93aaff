"""`closer work`"""

from __future__ import annotations

import click


@click.command(short_help="Do what hooks and other doors have asked for.")
@click.option("--held", type=int, hidden=True)
@click.pass_obj
def command(home: str | None, held: int | None) -> None:
    """Do the requests that wait, until there are none for a while. Hooks start this by themselves; a second one ends
    at once."""
    from agent.home import home_folder
    from agent.interfaces.worker import work

    work(home_folder(home), held)
