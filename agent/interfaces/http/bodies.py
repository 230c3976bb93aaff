"""What callers send, checked once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from agent.domain.transcript import Action, Turn, Verb

Text = Annotated[str, Field(min_length=1, max_length=1_000_000)]
Name = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]
Place = Annotated[str, Field(max_length=4_000, pattern=r"^(/[^/\x00]{1,255})*/?$", min_length=1)]
"""An absolute path: the service's own folder is nobody's."""


def _plain(given: object) -> object:
    """A number, not the text of one."""
    if isinstance(given, str | bool):
        raise ValueError("a whole number is needed")  # noqa: TRY004  what pydantic tells the caller
    return given


def _told(given: object) -> object:
    """A moment in words, not a number of seconds."""
    if not isinstance(given, str | datetime):
        raise ValueError("a moment is told as ISO 8601")  # noqa: TRY004
    return given


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Opening(Body):
    """A session that begins."""

    session: Name
    """`host:id`."""
    cwd: Place | None = None


class Done(Body):
    """What a tool's turn did."""

    verb: Verb
    target: Annotated[str, Field(max_length=1_000_000)]
    ok: StrictBool | None = None

    def action(self) -> Action:
        return Action(self.verb, self.target, self.ok)


class Said(Body):
    """One turn."""

    role: Literal["user", "assistant", "tool", "system"]
    text: Annotated[str, Field(max_length=1_000_000)]
    name: Name | None = None
    when: Annotated[AwareDatetime, BeforeValidator(_told)] | None = None
    action: Done | None = None

    def turn(self) -> Turn:
        return Turn(self.role, self.text, self.name, self.when, action=self.action.action() if self.action else None)


class Turns(Body):
    """New turns of a running session."""

    turns: Annotated[list[Said], Field(min_length=1, max_length=10_000)]
    cwd: Place | None = None


class Closing(Body):
    """Why and from what a session is closed."""

    transcript: Place | None = None
    """A file the service can read; without it, the turns that were sent are closed."""
    reason: Annotated[str, Field(max_length=400)] = ""
    closed_by: Annotated[str, Field(max_length=200)] = ""


class Statement(Body):
    text: Text
    session: Name | None = None
    scope: Name | None = None


class Question(Body):
    question: Text
    k: Annotated[int, Field(ge=1, le=100), BeforeValidator(_plain)] = 10
    scope: Name | None = None
    keyword: StrictBool = False


class Forgetting(Body):
    what: Text
    """A statement's id or its text."""
