"""Our entries in a host's settings, among those of others: found by the command they run, put in, and taken out again.

What the settings looked like where more than a list's end had to change is told in `Traces`, so that taking out gives
back the very bytes.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import dropwhile, pairwise
from typing import Any

from agent.interfaces.hooks import json_text, launcher
from agent.interfaces.hooks.json_text import Node

HOOKS, VERSION = "hooks", "version"
_SETS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
Entry = dict[str, Any]
"""What a host runs: a command and how long it may take."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What our entries displaced in one file."""

    empty: Mapping[str, str] = field(default_factory=dict)
    """The text of lists and objects that were there and held nothing, by event; `hooks` for the one that holds all, the
    empty name for the file."""
    version: bool = False
    """Whether the format's version was added with them."""
    hooks: bool = False
    """Whether there were hooks before, of whatever kind."""


class Unfit(ValueError):
    """Settings of a form that our entries have no place in."""


def entries(text: str, host: str) -> list[tuple[str, Entry]]:
    """Ours, by event, in the order they stand. Raises ValueError when the text is neither blank nor JSON."""
    return [(event, entry) for event, entry, _ in _found(text, host)]


def command_of(entry: Entry) -> list[str]:
    """The words of the command that an entry runs; none where it runs nothing that can be read."""
    command, rest = entry.get("command", entry.get("bash")), entry.get("args", [])
    if not isinstance(command, str) or not isinstance(rest, list):
        return []
    if rest:
        return [command, *map(str, rest)]
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    return list(dropwhile(_introduces, words))


def is_ours(words: list[str], host: str) -> bool:
    """Whether a command is `closer hook HOST …`, however closer is called, or a launcher's."""
    if words and launcher.is_one(words[0]):
        return words[1:2] == [host]
    program = os.path.basename(words[0]) if words else ""
    module = words[2].partition(".")[0] if words[1:2] == ["-m"] and len(words) > 2 else ""
    return (program == "closer" or module == "agent") and ("hook", host) in pairwise(words)


def _introduces(word: str) -> bool:
    """Whether the command is yet to come: after `exec`, or what sets a variable for it."""
    return word == "exec" or _SETS.match(word) is not None


def connect(text: str, wanted: Mapping[str, Entry], *, nested: bool, versioned: bool) -> tuple[str, Traces]:
    """The settings with an entry for each event. `nested`: entries stand in groups, as Claude Code has them.

    Raises Unfit, or ValueError when the text is neither blank nor JSON.
    """
    empty: dict[str, str] = {}
    if not text.strip():
        empty[""] = text
        text = "{}\n"
    elif not json_text.parse(text).members:
        empty[""] = text
    root = json_text.parse(text)
    _expect(text, root, "{", "they are no object")
    hooks, added = root.get(HOOKS) is not None, versioned and root.get(VERSION) is None
    if added:
        text = json_text.put(text, root, VERSION, 1)
    for event, entry in wanted.items():
        text = _added(text, event, {HOOKS: [entry]} if nested else entry, empty)
    return text, Traces(empty, added, hooks)


def disconnect(text: str, host: str, traces: Traces) -> str:
    """The settings without our entries, and without what held nothing else."""
    empty = traces.empty
    while found := next(_found(text, host), None):
        text = _removed(text, found[2], empty)
    if not text.strip():
        return text
    root = json_text.parse(text)
    version = root.member(VERSION)
    if traces.version and version is not None and (traces.hooks or root.get(HOOKS) is None):
        text = json_text.cut(text, root, version)
    if "" in empty and not json_text.parse(text).members:
        text = empty[""]
    return text


def _found(text: str, host: str) -> Iterator[tuple[str, Entry, list[int]]]:
    """Ours: event, entry, and the way to it as places among members, from the root on."""
    if not text.strip():
        return
    root = json_text.parse(text)
    at = root.member(HOOKS) if json_text.is_object(text, root) else None
    if at is None:
        return
    events = root.members[at].node
    if not json_text.is_object(text, events):
        return
    for e, event in enumerate(events.members):
        if not json_text.is_array(text, event.node):
            continue
        for way, entry in _handlers(text, event.node):
            if is_ours(command_of(entry), host):
                yield str(event.name), entry, [at, e, *way]


def _handlers(text: str, listed: Node) -> Iterator[tuple[list[int], Entry]]:
    """All entries of one event, of either form."""
    for n, member in enumerate(listed.members):
        if not json_text.is_object(text, member.node):
            continue
        yield [n], json_text.value(text, member.node)
        inner = member.node.member(HOOKS)
        if inner is None or not json_text.is_array(text, group := member.node.members[inner].node):
            continue
        for m, one in enumerate(group.members):
            if json_text.is_object(text, one.node):
                yield [n, inner, m], json_text.value(text, one.node)


def _added(text: str, event: str, element: Entry, empty: dict[str, str]) -> str:
    root = json_text.parse(text)
    events = root.get(HOOKS)
    if events is None:
        return json_text.put(text, root, HOOKS, {event: [element]})
    _expect(text, events, "{", "their `hooks` is no object")
    if not events.members:
        empty[HOOKS] = text[events.start : events.end]
    listed = events.get(event)
    if listed is None:
        return json_text.put(text, events, event, [element])
    _expect(text, listed, "[", f"their `{event}` is no list")
    if not listed.members:
        empty[event] = text[listed.start : listed.end]
    return json_text.put(text, listed, None, element)


def _removed(text: str, way: list[int], empty: Mapping[str, str]) -> str:
    """Take out the entry at the end of a way, and with it each group, list or object that held nothing else, up to one
    that was there and held nothing before."""
    nodes = [json_text.parse(text)]
    for step in way[:-1]:
        nodes.append(nodes[-1].members[step].node)
    if len(way) > 3 and len(nodes[-1].members) > 1:
        return json_text.cut(text, nodes[-1], way[-1])
    for depth, name in ((2, str(nodes[1].members[way[1]].name)), (1, HOOKS)):
        node = nodes[depth]
        if len(node.members) > 1:
            return json_text.cut(text, node, way[depth])
        if name in empty:
            return text[: node.start] + empty[name] + text[node.end :]
    return json_text.cut(text, nodes[0], way[0])


def _expect(text: str, node: Node, opening: str, otherwise: str) -> None:
    if text[node.start] != opening:
        raise Unfit(otherwise)
