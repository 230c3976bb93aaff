"""What `reconcile` and `rebuild` share: show the receipt, and fail when the gateway is still away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import GatewayOffline
from agent.interfaces.cli.output import answer, progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.closer import Closer
    from agent.domain.receipt import Receipt


def repair(home: str | None, json_: bool, work: Callable[[Closer], Receipt]) -> None:
    """Run one of them on a home. Raises GatewayOffline when it is away: to a program that is the one answer, a person
    sees the receipt first."""
    from agent.closer import Closer
    from agent.interfaces.cli.receipts import shown

    with progress() as listener, Closer.at(home, listener=listener) as closer:
        receipt = work(closer)
        if receipt.gateway_online or not json_:
            answer(json_, receipt.as_json(), lambda: shown(receipt.as_json()))
    if not receipt.gateway_online:
        raise GatewayOffline("the gateway is still away; the vault has everything", hint="try again when it is back")
