"""`closer serve`"""

from __future__ import annotations

import click

from agent.errors import ConfigError
from agent.interfaces.cli.output import safe

PORT = 8765


@click.command(short_help="Answer over HTTP on this machine.")
@click.option("--port", default=PORT, metavar="N", show_default=True, help="0: any that is free.")
@click.pass_obj
def command(home: str | None, port: int) -> None:
    """Serve `/v1` on the loopback interface, for whoever holds the token in the home's `token` file. `/openapi.json`
    describes it."""
    import socket

    import uvicorn

    from agent.closer import Closer
    from agent.interfaces.http.app import service

    with Closer.at(home) as closer:
        folder = closer.settings.home
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        raise ConfigError(f"port {port} can't be used: {error.strerror}", hint="pass another with --port") from error
    app = service(folder)
    click.echo(safe(f"http://127.0.0.1:{listening.getsockname()[1]}/v1, token in {folder / 'token'}"), err=True)
    config = uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=5)
    uvicorn.Server(config).run(sockets=[listening])
