"""A receipt for a person counts what each store took."""

from __future__ import annotations

from typing import Any

import pytest

from agent.domain.receipt import OFFLINE
from agent.interfaces.cli.receipts import shown

EMPTY: dict[str, Any] = {
    "operation": "close", "session": "test:bells", "outcome": "close", "reason": "", "commit": "1" * 40,
    "scope": "global", "subjects": [], "decisions": [], "redactions": {}, "scan": None, "skipped": {}, "notices": [],
    "kept_by_hand": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "state", "written", "pending", "told"),
    [
        ("vault", "written", 29, 0, "  vault     29 files written"),
        ("vault", "written", 1, 0, "  vault     1 file written"),
        ("catalogue", "written", 0, 0, "  catalogue written"),
        ("gateway", "written", 79, 0, "  gateway   79 passages written"),
        ("gateway", OFFLINE, 0, 3, f"  gateway   {OFFLINE}, 3 passages pending"),
    ],
)
def test_what_was_written_is_counted_once(name: str, state: str, written: int, pending: int, told: str) -> None:
    store = {"state": state, "written": written, "pending": pending, "reason": ""}

    assert told in shown(EMPTY | {"stores": {name: store}}).split("\n")
