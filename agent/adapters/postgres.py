"""Postgres, where a setting names one: how it is reached, and what is whose in it."""

from __future__ import annotations

import hashlib
import math

import sqlalchemy as sa

SHORTEST = 2
"""Seconds below which the driver gives no connection up."""
ALIVE = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
"""Of a connection, unless its URL says otherwise: a machine that vanished is noticed within half a minute."""


def address(url: str, patience: float) -> sa.URL:
    """A database's URL as it is used. For Postgres with the driver that closer comes with, and given up after
    `patience` seconds without an answer; any other as it is."""
    known = sa.make_url(url)
    if known.get_backend_name() not in ("postgresql", "postgres"):
        return known
    asked = {"connect_timeout": str(max(SHORTEST, math.ceil(patience))), **ALIVE}
    missing = {name: text for name, text in asked.items() if name not in known.query}
    return known.set(drivername="postgresql+psycopg").update_query_dict(missing)


def is_postgres(url: sa.URL) -> bool:
    return url.get_backend_name() == "postgresql"


def schema(vault: str, part: str = "") -> str:
    """The name of a vault's own schema: what is in it must never be mistaken for another vault's."""
    return f"closer_{vault}_{part}" if part else f"closer_{vault}"


def number(name: str) -> int:
    """What the server calls an advisory lock of that name, which all of a database's users share."""
    return int.from_bytes(hashlib.sha256(f"closer {name}".encode()).digest()[:8], signed=True)
