"""The lines that give a SpecStory history its shape: headings, the tags of elements, rules between messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from agent.adapters.transcripts.reading import timestamp

_HEADING = re.compile(r"_\*\*(?P<who>User|Agent|Assistant)\b(?P<more>[^*(]*)(?:\((?P<about>[^)]*)\))?\*\*_\s*$")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)? ?(?:Z|[+-]\d\d:?\d\d)?$")
_OPENING = re.compile(r"<(think)>|<(tool-use) data-tool-")
_RULE = ("", "---")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that says who speaks from here on."""

    speaker: str
    """`user`, `agent`, or `sidechain` for whoever speaks beside the conversation."""
    when: datetime | None


def heading_of(line: str) -> Heading | None:
    match = _HEADING.match(line)
    if match is None:
        return None
    speaker = "user" if match["who"] == "User" else "agent"
    return Heading("sidechain" if "sidechain" in match["more"] else speaker, moment_of(match["about"] or ""))


def moment_of(about: str) -> datetime | None:
    """The moment a text ends with."""
    found = _MOMENT.search(about.strip())
    return timestamp(found[0].replace(" Z", "Z")) if found else None


def opened_by(line: str) -> str:
    """The element that begins with this line: `think`, `tool-use`, or empty for none."""
    opening = _OPENING.match(line)
    return (opening[1] or opening[2]) if opening else ""


def closes(element: str, line: str, *, opens: bool) -> bool:
    """Whether the element ends with this line. A call's end stands alone, unless all of it is one line."""
    ends = line.rstrip()
    if element == "think" or opens:
        return ends.endswith(f"</{element}>")
    return ends in (f"</{element}>", f"</details></{element}>")


def is_rule(line: str) -> bool:
    """Whether a line is blank or a rule: both stand between messages."""
    return line.strip() in _RULE


def without_rules(text: str) -> str:
    """The text without the blank lines and rules around it."""
    lines = text.split("\n")
    start, end = 0, len(lines)
    while end > start and is_rule(lines[end - 1]):
        end -= 1
    while start < end and is_rule(lines[start]):
        start += 1
    return "\n".join(lines[start:end])
