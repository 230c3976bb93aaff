"""JSON as text: where each value stands, and how to put one in or take one out without touching the rest.

A person's settings keep their order, indentation and line ends, because nothing but the place of the change is written.
What stands in a text twice under one name counts as it does to every reader: the last time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_GAP = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,:\]}]+')
_INDENT = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Node:
    """A value, from `start` up to `end`. Objects and arrays have members."""

    start: int
    end: int
    members: tuple[Member, ...] = ()

    def member(self, name: str) -> int | None:
        """Where among the members the one of that name is."""
        return next((n for n in reversed(range(len(self.members))) if self.members[n].name == name), None)

    def get(self, name: str) -> Node | None:
        found = self.member(name)
        return None if found is None else self.members[found].node


@dataclass(frozen=True, slots=True)
class Member:
    """What an object or array holds: in an object with its name, from which on it then stands."""

    name: str | None
    start: int
    node: Node


def parse(text: str) -> Node:
    """The value that the text is. Raises ValueError when it is no JSON, or nested too deeply to be settings."""
    try:
        json.loads(text)
        return _node(text, _after_gap(text, 0))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def value(text: str, node: Node) -> Any:
    """What stands there, as Python has it."""
    return json.loads(text[node.start : node.end])


def is_object(text: str, node: Node) -> bool:
    return text[node.start] == "{"


def is_array(text: str, node: Node) -> bool:
    return text[node.start] == "["


def put(text: str, node: Node, name: str | None, new: Any) -> str:
    """The text with `new` as last member of an object (under a name) or of an array, laid out like its neighbours."""
    newline, unit = _newline(text), _unit(text)
    if not node.members:
        outer = _indent_at(text, node.start)
        lead = None if unit is None else newline + outer + unit
        inside = _rendered(name, new, unit, lead)
        inside = inside if lead is None else f"{lead}{inside}{newline}{outer}"
        return f"{text[: node.start + 1]}{inside}{text[node.end - 1 :]}"
    gap = text[node.start + 1 : node.members[0].start]
    lead = newline + gap.rpartition("\n")[2] if "\n" in gap else None
    inside = _rendered(name, new, None if lead is None else unit, lead)
    at = node.members[-1].node.end
    return f"{text[:at]},{' ' if lead is None else lead}{inside}{text[at:]}"


def cut(text: str, node: Node, which: int) -> str:
    """The text without a member, and without the comma that it no longer needs."""
    members = node.members
    if len(members) == 1:
        return text[: node.start + 1] + text[node.end - 1 :]
    if which:
        return text[: members[which - 1].node.end] + text[members[which].node.end :]
    return text[: members[0].start] + text[members[1].start :]


def _node(text: str, start: int) -> Node:
    """The value from `start` on, in a text that is known to be JSON."""
    opening = text[start]
    if opening not in "{[":
        return Node(start, _scalar_end(text, start))
    members = []
    at = _after_gap(text, start + 1)
    while text[at] not in "]}":
        begin, name = at, None
        if opening == "{":
            end = _scalar_end(text, at)
            name = json.loads(text[at:end])
            at = _after_gap(text, _after_gap(text, end) + 1)
        node = _node(text, at)
        members.append(Member(name, begin, node))
        at = _after_gap(text, node.end)
        if text[at] == ",":
            at = _after_gap(text, at + 1)
    return Node(start, at + 1, tuple(members))


def _after_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def _scalar_end(text: str, at: int) -> int:
    found = _SCALAR.match(text, at)
    if found is None:
        raise ValueError(f"no value at character {at}")
    return found.end()


def _rendered(name: str | None, new: Any, unit: str | None, lead: str | None) -> str:
    body = json.dumps(new, ensure_ascii=False, indent=unit)
    if lead is not None:
        body = body.replace("\n", lead)
    return body if name is None else f"{json.dumps(name, ensure_ascii=False)}: {body}"


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _unit(text: str) -> str | None:
    """What one level is indented by; None where all stands on one line."""
    root = parse(text)
    if not root.members:
        return "  "
    gap = text[root.start + 1 : root.members[0].start]
    return (gap.rpartition("\n")[2] or "  ") if "\n" in gap else None


def _indent_at(text: str, at: int) -> str:
    """The indentation of the line that a character is in."""
    found = _INDENT.match(text, text.rfind("\n", 0, at) + 1)
    return found[0] if found else ""
