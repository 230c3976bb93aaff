"""A subject: turns that belong together, and the summary of what came of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a summary, and the turns that bear it out."""

    text: str
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Turns of one session that belong together, contiguous or not."""

    slug: str
    title: str
    turns: tuple[int, ...]
    keywords: tuple[str, ...] = ()
    filed: bool = False
    """The subject was met in an earlier session and keeps that slug."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What one session did about one subject."""

    subject: Subject
    gist: tuple[Line, ...] = ()
    """What it was about, in one or two cited sentences."""
    decided: tuple[Line, ...] = ()
    produced: tuple[Line, ...] = ()
    left_open: tuple[Line, ...] = ()
    closed: tuple[Line, ...] = ()
    """Items an earlier session left open and this one settled."""
