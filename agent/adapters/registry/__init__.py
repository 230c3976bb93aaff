"""The registry: sessions, their running transcripts and the log of events, in a database SQLAlchemy can reach."""

from agent.adapters.registry.schema import MIGRATIONS
from agent.adapters.registry.sql import SqlRegistry

__all__ = ["MIGRATIONS", "SqlRegistry"]
