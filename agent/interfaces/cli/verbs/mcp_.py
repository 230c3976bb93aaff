"""`closer mcp`"""

from __future__ import annotations

import click


@click.command(short_help="Serve the memory to an assistant over MCP.")
@click.pass_obj
def command(home: str | None) -> None:
    """Speak the Model Context Protocol on stdin and stdout, until stdin ends. Hosts start this by themselves; several
    may run at once on one home."""
    from agent.interfaces.mcp_server.server import serve

    serve(home)
