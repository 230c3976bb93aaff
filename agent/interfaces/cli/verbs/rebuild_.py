"""`closer rebuild`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json, progress


@click.command(short_help="Make gateway and catalogue anew.")
@as_json
@click.pass_obj
def command(home: str | None, json_: bool) -> None:
    """Drop gateway and catalogue and make them anew from the vault alone."""
    from agent.closer import Closer
    from agent.errors import GatewayOffline
    from agent.interfaces.cli.receipts import shown

    with progress() as listener, Closer.at(home, listener=listener) as closer:
        receipt = closer.rebuild()
        answer(json_, receipt.as_json(), lambda: shown(receipt))
    if not receipt.gateway_online:
        raise GatewayOffline("the gateway is still away; the vault has everything", hint="try again when it is back")
