"""Aider chat histories: markdown in which the prefix of a line says who speaks. One file holds many chats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.passages import Passage
from agent.adapters.transcripts.reading import FileReader, Skipped, text_lines, timestamp
from agent.domain.transcript import Action, Transcript

_START = re.compile(r"# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*$")
_EDITED = re.compile(r"^Applied edit to (.+?)\s*$", re.MULTILINE)
_RUNNING = re.compile(r"^Running (.+?)\s*$", re.MULTILINE)
_ASKING = re.compile(r"/(?:ask|code|architect|context|help)\s+(?=\S)")
_COMMAND = re.compile(r"/[a-z-]+(?: [^\n]*)?$")
_TYPED = "#### "
_LINE_BREAK = "  "
"""How Aider ends the lines it writes itself; the assistant's headings and quotes have no such ending."""


class AiderMarkdown(FileReader):
    format = "aider_markdown"

    def fits(self, head: bytes) -> bool:
        lines = head.decode("utf-8", "replace").splitlines()
        if any(_START.match(line) for line in lines):
            return True
        launched = any(line.startswith(("> $ aider", "> Aider v")) for line in lines)
        return launched and any(line.startswith("#### ") for line in lines)

    def read(self, path: Path) -> Iterator[Transcript]:
        ending = _ending(text_lines(path, Skipped()))
        skipped = Skipped()
        chat = _Chat(Conversation("aider", self.format, path), ending)
        for line in text_lines(path, skipped):
            if start := _START.match(line):
                if chat.begun:
                    yield chat.ended(skipped)
                chat = _Chat(Conversation("aider", self.format, path), ending, start[1])
            else:
                chat.take(line)
        yield chat.ended(skipped)


def _ending(lines: Iterable[str]) -> str:
    """How lines of the person and of tools end in this file: editors may have taken the line breaks out."""
    return _LINE_BREAK if any(x.startswith(_TYPED) and x.endswith(_LINE_BREAK) for x in lines) else ""


class _Chat:
    """One chat: gathers lines of the same speaker into turns."""

    def __init__(self, conversation: Conversation, ending: str, start: str = "") -> None:
        self._conversation = conversation
        self._ending = ending
        self._when = timestamp(start)
        self._passage = Passage()
        self._speaker = ""
        self._asked = ""
        self.begun = bool(start)
        conversation.id = start.replace(" ", "T")

    def take(self, line: str) -> None:
        self.begun = self.begun or bool(line.strip())
        speaker, text = self._told(line)
        if speaker != self._speaker:
            self._say()
            self._speaker = speaker
        self._passage.add(text, self._conversation.skipped)

    def ended(self, skipped: Skipped) -> Transcript:
        self._say()
        self._conversation.skipped.update(skipped)
        skipped.clear()
        return self._conversation.transcript()

    def _told(self, line: str) -> tuple[str, str]:
        """Who speaks in a line, and what. A blank line ends what a person or a tool said."""
        for prefix, speaker in ((_TYPED, "user"), ("> ", "tool")):
            if line.startswith(prefix) and line.endswith(self._ending):
                return speaker, line[len(prefix) :].rstrip()
        if line.strip() or self._speaker == "assistant":
            return "assistant", line
        return "", ""

    def _say(self) -> None:
        text = self._passage.taken()
        when, self._when = (self._when, None) if text.strip() else (None, self._when)
        if self._speaker == "user":
            self._user(text.strip(), when)
        elif self._speaker == "assistant":
            self._conversation.assistant(text, when)
        elif self._speaker == "tool":
            self._conversation.tool("aider", text.strip(), _action(text), when)

    def _user(self, text: str, when: datetime | None) -> None:
        """A command that asks something is followed by the question alone: it is one turn, not two."""
        asked = _ASKING.match(text)
        words = text[asked.end() :] if asked else text
        if asked is None and _COMMAND.match(text):
            self._conversation.skipped.note("command")
        elif words != self._asked:
            self._conversation.user(words, when)
        self._asked = words if asked else ""


def _action(text: str) -> Action:
    if edited := _EDITED.search(text):
        return Action("write", edited[1], True)
    if running := _RUNNING.search(text):
        return Action("run", running[1])
    return Action("other", "")
