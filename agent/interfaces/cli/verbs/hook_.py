"""`closer hook`, where options stand before it or its help is asked for; else `entry` takes the short way."""

from __future__ import annotations

import click

from agent.interfaces.hooks.hosts import EVENTS


@click.command(
    short_help="Take in what a host says: for hosts to run.",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    epilog="Hosts and their events: " + "; ".join(f"{host}: {', '.join(events)}" for host, events in EVENTS.items()),
)
@click.argument("host")
@click.argument("event")
@click.pass_obj
def command(home: str | None, host: str, event: str) -> None:
    """Read what HOST says of EVENT from stdin, write the request to disk, wake the worker and end, always with 0."""
    from agent.interfaces.hooks.hook import main

    main([host, event, *(["--home", home] if home else [])])
