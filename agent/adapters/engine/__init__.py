"""The engine: requests done one after the other, durably, with retries, through dbos. The only folder that knows it."""

from agent.adapters.engine.jobs import DbosJobs
from agent.adapters.engine.running import DbosEngine

__all__ = ["DbosEngine", "DbosJobs"]
