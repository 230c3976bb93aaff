"""`closer reconcile`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json, progress


@click.command(short_help="Bring the gateway to the vault's state.")
@as_json
@click.pass_obj
def command(home: str | None, json_: bool) -> None:
    """Send what waits, compare every id, content and vector between vault and gateway, repair, and compare again."""
    from agent.closer import Closer
    from agent.errors import GatewayOffline
    from agent.interfaces.cli.receipts import shown

    with progress() as listener, Closer.at(home, listener=listener) as closer:
        receipt = closer.reconcile()
        answer(json_, receipt.as_json(), lambda: shown(receipt))
    if not receipt.gateway_online:
        raise GatewayOffline("the gateway is still away; the vault has everything", hint="try again when it is back")
