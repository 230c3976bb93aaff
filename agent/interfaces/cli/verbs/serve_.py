"""`closer serve`"""

from __future__ import annotations

import os

import click

PORT = 8765


@click.command(short_help="Answer over HTTP on this machine.")
@click.option("--port", default=PORT, metavar="N", show_default=True, help="0: any that is free.")
@click.option(
    "--linger", is_flag=True, help="Go to the background, and end once nobody has asked for worker.linger seconds."
)
@click.pass_obj
def command(home: str | None, port: int, linger: bool) -> None:
    """Serve `/v1` on the loopback interface, for whoever holds the token in the home's `token` file. `/openapi.json`
    describes it. Other doors find the service by the home's `service.json` and ask it rather than load the model
    themselves; a home has one service at most."""
    from agent.home import home_folder
    from agent.interfaces.service import detached, sole

    ready = detached() if linger else lambda: None
    # Before anything costly is loaded: of five that are started at once, one loads it.
    with sole(home_folder(home), lingers=linger):
        from agent.closer import Closer
        from agent.interfaces.serving import serve

        with Closer.at(home) as closer:
            chosen = closer.settings
        if linger:
            # It stays, and must not keep the folder in which it was started.
            os.chdir(chosen.home)
        serve(chosen.home, port, chosen.worker.linger if linger else None, ready)
