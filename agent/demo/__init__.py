"""The world the demo plays in: two written sessions of one developer, and the code they are about."""

from agent.demo.world import World, make, work

__all__ = ["World", "make", "work"]
