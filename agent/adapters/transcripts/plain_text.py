"""Plain text in which each turn begins with its speaker: `Speaker: words`, at the start of a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.passages import Passage
from agent.adapters.transcripts.reading import FileReader, Skipped, names, text_lines, timestamp
from agent.domain.transcript import Role, Transcript

_LINE = re.compile(
    r"(?:\[(?P<when>[^\]\n]{4,40})\] ?)?"
    r"(?:\*\*)?(?P<name>[^\W\d_][\w .'’-]{0,39}?)(?:\*\*)?:(?:\*\*)?"
    r"(?:\s+(?P<text>.*))?$"
)
_FENCE = ("```", "~~~")
_NAMES_LIMIT = 1_000
_PEOPLE = frozenset(("you", "user", "human", "me", "person", "i", "customer"))
_ASSISTANTS = names(
    """assistant ai bot claude chatgpt gpt gemini copilot codex cursor model agent aider llm
    grok llama mistral deepseek perplexity chatbot"""
)


class PlainText(FileReader):
    format = "plain_text"

    def fits(self, head: bytes) -> bool:
        lines = head.decode("utf-8", "replace").lstrip("\ufeff").splitlines()
        first = next((line for line in lines if line.strip()), "")
        return bool(_LINE.match(first)) and bool(_cast(lines))

    def read(self, path: Path) -> Iterator[Transcript]:
        cast = _cast(text_lines(path, Skipped()))
        conversation = Conversation("text", self.format, path)
        reading = _Reading(conversation, cast)
        for line in text_lines(path, conversation.skipped):
            reading.take(line)
        reading.say()
        yield conversation.transcript()


def _cast(lines: Iterable[str]) -> dict[str, Role]:
    """Who speaks, and in which role; empty when this doesn't look like a conversation.

    Where both sides go by names that tell their role, other lines with a colon are part of what was said.
    """
    counts: Counter[str] = Counter()
    for line in _outside_fences(lines):
        if (found := _LINE.match(line)) and (found["name"] in counts or len(counts) < _NAMES_LIMIT):
            counts[found["name"]] += 1
    known = {name: role for name in counts if (role := _role(name))}
    if {"user", "assistant"} <= set(known.values()):
        return known
    unknown = [name for name in counts if name not in known]
    recurring = [name for name in unknown if counts[name] > 1]
    if len(recurring) + len(known) > 1:
        unknown = recurring
    if not known and (len(unknown) < 2 or not all(name[0].isupper() for name in unknown)):
        return {}
    missing: Role = "assistant" if "user" in known.values() else "user"
    if known:
        return known | dict.fromkeys(unknown[:1], missing)
    return {name: "user" if name == unknown[0] else "assistant" for name in unknown}


def _role(name: str) -> Role | None:
    plain = name.lower().strip()
    if plain in _PEOPLE:
        return "user"
    if plain in _ASSISTANTS:
        return "assistant"
    return "system" if plain == "system" else None


def _outside_fences(lines: Iterable[str]) -> Iterator[str]:
    fenced = False
    for line in lines:
        if line.lstrip().startswith(_FENCE):
            fenced = not fenced
        elif not fenced:
            yield line


class _Reading:
    """Gathers the lines of each turn."""

    def __init__(self, conversation: Conversation, cast: dict[str, Role]) -> None:
        self._conversation = conversation
        self._cast = cast
        self._name = ""
        self._when: datetime | None = None
        self._passage = Passage()
        self._fenced = False

    def take(self, line: str) -> None:
        if line.lstrip().startswith(_FENCE):
            self._fenced = not self._fenced
        found = None if self._fenced else _LINE.match(line)
        if found and found["name"] in self._cast:
            self.say()
            self._name = found["name"]
            self._when = timestamp(found["when"])
            line = found["text"] or ""
        self._passage.add(line, self._conversation.skipped)

    def say(self) -> None:
        text = self._passage.taken()
        role = self._cast.get(self._name)
        name = None if _role(self._name) else self._name
        if role == "user":
            self._conversation.user(text, self._when, name)
        elif role == "assistant":
            self._conversation.assistant(text, self._when, name)
        elif role == "system":
            self._conversation.system(text, self._when)
        elif text.strip():
            self._conversation.skipped.note("text before the first turn")
