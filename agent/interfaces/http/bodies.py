"""What callers send, checked once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from agent.domain.transcript import Turn

Text = Annotated[str, Field(min_length=1, max_length=1_000_000)]
Name = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]
Path_ = Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[^\x00]+$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Opening(Body):
    """A session that begins."""

    session: Name
    """`host:id`."""
    cwd: Path_ | None = None


class Said(Body):
    """One turn."""

    role: Literal["user", "assistant", "tool", "system"]
    text: Annotated[str, Field(max_length=1_000_000)]
    name: Name | None = None
    when: AwareDatetime | None = None

    def turn(self) -> Turn:
        return Turn(self.role, self.text, self.name, self.when)


class Turns(Body):
    """New turns of a running session."""

    turns: Annotated[list[Said], Field(min_length=1, max_length=10_000)]
    cwd: Path_ | None = None


class Closing(Body):
    """Why and from what a session is closed."""

    transcript: Path_ | None = None
    """A file the service can read; without it, the turns that were sent are closed."""
    reason: Annotated[str, Field(max_length=400)] = ""
    closed_by: Annotated[str, Field(max_length=200)] = ""


class Statement(Body):
    text: Text
    session: Name | None = None
    scope: Name | None = None


class Question(Body):
    question: Text
    k: Annotated[int, Field(ge=1, le=100)] = 10
    scope: Name | None = None
    keyword: bool = False


class Forgetting(Body):
    what: Text
    """A statement's id or its text."""
